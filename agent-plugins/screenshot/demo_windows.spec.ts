import { test } from '@japa/runner'
import { windowsOf } from './demo_scene.ts'
import { demoMoment } from './demo_windows.ts'

test.group('demoMoment', () => {
  test('every window is in front in its turn, the editor longest', ({ assert }) => {
    const seconds = Array.from({ length: 100 }, (_, second) => demoMoment(second).window)

    const count = (window: number) => seconds.filter((one) => one === window).length
    assert.deepEqual([count(0), count(1), count(2)], [60, 15, 25])
    assert.deepEqual(demoMoment(100), demoMoment(0))
  })

  test('there is input in most of each minute, never in all of it', ({ assert }) => {
    const busy = Array.from({ length: 60 }, (_, second) => demoMoment(second).hasInput)

    assert.equal(busy.filter(Boolean).length, 42)
  })
})

test.group('windowsOf', () => {
  test('lie on a display of {width} × {height}')
    .with([
      { width: 1440, height: 900 },
      { width: 800, height: 800 },
    ])
    .run(({ assert }, size) => {
      const windows = windowsOf(size)

      assert.lengthOf(windows, 3)
      for (const { x, y, width, height } of windows) {
        assert.isAtLeast(x, 0)
        assert.isAtLeast(y, 0)
        assert.isAtMost(x + width, size.width)
        assert.isAtMost(y + height, size.height)
      }
    })
})
