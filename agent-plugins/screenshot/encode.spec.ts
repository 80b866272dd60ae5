import { createHash, randomBytes } from 'node:crypto'
import { test } from '@japa/runner'
import sharp from 'sharp'
import { encode, pictureWidth } from './encode.ts'
import type { Frame } from './screen_source.ts'
import { fakeFrame } from './testing/main.ts'

const AS_IS = { format: 'auto', blur: 'none', quality: 60, maxWidth: 0 } as const

/** A frame of noise: more colours than any text screen has. */
function noise(width: number, height: number): Frame {
  const frame = fakeFrame('#000000', { width, height })
  randomBytes(frame.data.length).copy(frame.data)
  return frame
}

test.group('encode', () => {
  test('keeps every pixel of a screen with few colours, from {$self}')
    .with(['rgb', 'rgba', 'bgrx'] as const)
    .run(async ({ assert }, layout) => {
      const frame = fakeFrame('#336699', { width: 50, height: 30, layout })
      fakeFrame('#fefdfc', { width: 20, height: 1, layout }).data.copy(frame.data, 0)

      const picture = await encode(frame, AS_IS)

      const { data, info } = await sharp(picture.data).raw().toBuffer({ resolveWithObject: true })
      assert.containSubset(info, { width: 50, height: 30, channels: 3 })
      assert.equal(data.subarray(0, 3).toString('hex'), 'fefdfc')
      assert.equal(data.subarray(-3).toString('hex'), '336699')
    })

  test('keeps the colour of every pixel of a frame of {width} × {height} in {layout}')
    .with(
      (['rgba', 'bgrx'] as const).flatMap((layout) => [
        { layout, width: 37, height: 5 },
        { layout, width: 8, height: 4 },
      ])
    )
    .run(async ({ assert }, { layout, width, height }) => {
      const frame = fakeFrame('#000000', { width, height, layout })
      const colours = Array.from({ length: width * height }, (_, at) => [at, at + 1, 255 - at])
      colours.forEach(([red = 0, green = 0, blue = 0], at) => {
        frame.data.set(layout === 'bgrx' ? [blue, green, red] : [red, green, blue], at * 4)
      })

      const { data } = await encode(frame, { ...AS_IS, format: 'png' })

      assert.deepEqual([...(await sharp(data).raw().toBuffer())], colours.flat())
    })

  test('describes what it made', async ({ assert }) => {
    const picture = await encode(fakeFrame('#336699'), AS_IS)

    const { format } = await sharp(picture.data).metadata()
    assert.equal(format, 'webp')
    assert.containSubset(picture, { width: 64, height: 36, mediaType: 'image/webp' })
    assert.equal(picture.sha256, createHash('sha256').update(picture.data).digest('hex'))
  })

  test('stores {$self} where that is wanted')
    .with(['webp', 'png', 'jpeg', 'avif'] as const)
    .run(async ({ assert }, format) => {
      const frame = fakeFrame('#336699', { width: 64, height: 64 })

      const picture = await encode(frame, { ...AS_IS, format })

      assert.equal(picture.mediaType, `image/${format}`)
      const { data, info } = await sharp(picture.data).raw().toBuffer({ resolveWithObject: true })
      assert.containSubset(info, { width: 64, height: 64 })
      const far = [0x33, 0x66, 0x99].map((value, at) => Math.abs(value - (data[at] ?? 0)))
      assert.isAtMost(Math.max(...far), 4)
    })

  test('a {$self} blur leaves no line of one pixel, and the size of the picture')
    .with(['light', 'strong'] as const)
    .run(async ({ assert }, blur) => {
      const frame = fakeFrame('#ffffff', { width: 200, height: 100 })
      fakeFrame('#000000', { width: 200, height: 1 }).data.copy(frame.data, 50 * 200 * 3)

      const picture = await encode(frame, { ...AS_IS, blur })

      const { data, info } = await sharp(picture.data).raw().toBuffer({ resolveWithObject: true })
      assert.containSubset(info, { width: 200, height: 100 })
      assert.isAbove(Math.min(...data), 200)
    })

  for (const [what, make, blur, expected] of [
    ['text', () => fakeFrame('#336699'), 'none', 'image/webp'],
    ['a photograph', () => noise(200, 200), 'none', 'image/jpeg'],
    ['a blurred photograph', () => noise(200, 200), 'light', 'image/webp'],
  ] as const) {
    test(`by itself ${what} becomes ${expected}`, async ({ assert }) => {
      const picture = await encode(make(), { ...AS_IS, blur })

      assert.equal(picture.mediaType, expected)
      assert.equal(`image/${(await sharp(picture.data).metadata()).format}`, expected)
    })
  }

  test('a photograph stays WebP where a site wants that', async ({ assert }) => {
    assert.equal(
      (await encode(noise(200, 200), { ...AS_IS, format: 'webp' })).mediaType,
      'image/webp'
    )
  })

  test('stores a photograph with loss, smaller at a lower quality', async ({ assert }) => {
    const photograph = noise(200, 200)

    const { length } = photograph.data
    const fine = await encode(photograph, { ...AS_IS, quality: 70 })
    const coarse = await encode(photograph, { ...AS_IS, quality: 10 })

    assert.isBelow(fine.data.length, length / 2)
    assert.isBelow(coarse.data.length, fine.data.length / 2)
  })

  test('scales a picture that is wider than maxWidth', async ({ assert }) => {
    const scaled = await encode(noise(200, 100), { ...AS_IS, maxWidth: 50 })
    const small = await encode(noise(40, 20), { ...AS_IS, maxWidth: 50 })

    assert.containSubset(scaled, { width: 50, height: 25 })
    assert.containSubset(small, { width: 40, height: 20 })
  })

  test('encodes frames of different sizes one after the other', async ({ assert }) => {
    const colours = ['#ff0000', '#00ff00', '#0000ff']

    for (const [index, colour] of colours.entries()) {
      const frame = fakeFrame(colour, { width: 40 - index * 9, height: 20, layout: 'bgrx' })
      const picture = await encode(frame, AS_IS)
      const pixels = await sharp(picture.data).raw().toBuffer()
      assert.equal(`#${pixels.subarray(-3).toString('hex')}`, colour)
    }
  })
})

test.group('pictureWidth', () => {
  test('makes {width} × {height} {expected} wide')
    .with([
      { width: 1920, height: 1080, maxWidth: 0, expected: 1920 },
      { width: 1920, height: 1080, maxWidth: 1280, expected: 1280 },
      { width: 1920, height: 1080, maxWidth: 4000, expected: 1920 },
      { width: 20_000, height: 1000, maxWidth: 0, expected: 16_383 },
      { width: 1000, height: 32_766, maxWidth: 0, expected: 500 },
      { width: 10_000, height: 10_000, maxWidth: 0, expected: 6324 },
    ])
    .run(({ assert }, { width, height, maxWidth, expected }) => {
      assert.equal(pictureWidth(width, height, maxWidth), expected)
    })
})
