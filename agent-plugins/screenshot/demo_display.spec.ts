import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import { startXvfb } from '@worksight/agent-core/testing'
import { DEMO_COLOURS } from './demo_scene.ts'
import { isBlack, sameFrame } from './frame_hash.ts'
import type { Frame } from './screen_source.ts'
import { X11Source } from './x11_source.ts'

const PROGRAM = fileURLToPath(new URL('demo_display.ts', import.meta.url))

function startDemo(display: string | undefined) {
  const env = { ...process.env, DISPLAY: display }
  const demo = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  demo.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  return { demo, ended: once(demo, 'exit'), said: () => said }
}

/** Looks until `isThere` is true of a frame; gives up after fifty seconds. */
async function lookUntil(source: X11Source, isThere: (frame: Frame) => boolean): Promise<Frame> {
  const signal = AbortSignal.timeout(50_000)
  for (;;) {
    const [frame] = await source.capture(signal)
    if (frame && isThere(frame)) {
      return { ...frame, data: Buffer.from(frame.data) }
    }
  }
}

function coloursOf(frame: Frame): Set<string> {
  const colours = new Set<string>()
  for (let at = 0; at < frame.data.length; at += 4) {
    const [blue = 0, green = 0, red = 0] = frame.data.subarray(at, at + 3)
    colours.add(`#${Buffer.from([red, green, blue]).toString('hex')}`)
  }
  return colours
}

const PAINTED = ['brand', 'bar', 'editor', 'paper', 'chart'] as const

function hasColours(frame: Frame, names: readonly (keyof typeof DEMO_COLOURS)[]): boolean {
  const colours = isBlack(frame) ? new Set<string>() : coloursOf(frame)
  return names.every((name) => colours.has(DEMO_COLOURS[name]))
}

test.group('Demo display', () => {
  test('paints its desktop, moves, and ends when told to', async ({ assert, cleanup }) => {
    const xvfb = await startXvfb({ width: 1280, height: 720 })
    const source = new X11Source(xvfb.name)
    const { demo, ended, said } = startDemo(xvfb.name)
    cleanup(async () => {
      demo.kill('SIGKILL')
      await source.close()
      await xvfb.stop()
    })

    // what is painted comes piece by piece
    const first = await lookUntil(source, (frame) => hasColours(frame, PAINTED))
    await lookUntil(source, (frame) => !sameFrame(frame, first))
    demo.kill('SIGTERM')
    const [code] = await ended

    assert.isTrue(hasColours(first, PAINTED))
    assert.equal(code, 0)
    assert.equal(said(), '')
  }).timeout(60_000)

  test('fits a display of another size', async ({ assert, cleanup }) => {
    const xvfb = await startXvfb({ width: 800, height: 800 })
    const source = new X11Source(xvfb.name)
    const { demo, ended } = startDemo(xvfb.name)
    cleanup(async () => {
      demo.kill('SIGTERM')
      await ended
      await source.close()
      await xvfb.stop()
    })

    const frame = await lookUntil(source, (one) => hasColours(one, ['brand']))

    assert.deepEqual([frame.width, frame.height], [800, 800])
  }).timeout(60_000)

  test('ends with a sentence when there is no display')
    .with([undefined, ':59000'])
    .run(async ({ assert }, display) => {
      const { ended, said } = startDemo(display)

      const [code] = await ended

      assert.equal(code, 1)
      assert.match(said(), /^(Set DISPLAY|No X server answers on :59000)/)
      assert.notInclude(said(), '    at ')
    })
})
