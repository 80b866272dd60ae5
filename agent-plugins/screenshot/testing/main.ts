export { FakeScreen, fakeFrame } from './fake_screen.ts'
export { startXvfb, type VirtualDisplay } from '@worksight/agent-core/testing'
export { paintWindow, type PaintedWindow } from './virtual_display.ts'
export { openTextWindow, type TextWindow } from './text_window.ts'
