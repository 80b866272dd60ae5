import { test } from '@japa/runner'
import { countColours, differenceHash, isBlack, sameFrame } from './frame_hash.ts'
import type { Frame } from './screen_source.ts'
import { fakeFrame } from './testing/main.ts'

/** A frame whose every pixel is grey, as bright as `shade` says, 0 to 255. */
function painted(width: number, height: number, shade: (x: number, y: number) => number): Frame {
  const frame = fakeFrame('#000000', { width, height })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      frame.data.fill(Math.round(shade(x, y)), (y * width + x) * 3, (y * width + x + 1) * 3)
    }
  }
  return frame
}

function distance(one: string, other: string): number {
  return (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length
}

test.group('sameFrame', () => {
  test('is true for the same pixels alone', ({ assert }) => {
    const one = fakeFrame('#336699')
    const other = fakeFrame('#336699')
    assert.isTrue(sameFrame(one, other))

    other.data[other.data.length - 1] = 0x98
    assert.isFalse(sameFrame(one, other))
  })

  test('is false for another shape of the same bytes', ({ assert }) => {
    const wide = fakeFrame('#336699', { width: 64, height: 36 })
    const high = fakeFrame('#336699', { width: 36, height: 64 })

    assert.isFalse(sameFrame(wide, high))
  })
})

test.group('isBlack', () => {
  test('calls {colour} in {layout} {black}')
    .with(
      (['rgb', 'rgba', 'bgrx'] as const).flatMap((layout) => [
        { layout, colour: '#000000', black: true },
        { layout, colour: '#080808', black: true },
        { layout, colour: '#090000', black: false },
        { layout, colour: '#000009', black: false },
        { layout, colour: '#ffffff', black: false },
      ])
    )
    .run(({ assert }, { layout, colour, black }) => {
      assert.equal(isBlack(fakeFrame(colour, { layout })), black)
    })

  test('is false when one pixel differs', ({ assert }) => {
    const frame = fakeFrame('#000000')
    frame.data[frame.data.length - 1] = 1

    assert.isFalse(isBlack(frame))
  })
})

test.group('differenceHash', () => {
  test('is 16 digits: all ones where it brightens to the right, all zeros where it does not', ({
    assert,
  }) => {
    assert.equal(differenceHash(painted(180, 80, (x) => x)), 'ffffffffffffffff')
    assert.equal(differenceHash(painted(180, 80, (x) => 255 - x)), '0000000000000000')
    assert.equal(differenceHash(fakeFrame('#336699')), '0000000000000000')
  })

  test('does not depend on the layout of the pixels', ({ assert }) => {
    const hash = (layout: 'rgb' | 'bgrx') => {
      const frame = fakeFrame('#336699', { width: 90, height: 80, layout })
      const bright = fakeFrame('#cc9933', { width: 45, height: 80, layout })
      bright.data.copy(frame.data, frame.data.length / 2)
      return differenceHash(frame)
    }

    assert.equal(hash('rgb'), hash('bgrx'))
  })

  test('stays near for a small change and for another size', ({ assert }) => {
    const wave = (w: number, h: number) => (x: number, y: number) =>
      128 + 100 * Math.sin((9 * x) / w) * Math.cos((7 * y) / h)
    const screen = painted(640, 360, wave(640, 360))
    const changed = painted(640, 360, (x, y) => (x < 40 && y < 20 ? 0 : wave(640, 360)(x, y)))
    const smaller = painted(320, 180, wave(320, 180))

    assert.isAtMost(distance(differenceHash(screen), differenceHash(changed)), 4)
    assert.isAtMost(distance(differenceHash(screen), differenceHash(smaller)), 4)
  })

  test('reads frames smaller than its grid', ({ assert }) => {
    assert.equal(differenceHash(fakeFrame('#336699', { width: 1, height: 1 })), '0'.repeat(16))
  })
})

test.group('countColours', () => {
  test('counts the colours of a small frame, no further than asked', ({ assert }) => {
    const frame = painted(100, 100, (x) => x)

    assert.equal(countColours(frame, 1000), 100)
    assert.equal(countColours(frame, 10), 10)
    assert.equal(countColours(fakeFrame('#336699', { layout: 'bgrx' }), 1000), 1)
  })
})
