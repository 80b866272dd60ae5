export { capturing as default } from './agent_sites.ts'
