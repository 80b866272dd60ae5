import { test } from '@japa/runner'
import { MASK, mask } from './mask.ts'
import { PIXEL_BYTES } from './screen_source.ts'
import { fakeFrame } from './testing/main.ts'

const WHITE = '#ffffff'

/** The pixels of a frame as text, a row each: `#` is masked, `.` is as it was. */
function rows(frame: ReturnType<typeof fakeFrame>): string[] {
  const pixel = PIXEL_BYTES[frame.layout]
  return Array.from({ length: frame.height }, (_, row) =>
    Array.from({ length: frame.width }, (_unused, column) =>
      frame.data[(row * frame.width + column) * pixel] === MASK ? '#' : '.'
    ).join('')
  )
}

test.group('mask', () => {
  test('covers exactly the rectangle, from {$self}')
    .with(['rgb', 'rgba', 'bgrx'] as const)
    .run(({ assert }, layout) => {
      const frame = fakeFrame(WHITE, { width: 6, height: 4, layout })

      mask(frame, [{ x: 1, y: 1, width: 3, height: 2 }])

      assert.deepEqual(rows(frame), ['......', '.###..', '.###..', '......'])
    })

  test('covers what of it lies on the display: {what}')
    .with([
      { what: 'over the left upper corner', x: -2, y: -2, expected: ['##..', '##..', '....'] },
      { what: 'over the right lower corner', x: 2, y: 1, expected: ['....', '..##', '..##'] },
      { what: 'on another display', x: 10, y: 0, expected: ['....', '....', '....'] },
    ])
    .run(({ assert }, { x, y, expected }) => {
      const frame = fakeFrame(WHITE, { width: 4, height: 3 })

      mask(frame, [{ x, y, width: 4, height: 4 }])

      assert.deepEqual(rows(frame), expected)
    })

  test('is measured from the corner of the desktop', ({ assert }) => {
    const frame = fakeFrame(WHITE, { width: 4, height: 1, display: { x: 100, y: 50 } })

    mask(frame, [{ x: 102, y: 50, width: 1, height: 1 }])

    assert.deepEqual(rows(frame), ['..#.'])
  })

  test('covers whole pixels where the picture is larger or smaller than the display', ({
    assert,
  }) => {
    const large = fakeFrame(WHITE, { width: 6, height: 1, display: { width: 3, height: 1 } })
    const small = fakeFrame(WHITE, { width: 3, height: 1, display: { width: 6, height: 1 } })

    mask(large, [{ x: 1, y: 0, width: 1, height: 1 }])
    mask(small, [{ x: 1, y: 0, width: 2, height: 1 }])

    assert.deepEqual(rows(large), ['..##..'])
    assert.deepEqual(rows(small), ['##.'])
  })
})
