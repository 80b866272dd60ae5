import { test } from '@japa/runner'
import { isUuid, UuidSource, uuidv7 } from '../src/uuid.ts'

test.group('UuidSource', () => {
  test('makes version 7 of the moment', ({ assert }) => {
    const id = new UuidSource(() => 0x0192_0000_0001).next()

    assert.isTrue(isUuid(id))
    assert.isTrue(id.startsWith('01920000-0001-7'))
  })

  test('never goes back, however many a millisecond and whatever the clock does', ({ assert }) => {
    let now = 1_000_000
    const source = new UuidSource(() => now)
    const ids = Array.from({ length: 20_000 }, (_, index) => {
      now = index === 5_000 ? 0 : now
      return source.next()
    })

    assert.deepEqual(ids, [...ids].sort())
    assert.equal(new Set(ids).size, ids.length)
  })

  test('goes on after the last id of an earlier run', ({ assert }) => {
    const last = new UuidSource(() => 5_000).next()

    assert.isTrue(new UuidSource(() => 0, last).next() > last)
  })

  test('the one of this process goes up', ({ assert }) => {
    const ids = Array.from({ length: 1_000 }, uuidv7)

    assert.isTrue(ids.every(isUuid))
    assert.deepEqual(ids, [...ids].sort())
  })
})
