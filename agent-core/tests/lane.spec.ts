import { test } from '@japa/runner'
import { Lane } from '../src/lane.ts'

const most = () => 1
const DOWN = { status: 'keep', answered: false, reason: 'No answer', retryAfterMs: null } as const
const BROKEN = { ...DOWN, answered: true } as const

test.group('Lane', () => {
  test('waits longer with each failure, and not at all after a success', ({ assert }) => {
    const lane = new Lane(100, most)
    const waits = [1, 2, 3].map(() => {
      lane.failed(0, 100, DOWN)
      return lane.waitMs(0)
    })

    lane.passed(['a'])

    assert.deepEqual(waits, [2_000, 4_000, 8_000])
    assert.equal(lane.waitMs(0), 0)
    assert.isNull(lane.lastFailure)
  })

  test('halves a batch that the server keeps failing on, and grows again', ({ assert }) => {
    const lane = new Lane(100, most)
    const sizes = Array.from({ length: 6 }, () => {
      lane.failed(0, lane.size, BROKEN)
      return lane.size
    })

    lane.passed(['a'])

    assert.deepEqual(sizes, [100, 100, 50, 25, 12, 6])
    assert.equal(lane.size, 12)
  })

  test('does not halve while nobody answers', ({ assert }) => {
    const lane = new Lane(100, most)

    Array.from({ length: 9 }, () => lane.failed(0, 100, DOWN))

    assert.equal(lane.size, 100)
  })

  test('gives an item up only when others pass again and again and it never does', ({ assert }) => {
    const lane = new Lane(1, most)
    const alone = Array.from({ length: 50 }, () => lane.defer('bad', 0).giveUp)
    const amongOthers = Array.from({ length: 8 }, () => {
      lane.passed(['other'])
      return lane.defer('bad', 0).giveUp
    })

    assert.notInclude(alone, true)
    assert.isFalse(amongOthers[0])
    assert.isTrue(amongOthers.at(-1))
  })

  test('an item that failed by itself is due later than the rest', ({ assert }) => {
    const lane = new Lane(1, most)

    lane.defer('bad', 1_000)

    assert.isFalse(lane.isDue('bad', 1_001))
    assert.isTrue(lane.isDue('other', 1_001))
    assert.isTrue(lane.isDue('bad', 1_000 + (lane.deferredMs(1_000) ?? 0)))
  })

  test('stands still while a person must act, until the probe', ({ assert }) => {
    const lane = new Lane(1, most)

    lane.held(0, 'E_X', 'Enrol again', 900_000)

    assert.equal(lane.waitMs(0), 900_000)
    assert.equal(lane.waitMs(900_000), 0)
    assert.equal(lane.hold?.reason, 'Enrol again')
  })
})
