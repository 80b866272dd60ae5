import { test } from '@japa/runner'
import type { Interval, Turn } from '../src/plugin.ts'
import { schedule } from '../src/schedule.ts'
import { ManualClock } from '../testing/main.ts'

type Setup = {
  readonly interval: Interval
  readonly random?: () => number
  readonly once?: boolean
}

function setUp({ interval, random = () => 0.5, once = false }: Setup) {
  const clock = new ManualClock()
  const turns: { at: number; turn: Turn; end: (error?: Error) => void }[] = []
  const failures: unknown[] = []
  const state = { done: 0, endsAtOnce: true }
  const end = schedule({
    clock,
    interval,
    turnLimitMs: 60_000,
    random,
    once,
    done: () => (state.done += 1),
    failed: (error) => failures.push(error),
    work: (turn) =>
      new Promise((resolve, reject) => {
        turns.push({
          at: clock.monotonic(),
          turn,
          end: (error) => (error ? reject(error) : resolve()),
        })
        if (state.endsAtOnce) {
          resolve()
        }
      }),
  })
  return { clock, turns, failures, state, end }
}

test.group('schedule', () => {
  test('has a turn at once, and then one every interval', async ({ assert }) => {
    const { clock, turns } = setUp({ interval: { seconds: 10 } })

    await clock.pass(35_000)

    assert.deepEqual(
      turns.map(({ at }) => at),
      [0, 10_000, 20_000, 30_000]
    )
  })

  test('waits an interval first where that is asked for', async ({ assert }) => {
    const { clock, turns } = setUp({ interval: { seconds: 10, immediately: false } })

    await clock.pass(15_000)

    assert.deepEqual(
      turns.map(({ at }) => at),
      [10_000]
    )
  })

  test('leaves out the turns that are due while one works', async ({ assert }) => {
    const { clock, turns, state } = setUp({ interval: { seconds: 10 } })
    state.endsAtOnce = false

    await clock.pass(25_000)
    turns[0]?.end()
    await clock.pass(10_000)

    assert.deepEqual(
      turns.map(({ at }) => at),
      [0, 30_000]
    )
  })

  test('has one turn after a suspend, says how late it is, and goes on in step', async ({
    assert,
  }) => {
    const { clock, turns } = setUp({ interval: { seconds: 10 } })
    await clock.pass(5_000)

    await clock.leap(3_600_000)
    await clock.pass(10_000)

    assert.deepEqual(
      turns.map(({ at, turn }) => [at, turn.lateSeconds]),
      [
        [0, 0],
        [3_605_000, 3595],
        [3_610_000, 0],
      ]
    )
  })

  test('does not notice when the date is set', async ({ assert }) => {
    const { clock, turns } = setUp({ interval: { seconds: 10 } })

    clock.jump(-3_600_000)
    await clock.pass(10_000)
    clock.jump(365 * 86_400_000)
    await clock.pass(10_000)

    assert.lengthOf(turns, 3)
  })

  test('moves each turn by its jitter, without drifting', async ({ assert }) => {
    const readings = [0, 1, 0, 1]
    const { clock, turns } = setUp({
      interval: { seconds: 10, jitter: 0.2, immediately: false },
      random: () => readings.shift() ?? 0.5,
    })

    await clock.pass(45_000)

    assert.deepEqual(
      turns.map(({ at }) => at),
      [8_000, 22_000, 28_000, 42_000]
    )
  })

  test('goes on after a turn that throws', async ({ assert }) => {
    const { clock, turns, failures, state } = setUp({ interval: { seconds: 10 } })
    state.endsAtOnce = false
    await clock.pass(0)

    turns[0]?.end(new Error('Broken'))
    await clock.pass(10_000)

    assert.lengthOf(turns, 2)
    assert.match(String(failures[0]), /Broken/)
  })

  test('tells and aborts a turn that takes too long, and never starts a second beside it', async ({
    assert,
  }) => {
    const { clock, turns, failures, state } = setUp({ interval: { seconds: 10 } })
    state.endsAtOnce = false

    await clock.pass(120_000)

    assert.lengthOf(turns, 1)
    assert.isTrue(turns[0]?.turn.signal.aborted)
    assert.match(String(failures[0]), /at most 60 s/)
  })

  test('ends: no turn follows, and the one that works is told', async ({ assert }) => {
    const { clock, turns, state, end } = setUp({ interval: { seconds: 10 } })
    state.endsAtOnce = false
    await clock.pass(0)

    const ended = end()
    turns[0]?.end()
    await ended
    await clock.pass(60_000)

    assert.lengthOf(turns, 1)
    assert.isTrue(turns[0]?.turn.signal.aborted)
    assert.equal(clock.waiting, 0)
  })

  test('has one turn and no more where that is asked for', async ({ assert }) => {
    const { clock, turns } = setUp({ interval: { seconds: 10 }, once: true })

    await clock.pass(60_000)

    assert.lengthOf(turns, 1)
  })

  test('refuses an interval that is none: {0}')
    .with([[0], [-1], [Number.NaN], [Infinity], [604_801]] as const)
    .run(({ assert }, [seconds]) => {
      assert.throws(() => setUp({ interval: { seconds } }), /Expected an interval/)
    })
})
