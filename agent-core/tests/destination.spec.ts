import { test } from '@japa/runner'
import { BACKOFF } from '../src/backoff.ts'
import { Destination, OPENS_AFTER } from '../src/destination.ts'

const always = () => 1

test.group('destination', () => {
  test('is left alone after failures in a row, and asked again when its time has come', ({
    assert,
  }) => {
    const drive = new Destination('drive', always)
    Array.from({ length: OPENS_AFTER - 1 }, () => drive.failed(0, 'ECONNREFUSED'))
    const before = [drive.state, drive.waitMs(0)]

    drive.failed(0, 'ECONNREFUSED')

    const ms = BACKOFF.firstMs * 2 ** (OPENS_AFTER - 1)
    assert.deepEqual(before, ['closed', 0])
    assert.deepEqual(drive.status(1_000), {
      name: 'drive',
      state: 'open',
      failures: OPENS_AFTER,
      reason: 'ECONNREFUSED',
      nextAttemptMs: ms - 1_000,
    })
    assert.equal(drive.waitMs(ms), 0)
  })

  test('is half open while one attempt finds out, and closed by the first that passes', ({
    assert,
  }) => {
    const drive = new Destination('drive', always)
    Array.from({ length: OPENS_AFTER }, () => drive.failed(0, '503'))

    drive.begins()
    const during = drive.state
    drive.failed(10_000, '503')
    drive.ends()
    const after = [drive.state, drive.waitMs(10_000) > BACKOFF.firstMs]
    drive.begins()
    const wasOpen = drive.passed()
    drive.ends()

    assert.equal(during, 'half_open')
    assert.deepEqual(after, ['open', true])
    assert.isTrue(wasOpen)
    assert.containSubset(drive.status(10_000), { state: 'closed', failures: 0, reason: null })
    assert.isFalse(drive.passed())
  })

  test('waits at least as long as it asked for', ({ assert }) => {
    const drive = new Destination('drive', always)
    Array.from({ length: OPENS_AFTER }, () => drive.failed(0, '429', 60_000))

    assert.equal(drive.waitMs(0), 60_000)
  })
})
