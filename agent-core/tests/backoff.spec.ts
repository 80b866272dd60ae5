import { test } from '@japa/runner'
import { backoff, retryAfterMs } from '../src/backoff.ts'

const NOW = Date.UTC(2026, 10, 22, 10)

test.group('backoff', () => {
  test('{0} failures in a row wait at most {1} ms')
    .with([
      [1, 2_000],
      [2, 4_000],
      [3, 8_000],
      [8, 256_000],
      [9, 300_000],
      [1000, 300_000],
    ] as const)
    .run(({ assert }, [failures, most]) => {
      assert.equal(
        backoff(failures, null, () => 1),
        most
      )
      assert.equal(
        backoff(failures, null, () => 0.5),
        most / 2
      )
    })

  test('never waits less than half a second', ({ assert }) => {
    assert.equal(
      backoff(5, null, () => 0),
      500
    )
  })

  test('what the server asks for is a floor, capped at an hour', ({ assert }) => {
    assert.equal(
      backoff(1, 60_000, () => 1),
      60_000
    )
    assert.equal(
      backoff(9, 60_000, () => 1),
      300_000
    )
    assert.equal(
      backoff(1, 86_400_000, () => 1),
      3_600_000
    )
  })

  test('reads Retry-After {0} as {1}')
    .with([
      ['120', 120_000],
      ['0', 0],
      [' 5 ', 5_000],
      ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
      ['Sunday, 22-Nov-26 10:00:30 GMT', 30_000],
      ['Sun Nov 22 10:00:30 2026 GMT', null],
      ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
      ['-5', null],
      ['1.5', null],
      ['soon', null],
      ['', null],
      [undefined, null],
    ] as const)
    .run(({ assert }, [header, expected]) => {
      assert.equal(retryAfterMs(header, NOW), expected)
    })
})
