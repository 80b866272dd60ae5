import { openKnownWindow } from '#tests/support/known_window'
import { World, until } from '#tests/support/world'
import { runToEnd } from '#services/first_run/processes'
import { test } from '@japa/runner'
import sharp from 'sharp'

type Pixels = { readonly data: Buffer; readonly width: number; readonly height: number }
type Colour = readonly [red: number, green: number, blue: number]

const COLOUR = '#12ab34'
const WINDOW = { x: 217, y: 143, width: 480, height: 200 }

test.group('The picture on the server', (group) => {
  let world: World

  group.setup(async () => {
    world = await World.make()
    const { enrolment_code: code } = await world.setUp()
    await world.startDisplay(1280, 720)
    await world.startServer()
    world.startDemo()
    await world.enrol(code)
    world.startAgent()
    await until(() => world.screenshots().length > 1, 'screenshots are on the server')
    return () => world.end()
  })

  test('is the picture on the display', async ({ assert }) => {
    const display = await runToEnd(
      ['import', '-silent', '-window', 'root', '-depth', '8', `${world.folder}/display.png`],
      { cwd: world.folder, env: { DISPLAY: world.display } }
    )

    assert.equal(display.code, 0, display.stderr)
    const stored = await pixels(await newestAfter(world, Date.now()))
    const shown = await pixels(`${world.folder}/display.png`)
    assert.deepEqual([stored.width, stored.height], [1280, 720])
    assert.deepEqual([shown.width, shown.height], [1280, 720])
    // a lossy picture, and a display that went on between the two looks
    assert.isAbove(sameShare(stored, shown), 0.96)
  })

  test('has a window where it was, in its colour, with its text', async ({ assert, cleanup }) => {
    const window = await openKnownWindow(world.display, WINDOW, {
      colour: COLOUR,
      text: 'WorkSight 4711',
    })
    cleanup(window.close)

    const stored = await pixels(await newestAfter(world, Date.now()))

    const box = boxOf(stored, [0x12, 0xab, 0x34])
    for (const side of ['x', 'y', 'width', 'height'] as const) {
      assert.closeTo(box[side], WINDOW[side], 2, side)
    }
    const inWindow = crop(stored, WINDOW)
    const expected = { ...WINDOW, data: window.pixels }
    // around letters a lossy picture mixes the colours
    assert.isAbove(sameShare(inWindow, expected), 0.9)
    assert.isAbove(letters(expected).length, 2000)
    assert.isAbove(shareOf(inWindow, letters(expected)), 0.95)
  })
})

/** File of a screenshot that was taken after an instant, in milliseconds. */
async function newestAfter(world: World, instant: number): Promise<string> {
  const newest = () => world.screenshots().findLast((shot) => shot.captured_at > instant)
  await until(() => newest() !== undefined, 'a newer screenshot is on the server')
  return newest()?.path ?? ''
}

async function pixels(path: string): Promise<Pixels> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Share of pixels that look the same in both. */
function sameShare(one: Pixels, other: Pixels): number {
  const all = Array.from({ length: one.width * one.height }, (_, index) => index)
  return all.filter((index) => isNear(one, index, colourAt(other, index))).length / all.length
}

/** The rectangle around all pixels of a colour. */
function boxOf(picture: Pixels, colour: Colour) {
  const [columns, rows] = [new Set<number>(), new Set<number>()]
  for (let index = 0; index < picture.width * picture.height; index += 1) {
    if (isNear(picture, index, colour)) {
      columns.add(index % picture.width)
      rows.add(Math.floor(index / picture.width))
    }
  }
  const [x, y] = [Math.min(...columns), Math.min(...rows)]
  return { x, y, width: Math.max(...columns) - x + 1, height: Math.max(...rows) - y + 1 }
}

function crop({ data, width }: Pixels, area: typeof WINDOW): Pixels {
  const rows = Array.from({ length: area.height }, (_, row) => {
    const start = ((area.y + row) * width + area.x) * 3
    return data.subarray(start, start + area.width * 3)
  })
  return { data: Buffer.concat(rows), width: area.width, height: area.height }
}

/** Indexes of the pixels that are white: those in the middle of a stroke. */
function letters(picture: Pixels): number[] {
  const all = Array.from({ length: picture.width * picture.height }, (_, index) => index)
  return all.filter((index) => colourAt(picture, index).every((channel) => channel > 250))
}

/** Share of the given pixels that are nearly white. */
function shareOf(picture: Pixels, indexes: readonly number[]): number {
  const white = indexes.filter((index) => Math.min(...colourAt(picture, index)) > 180)
  return white.length / indexes.length
}

function colourAt({ data }: Pixels, index: number): Colour {
  return [data[index * 3] ?? 0, data[index * 3 + 1] ?? 0, data[index * 3 + 2] ?? 0]
}

/** Within 16 in each channel: lossy pictures move a little. */
function isNear(picture: Pixels, index: number, colour: Colour): boolean {
  return colourAt(picture, index).every(
    (channel, at) => Math.abs(channel - (colour[at] ?? 0)) <= 16
  )
}
