export { ScriptedDesktop } from './scripted_desktop.ts'
