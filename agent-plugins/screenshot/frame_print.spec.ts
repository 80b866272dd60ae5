import { test } from '@japa/runner'
import { isNearlySame, isSame, printOf } from './frame_print.ts'
import type { PixelLayout } from './screen_source.ts'
import { fakeFrame } from './testing/main.ts'

const SIZE = { width: 640, height: 360 } as const
const LAYOUTS: PixelLayout[] = ['rgb', 'rgba', 'bgrx']

/** A grey frame with a white rectangle on it. */
function withPatch(
  layout: PixelLayout,
  { x = 0, y = 0, width = 0, height = 0 }: Partial<Record<'x' | 'y' | 'width' | 'height', number>>
) {
  const frame = fakeFrame('#808080', { ...SIZE, layout })
  const pixel = frame.data.length / (SIZE.width * SIZE.height)
  for (let row = y; row < y + height; row++) {
    frame.data.fill(255, (row * SIZE.width + x) * pixel, (row * SIZE.width + x + width) * pixel)
  }
  return frame
}

test.group('FramePrint', () => {
  test('is the same for the same pixels alone, in {$self}')
    .with(LAYOUTS)
    .run(async ({ assert }, layout) => {
      const print = await printOf(withPatch(layout, {}))

      assert.isTrue(isSame(print, withPatch(layout, {})))
      assert.isFalse(isSame(print, withPatch(layout, { x: 639, y: 359, width: 1, height: 1 })))
    })

  test('is another one for another shape of the same bytes', async ({ assert }) => {
    const print = await printOf(fakeFrame('#336699', { width: 64, height: 36 }))
    const high = fakeFrame('#336699', { width: 36, height: 64 })

    assert.isFalse(isSame(print, high))
    assert.isFalse(isNearlySame(print, high, 1000))
  })

  test('{what} is {nearly}, in {layout}')
    .with(
      LAYOUTS.flatMap((layout) => [
        { layout, what: 'nothing at all', patch: {}, nearly: true },
        {
          layout,
          what: 'a cursor',
          patch: { x: 60, y: 60, width: 10, height: 20 },
          nearly: true,
        },
        {
          layout,
          what: 'a line of text',
          patch: { x: 0, y: 5, width: 180, height: 10 },
          nearly: false,
        },
        {
          layout,
          what: 'a small window',
          patch: { x: 20, y: 20, width: 90, height: 50 },
          nearly: false,
        },
      ])
    )
    .run(async ({ assert }, { layout, patch, nearly }) => {
      const print = await printOf(withPatch(layout, {}))

      assert.equal(isNearlySame(print, withPatch(layout, patch), 4), nearly)
    })

  test('a small display that changed as a whole is another one', async ({ assert }) => {
    const print = await printOf(fakeFrame('#336699'))

    assert.isFalse(isNearlySame(print, fakeFrame('#339966'), 4))
  })

  test('what grows little by little is no longer nearly the same', async ({ assert }) => {
    const print = await printOf(withPatch('bgrx', {}))
    const until = [10, 40, 70, 100, 130, 160].map((width) =>
      isNearlySame(print, withPatch('bgrx', { y: 40, width, height: 10 }), 4)
    )

    assert.deepEqual(until, [true, true, true, true, false, false])
  })
})
