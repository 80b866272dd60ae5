import { World, until } from '#tests/support/world'
import { runToEnd } from '#services/first_run/processes'
import { DEMO_COLOURS } from '../../../agent-plugins/screenshot/demo_scene.ts'
import { test } from '@japa/runner'
import sharp from 'sharp'

test.group('The picture on the server', () => {
  test('is the picture on the display', async ({ assert, cleanup }) => {
    const world = await World.make()
    cleanup(() => world.end())
    const { enrolment_code: code } = await world.setUp()
    await world.startDisplay(1280, 720)
    await world.startServer()
    world.startDemo()
    await world.enrol(code)
    world.startAgent()
    await until(() => world.screenshots().length > 2, 'screenshots are on the server')

    const shot = world.screenshots().at(-1)
    const display = await runToEnd(
      ['import', '-silent', '-window', 'root', '-depth', '8', `${world.folder}/display.png`],
      { cwd: world.folder, env: { DISPLAY: world.display } }
    )

    assert.equal(display.code, 0, display.stderr)
    const stored = await pixels(shot?.path ?? '')
    const shown = await pixels(`${world.folder}/display.png`)
    assert.deepEqual([stored.width, stored.height], [1280, 720])
    assert.deepEqual([shown.width, shown.height], [1280, 720])
    assert.isAbove(sameShare(stored.data, shown.data), 0.97)
    assert.isAbove(share(stored.data, DEMO_COLOURS), 0.02)
  })
})

async function pixels(path: string) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Share of pixels whose three channels are within 16 of each other: lossy pictures move a little. */
function sameShare(one: Buffer, other: Buffer): number {
  let same = 0
  for (let at = 0; at < one.length; at += 3) {
    same += isNear(one, at, [other[at] ?? 0, other[at + 1] ?? 0, other[at + 2] ?? 0]) ? 1 : 0
  }
  return same / (one.length / 3)
}

/** Share of pixels that have one of the colours, given as `#rrggbb`. */
function share(data: Buffer, colours: Readonly<Record<string, string>>): number {
  const wanted = Object.values(colours).map((colour) => [...Buffer.from(colour.slice(1), 'hex')])
  let found = 0
  for (let at = 0; at < data.length; at += 3) {
    found += wanted.some((colour) => isNear(data, at, colour)) ? 1 : 0
  }
  return found / (data.length / 3)
}

function isNear(data: Buffer, at: number, colour: readonly number[]): boolean {
  return [0, 1, 2].every(
    (channel) => Math.abs((data[at + channel] ?? 0) - (colour[channel] ?? 0)) <= 16
  )
}
