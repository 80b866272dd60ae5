import { DEAD_DISPLAY, onClosedDesktop, onDesktop } from '@worksight/agent-core/testing'
import { pluginContract, type Cleanup } from '@worksight/agent-core/testing/plugin_contract'
import { chooseSource } from './choose_source.ts'
import { Screenshot } from './main.ts'
import { ScreenshotDesktopSource } from './screenshot_desktop_source.ts'
import { FakeScreen } from './testing/fake_screen.ts'

pluginContract({
  name: 'screenshot',
  make: (options) => new Screenshot(options, { choose: new FakeScreen().choose, env: {} }),
  wrong: [
    { options: { intervalSeconds: 0 }, named: 'intervalSeconds', expected: 'a number from 0.1' },
    { options: { intervalSeconds: '10' }, named: 'intervalSeconds', expected: 'a number from' },
    { options: { jitter: 0.6 }, named: 'jitter', expected: 'a number from 0 to 0.5' },
    { options: { source: 'camera' }, named: 'source', expected: 'one of auto, ' },
    { options: { format: 'gif' }, named: 'format', expected: 'one of auto, webp, png, jpeg, avif' },
    { options: { blur: 'some' }, named: 'blur', expected: 'one of none, light, strong' },
    { options: { timing: 'late' }, named: 'timing', expected: 'one of fixed, random' },
    { options: { keepLocalDays: -1 }, named: 'keepLocalDays', expected: 'a number from 0' },
    { options: { quality: 101 }, named: 'quality', expected: 'a whole number from 1 to 100' },
    { options: { quality: 59.5 }, named: 'quality', expected: 'a whole number' },
    { options: { maxWidth: -1 }, named: 'maxWidth', expected: 'a whole number from 0' },
    {
      options: { forceEverySeconds: Number.NaN },
      named: 'forceEverySeconds',
      expected: 'a number from 0',
    },
  ],
  missing: [
    {
      what: 'no display',
      make: (cleanup) => screenshotOn(cleanup, {}),
      state: 'unavailable',
      reason: /^There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set\.$/,
    },
    {
      what: 'a display that nobody serves',
      make: (cleanup) => screenshotOn(cleanup, { DISPLAY: DEAD_DISPLAY }),
      state: 'unavailable',
      // once, although more than one source says it, and nothing is to be installed that is there
      reason: /^(?!.*(?:apt install|answers.*answers)).*No X server answers on :59000\./,
    },
    {
      what: 'Wayland',
      make: (cleanup) => screenshotOn(cleanup, { WAYLAND_DISPLAY: 'wayland-0' }),
      state: 'unavailable',
      reason: /Wayland session cannot be seen yet: choose the Xorg session/,
    },
    {
      what: 'a wrong XAUTHORITY',
      make: async (cleanup) => {
        await onClosedDesktop(cleanup, 'wrong')
        return new Screenshot({}, { env: {} })
      },
      state: 'permission',
      reason: /^The X server \S+ does not let this account in: set XAUTHORITY to its cookie file\./,
    },
    {
      what: 'a cookie file that cannot be read',
      make: async (cleanup) => {
        await onClosedDesktop(cleanup, 'unreadable')
        return new Screenshot({}, { env: {} })
      },
      state: 'permission',
      reason: /^The X cookie file \S+ cannot be read/,
    },
    {
      what: 'no permission of macOS',
      make: () => {
        const refused = async () => {
          throw new Error('could not create image from display')
        }
        const snapshot = Object.assign(refused, {
          listDisplays: async () => [{ id: 1, name: 'a' }],
        })
        const make = () => new ScreenshotDesktopSource(snapshot, 'darwin')
        return new Screenshot(
          {},
          {
            choose: (wanted, signal) => chooseSource(wanted, signal, make, {}, 'darwin'),
            env: {},
          }
        )
      },
      state: 'permission',
      reason: /System Settings . Privacy & Security . Screen Recording/,
    },
  ],
})

/** The plugin on a desktop that this environment names. */
function screenshotOn(cleanup: Cleanup, env: Parameters<typeof onDesktop>[1]): Screenshot {
  onDesktop(cleanup, env)
  return new Screenshot({}, { env: {} })
}
