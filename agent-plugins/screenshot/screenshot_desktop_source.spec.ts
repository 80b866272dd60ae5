import { test } from '@japa/runner'
import sharp from 'sharp'
import { ScreenshotDesktopSource, type Snapshot } from './screenshot_desktop_source.ts'

const soon = () => AbortSignal.timeout(50_000)

type Listed = Awaited<ReturnType<Snapshot['listDisplays']>>

/** A package whose every shot is a PNG of one colour. */
function snapshotOf(listed: Listed, colour = '#336699'): Snapshot {
  const shot = () =>
    sharp({ create: { width: 64, height: 36, channels: 4, background: colour } })
      .png()
      .toBuffer()
  return Object.assign(shot, { listDisplays: async () => listed })
}

test.group('ScreenshotDesktopSource', () => {
  test('gives raw frames of every display', async ({ assert }) => {
    const snapshot = snapshotOf([
      { id: 'HDMI-1', width: 64, height: 36, offsetX: 0, offsetY: 0, primary: true },
      { id: 'DP-1', width: 64, height: 36, offsetX: 64, offsetY: 0, primary: false },
    ])

    const frames = await new ScreenshotDesktopSource(snapshot, 'linux').capture(soon())

    assert.deepEqual(
      frames.map((frame) => frame.display),
      [
        { id: 'HDMI-1', x: 0, y: 0, width: 64, height: 36, primary: true },
        { id: 'DP-1', x: 64, y: 0, width: 64, height: 36, primary: false },
      ]
    )
    assert.containSubset(frames[0], { width: 64, height: 36, layout: 'rgb' })
    assert.equal(frames[0]?.data.length, 64 * 36 * 3)
    assert.equal(frames[0]?.data.subarray(0, 3).toString('hex'), '336699')
  })

  test('fills in what {platform} does not tell of a display')
    .with([
      {
        platform: 'win32',
        listed: { id: '\\\\.\\DISPLAY1', left: -64, top: 0, right: 0, bottom: 36 },
        display: { id: '\\\\.\\DISPLAY1', x: -64, y: 0, width: 64, height: 36, primary: true },
      },
      {
        platform: 'darwin',
        listed: { id: 0, name: 'Color LCD', primary: true },
        display: { id: 'Color LCD', x: 0, y: 0, width: 64, height: 36, primary: true },
      },
    ] as const)
    .run(async ({ assert }, { platform, listed, display }) => {
      const source = new ScreenshotDesktopSource(snapshotOf([listed]), platform)

      const [frame] = await source.capture(soon())

      assert.deepEqual(frame?.display, display)
    })

  test('calls the first display primary where none is', async ({ assert }) => {
    const snapshot = snapshotOf([
      { id: 'screen', primary: false },
      { id: 'other', primary: false },
    ])

    const frames = await new ScreenshotDesktopSource(snapshot, 'linux').capture(soon())

    assert.deepEqual(
      frames.map((frame) => frame.display.primary),
      [true, false]
    )
  })

  test('says on {platform} what it needs when there is no picture')
    .with([
      { platform: 'linux', state: 'unavailable', need: 'apt install' },
      { platform: 'win32', state: 'unavailable', need: '.NET' },
      { platform: 'darwin', state: 'permission', need: 'Screen Recording' },
    ] as const)
    .run(async ({ assert }, { platform, state, need }) => {
      const failing = snapshotOf([])
      failing.listDisplays = () =>
        Promise.reject(new Error('Command failed: xrandr\n/bin/sh: 1: xrandr: not found'))
      const source = new ScreenshotDesktopSource(failing, platform)

      const error = await source.capture(soon()).catch((thrown: unknown) => thrown)

      assert.containSubset(error, { state })
      assert.include(String(error), need)
    })

  test('names nothing to install where the programs are there and fail', async ({ assert }) => {
    const failing = snapshotOf([])
    failing.listDisplays = () =>
      Promise.reject(new Error("Command failed: xrandr\nCan't open display :0"))
    const source = new ScreenshotDesktopSource(failing, 'linux')

    const error = await source.capture(soon()).catch((thrown: unknown) => thrown)

    assert.notInclude(String(error), 'apt install')
    assert.include(String(error), 'Command failed: xrandr')
  })
})
