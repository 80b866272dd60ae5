import { StartFailure } from '#services/first_run/failure'
import { choosePort } from '#services/first_run/port'
import { instantWithOffset } from '#services/presentation'
import { hashSecret, makeEnrolmentCode, makePassword } from '#services/secrets'
import { verdict } from '#services/testing/part'
import { test } from '@japa/runner'
import { createServer } from 'node:net'

test.group('Instants with their offset', () => {
  test('{0} ms at {1} minutes is {2}')
    .with([
      [0, 0, '1970-01-01T00:00:00.000Z'],
      [1_795_342_800_123, 60, '2026-11-22T11:20:00.123+01:00'],
      [1_795_342_800_123, -210, '2026-11-22T06:50:00.123-03:30'],
      [1_795_342_800_123, 825, '2026-11-23T00:05:00.123+13:45'],
    ] as [number, number, string][])
    .run(({ assert }, [instant, offset, text]) => {
      assert.equal(instantWithOffset(instant, offset), text)
      assert.equal(Date.parse(text), instant)
    })
})

test.group('Secrets', () => {
  test('an enrolment code has at least 128 bits and is never the same twice', ({ assert }) => {
    const codes = Array.from({ length: 200 }, makeEnrolmentCode)

    assert.lengthOf(new Set(codes), 200)
    for (const code of codes) {
      assert.match(code, /^wse_(?:[0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]$/)
    }
  })

  test('a made password is long enough for an account', ({ assert }) => {
    for (const password of Array.from({ length: 50 }, makePassword)) {
      assert.isAtLeast(password.length, 16)
    }
  })

  test('a hash is SHA-256', ({ assert }) => {
    assert.equal(
      hashSecret('abc'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    )
  })
})

test.group('Choosing a port', () => {
  const listen = () =>
    new Promise<{ port: number; close: () => void }>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve({
          port: typeof address === 'object' && address ? address.port : 0,
          close: () => server.close(),
        })
      })
    })

  test('takes the next free one where none was asked for', async ({ assert, cleanup }) => {
    const { port, close } = await listen()
    cleanup(close)

    assert.isAbove(await choosePort('127.0.0.1', port, null), port)
  })

  test('fails with exit code 9 where the asked one is taken', async ({ assert, cleanup }) => {
    const { port, close } = await listen()
    cleanup(close)

    const failure = await choosePort('127.0.0.1', 3333, port).catch((error: unknown) => error)

    assert.instanceOf(failure, StartFailure)
    assert.equal((failure as StartFailure).exitCode, 9)
    assert.include((failure as StartFailure).message, String(port))
  })
})

test.group('Totals of a test run', () => {
  test('{0} with exit code {1} is {2} passed and {3} failed')
    .with([
      ['Tests  12 passed (12)', 0, 12, 0],
      ['\u001b[1mTests\u001b[22m  12 passed, 3 failed (15)', 1, 12, 3],
      ['Tests  12 passed (12)', 1, 12, 1],
      ['Tests  3 passed, 1 skipped (4)', 0, 3, 1],
      ['nothing', 0, 0, 1],
      ['nothing', null, 0, 1],
    ] as [string, number | null, number, number][])
    .run(({ assert }, [output, code, passed, failed]) => {
      assert.deepEqual(verdict(output, code), { passed, failed })
    })
})
