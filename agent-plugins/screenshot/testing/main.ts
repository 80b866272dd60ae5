export { FakeScreen, fakeFrame } from './fake_screen.ts'
export {
  paintWindow,
  startXvfb,
  type PaintedWindow,
  type VirtualDisplay,
} from './virtual_display.ts'
