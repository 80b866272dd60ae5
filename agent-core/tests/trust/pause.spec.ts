import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import fc from 'fast-check'
import { durationMs } from '../../src/trust/duration.ts'
import { Pause } from '../../src/trust/pause.ts'
import { ManualClock, temporaryFolder } from '../../testing/main.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Noon of the machine's zone, so that the day ends twelve hours later wherever this runs. */
const NOON = new Date(2026, 2, 2, 12).getTime()

test.group('Pause', (group) => {
  let dataDir = ''
  let clock = new ManualClock(NOON)
  group.each.setup(async () => {
    const { path, remove } = await temporaryFolder()
    dataDir = path
    clock = new ManualClock(NOON)
    return remove
  })

  const opened = (changed?: (current: unknown) => void) => {
    const pause = new Pause({ dataDir, clock, ...(changed === undefined ? {} : { changed }) })
    pause.load()
    return pause
  }
  const asked = (minutes: number) =>
    ({ kind: 'pause', from: 'command', ms: minutes * MINUTE }) as const

  test('a pause ends by itself, and says so', async ({ assert }) => {
    const seen: boolean[] = []
    const pause = opened((current) => seen.push(current !== null))

    pause.start(asked(30))
    await clock.pass(30 * MINUTE - 1)
    assert.isNotNull(pause.current())
    await clock.pass(1)

    assert.isNull(pause.current())
    assert.deepEqual(seen, [true, false])
    assert.deepEqual(pause.untold(), [{ from: NOON, until: NOON + 30 * MINUTE, isTold: false }])
  })

  test('it holds across a restart, in a file of its user alone', async ({ assert }) => {
    opened().start(asked(30))
    clock.jump(10 * MINUTE)

    assert.equal(opened().current()?.until, NOON + 30 * MINUTE)
    assert.equal((await stat(join(dataDir, 'pause.json'))).mode & 0o777, 0o600)

    clock.jump(HOUR)
    const later = opened()
    assert.isNull(later.current())
    assert.deepEqual(later.untold(), [{ from: NOON, until: NOON + 30 * MINUTE, isTold: false }])
  })

  test('what a gap tells of is not told again, and still counts for the day', ({ assert }) => {
    const pause = opened()
    pause.limit(60)
    pause.start(asked(20))
    clock.jump(20 * MINUTE)

    pause.untold().forEach((past) => pause.told(past))

    assert.deepEqual(opened().untold(), [])
    assert.equal(opened().leftMs(), 40 * MINUTE)
  })

  test('private time lasts until it is ended, without a cap', async ({ assert }) => {
    const pause = opened()
    pause.start({ kind: 'private', from: 'command', ms: null })
    await clock.pass(6 * HOUR)

    assert.equal(pause.current()?.kind, 'private')
    pause.end()
    assert.isNull(pause.current())
  })

  test('the cap ends a pause, refuses the next one, and is new on the next day', async ({
    assert,
  }) => {
    const pause = opened()
    pause.limit(45)

    pause.start(asked(30))
    assert.deepInclude(pause.report(), { pauseLeftMs: 15 * MINUTE })
    await clock.pass(30 * MINUTE)
    pause.start({ kind: 'private', from: 'page', ms: null })
    assert.equal(pause.current()?.until, NOON + 45 * MINUTE)
    await clock.pass(15 * MINUTE)

    assert.isNull(pause.current())
    assert.containsSubset(pause.start(asked(1)), { status: 'refused' })
    await clock.pass(12 * HOUR)
    assert.deepEqual(pause.start(asked(1)), { status: 'paused' })
  })

  test('a cap that comes during a pause shortens it', ({ assert }) => {
    const pause = opened()
    pause.start({ kind: 'private', from: 'command', ms: null })
    clock.jump(20 * MINUTE)

    pause.limit(30)

    assert.equal(pause.current()?.until, NOON + 30 * MINUTE)
  })

  test('no order of wishes pauses longer in a day than the cap', async ({ assert }) => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('start' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
      fc.record({ do: fc.constant('private' as const), minutes: fc.constant(0) }),
      fc.record({ do: fc.constant('end' as const), minutes: fc.constant(0) }),
      fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 60 }) })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { path, remove } = await temporaryFolder()
        const time = new ManualClock(NOON - 11 * HOUR)
        const pause = new Pause({ dataDir: path, clock: time })
        pause.load()
        pause.limit(60)
        let paused = 0
        for (const { do: what, minutes } of steps) {
          if (what === 'start') {
            pause.start({ kind: 'pause', from: 'command', ms: minutes * MINUTE })
          } else if (what === 'private') {
            pause.start({ kind: 'private', from: 'command', ms: null })
          } else if (what === 'end') {
            pause.end()
          }
          for (let minute = 0; what === 'wait' && minute < minutes; minute += 1) {
            paused += pause.current() === null ? 0 : 1
            time.jump(MINUTE)
          }
        }
        pause.close()
        await remove()

        assert.isAtMost(paused, 60)
      }),
      { numRuns: 60 }
    )
  })

  test('the dashboard pauses and resumes; what the person ends there stays ended', ({ assert }) => {
    const pause = opened()
    const until = NOON + HOUR

    pause.follow(until)
    assert.deepInclude(pause.current(), { from: 'dashboard', until })
    pause.end()
    pause.follow(until)
    assert.isNull(pause.current())
    assert.isNull(opened().current())

    pause.follow(until + 1)
    pause.follow(null)
    assert.isNull(pause.current())
  })

  test('the end of a pause asked for on the dashboard ends no other', ({ assert }) => {
    const pause = opened()
    pause.follow(NOON + HOUR)
    pause.start(asked(90))

    pause.follow(null)

    assert.equal(pause.current()?.from, 'command')
  })

  test('a damaged file ({$self}) is an error that names it')
    .with(['{', '{}', '[]', '{"current":5,"past":[],"dashboard":null,"minutesPerDay":null}'])
    .run(async ({ assert }, text) => {
      await writeFile(join(dataDir, 'pause.json'), text)

      assert.throws(() => opened(), /pause\.json/)
    })
})

test.group('durationMs', () => {
  test('{text} is {minutes} minutes')
    .with([
      { text: '30m', minutes: 30 },
      { text: '45', minutes: 45 },
      { text: '1h', minutes: 60 },
      { text: '1h30m', minutes: 90 },
      { text: '2h05', minutes: 125 },
      { text: ' 1H ', minutes: 60 },
    ])
    .run(({ assert }, { text, minutes }) => assert.equal(durationMs(text), minutes * MINUTE))

  test('"{$self}" is refused')
    .with(['', '0', '0m', '-5', '1.5h', '25h', 'soon', '30s', '9999999'])
    .run(({ assert }, text) => assert.throws(() => durationMs(text), /Expected a time/))
})
