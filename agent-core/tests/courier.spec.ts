import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { Courier, type CourierOptions } from '../src/courier.ts'
import { Destination } from '../src/destination.ts'
import type { SpooledItem } from '../src/hooks.ts'
import { silentLogger } from '../src/logger.ts'
import type { Spool } from '../src/spool.ts'
import type { Verdict } from '../src/verdict.ts'
import { aScreenshot, anEvent, ManualClock, temporarySpool } from '../testing/main.ts'

const ACCEPTED: Verdict = { status: 'accepted', result: 'created' }
const DOWN: Verdict = {
  status: 'keep',
  answered: false,
  reason: 'Nobody there',
  retryAfterMs: null,
}
const BROKEN: Verdict = { status: 'keep', answered: true, reason: '500', retryAfterMs: null }
const SPLIT: Verdict = { status: 'split', code: 'E_X', reason: 'Something in it is wrong' }
const HOLD: Verdict = {
  status: 'hold',
  code: 'E_X',
  reason: 'Enrol again',
  probeAfterMs: 900_000,
  then: 'probe',
}
const LATER: Verdict = {
  status: 'hold',
  code: 'HTTP_418',
  reason: '418',
  probeAfterMs: 3_600_000,
  then: 'dead',
}
const REJECTED: Verdict = { status: 'rejected', code: 'E_BAD', field: null, message: 'No' }

type Judge = (items: readonly SpooledItem[]) => readonly Verdict[] | undefined
type Cleanup = (work: () => Promise<void>) => void

const all = (verdict: Verdict) => (items: readonly SpooledItem[]) => items.map(() => verdict)

type Stored = Awaited<ReturnType<NonNullable<CourierOptions['store']>>>

async function setUp(
  cleanup: Cleanup,
  judge: Judge,
  destination?: Destination,
  store?: (item: SpooledItem) => Promise<Stored>
) {
  const clock = new ManualClock()
  const { spool, folder, remove } = await temporarySpool({ clock })
  const batches: number[][] = []
  const state = { judge, store }
  const drive = new Destination('drive', () => 1)
  const carried: (readonly SpooledItem[])[] = []
  const courier = new Courier({
    spool,
    clock,
    logger: silentLogger,
    random: () => 1,
    ...(destination === undefined ? {} : { destination }),
    ...(store === undefined
      ? {}
      : { destinationOf: () => drive, store: async (item) => state.store?.(item) }),
    deliver: async (items) => {
      carried.push(items)
      batches.push(items.map(({ observation }) => observation.seq))
      return state.judge(items)
    },
  })
  cleanup(async () => {
    await courier.stop()
    await remove()
  })
  return { clock, spool, folder, courier, batches, carried, drive, state }
}

async function fill(spool: Spool, events: number, media = 0): Promise<void> {
  for (let count = 0; count < events; count++) {
    await spool.put(anEvent(spool))
  }
  for (let count = 0; count < media; count++) {
    const picture = Buffer.from(`picture ${count}`)
    await spool.put(anEvent(spool, aScreenshot(picture)), picture)
  }
}

/** Lets the courier work on the real disk until `isDone`, moving its clock by `step` meanwhile. */
async function until(clock: ManualClock, isDone: () => boolean, step = 0): Promise<void> {
  for (let round = 0; round < 2_000 && !isDone(); round++) {
    await clock.pass(step)
    await new Promise<void>((resolve) => setTimeout(resolve, 1))
  }
  if (!isDone()) {
    throw new Error('The courier never got there')
  }
}

test.group('Courier', () => {
  test('brings events in batches of a hundred and media one by one, oldest first', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, folder, courier, batches } = await setUp(cleanup, all(ACCEPTED))
    await fill(spool, 150, 2)

    courier.start()
    await until(clock, () => spool.waiting() === 0)
    await courier.stop()

    const events = batches.filter(([seq]) => (seq ?? 0) <= 150)
    assert.deepEqual(events, [
      Array.from({ length: 100 }, (_, index) => index + 1),
      Array.from({ length: 50 }, (_, index) => index + 101),
    ])
    assert.deepEqual(
      batches.filter(([seq]) => (seq ?? 0) > 150),
      [[151], [152]]
    )
    assert.lengthOf(await readdir(join(folder, 'queue')), 0)
    assert.containsSubset(spool.counters(), { accepted: 152, delivered: 152 })
  })

  test('brings what is recorded while it rests', async ({ assert, cleanup }) => {
    const { clock, spool, courier, batches } = await setUp(cleanup, all(ACCEPTED))
    courier.start()
    await clock.pass(60_000)

    await fill(spool, 1)
    courier.wake()
    await until(clock, () => spool.waiting() === 0)

    assert.deepEqual(batches, [[1]])
  })

  test('keeps everything while nobody answers, and waits longer each time', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier, batches, state } = await setUp(cleanup, all(DOWN))
    await fill(spool, 3)

    courier.start()
    await until(clock, () => batches.length === 1)
    await clock.pass(1_999)
    const early = batches.length
    await until(clock, () => batches.length === 2, 1)
    state.judge = all(ACCEPTED)
    await until(clock, () => spool.waiting() === 0, 1_000)
    await courier.stop()

    assert.equal(early, 1)
    assert.deepEqual(batches, [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    assert.isNull(courier.status().lanes.events.lastFailure)
  })

  test('a lane that waits is not hurried by new items', async ({ assert, cleanup }) => {
    const { clock, spool, courier, batches } = await setUp(cleanup, all(DOWN))
    await fill(spool, 1)
    courier.start()
    await until(clock, () => batches.length === 1)

    await fill(spool, 1)
    courier.wake()
    await clock.pass(1_000)

    assert.lengthOf(batches, 1)
  })

  test('media that cannot be brought do not hold up events', async ({ assert, cleanup }) => {
    const { clock, spool, courier } = await setUp(cleanup, (items) =>
      items.map(({ payload }) => (payload === null ? ACCEPTED : DOWN))
    )
    await fill(spool, 5, 5)

    courier.start()
    await until(clock, () => spool.waiting('events') === 0)

    assert.equal(spool.waiting('media'), 5)
    assert.equal(courier.status().lanes.media.lastFailure, 'Nobody there')
  })

  test('a lane that waits for a server that was away goes on when the other lane finds it back', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier, batches, state } = await setUp(cleanup, all(DOWN))
    await fill(spool, 0, 1)
    courier.start()
    await until(clock, () => batches.length === 6, 10_000)
    const waits = courier.status().lanes.media.nextAttemptMs

    state.judge = all(ACCEPTED)
    await fill(spool, 1)
    courier.wake()
    await until(clock, () => spool.waiting() === 0)

    assert.isAbove(waits, 30_000)
    assert.deepEqual(batches.slice(6), [[2], [1]])
  })

  test('a server that is away is left alone by media, asked by events, and free at once when it is back', async ({
    assert,
    cleanup,
  }) => {
    const server = new Destination('server', () => 1)
    const { clock, spool, courier, batches, state } = await setUp(cleanup, all(DOWN), server)
    await fill(spool, 0, 2)
    courier.start()
    await until(clock, () => server.state === 'open', 1_000)
    const { lanes } = courier.status()
    const waits = server.waitMs(clock.monotonic())
    const before = batches.length
    await clock.pass(waits - 1)
    const meanwhile = batches.length

    state.judge = all(ACCEPTED)
    await fill(spool, 1)
    courier.wake()
    await until(clock, () => spool.waiting() === 0)

    assert.isAbove(waits, 0)
    assert.isAtLeast(lanes.media.nextAttemptMs, waits)
    assert.equal(meanwhile, before)
    assert.deepEqual(batches.slice(before), [[3], [1], [2]])
    assert.equal(server.state, 'closed')
  })

  test('finds the one bad item of a batch by halving, and buries that one alone', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier } = await setUp(cleanup, (items) =>
      items.some(({ observation }) => observation.seq === 37)
        ? all(SPLIT)(items)
        : all(ACCEPTED)(items)
    )
    await fill(spool, 100)

    courier.start()
    await until(clock, () => spool.waiting() === 0)

    assert.deepEqual(
      spool.dead().map(({ seq }) => seq),
      [37]
    )
    assert.containsSubset(spool.counters(), { delivered: 99, dead: 1, queued: 0 })
  })

  test('finds the one item that makes the server fail, and lets the others pass', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier } = await setUp(cleanup, (items) =>
      items.some(({ observation }) => observation.seq === 3)
        ? all(BROKEN)(items)
        : all(ACCEPTED)(items)
    )
    await fill(spool, 10)

    courier.start()
    await until(clock, () => spool.waiting() === 1, 60_000)

    assert.deepEqual(
      spool.oldest('events', 10).map(({ seq }) => seq),
      [3]
    )
  })

  test('gives up an item that never passes while others do', async ({ assert, cleanup }) => {
    const { clock, spool, courier } = await setUp(cleanup, (items) =>
      items.some(({ observation }) => observation.seq === 1)
        ? all(BROKEN)(items)
        : all(ACCEPTED)(items)
    )
    await fill(spool, 1)
    courier.start()
    for (let round = 0; round < 60 && spool.dead().length === 0; round++) {
      await fill(spool, 1)
      courier.wake()
      await until(clock, () => spool.waiting() <= 1, 60_000)
      await clock.pass(600_000)
    }

    assert.containsSubset(spool.dead()[0], {
      seq: 1,
      death: { code: 'E_NEVER_TAKEN', reason: '500' },
    })
  })

  test('a rejected item is buried, its neighbours are delivered', async ({ assert, cleanup }) => {
    const { clock, spool, courier } = await setUp(cleanup, (items) =>
      items.map(({ observation }) => (observation.seq === 2 ? REJECTED : ACCEPTED))
    )
    await fill(spool, 3)

    courier.start()
    await until(clock, () => spool.waiting() === 0)

    assert.containsSubset(spool.counters(), { delivered: 2, dead: 1 })
  })

  test('an item that is not echoed is kept and brought again', async ({ assert, cleanup }) => {
    const { clock, spool, courier, batches, state } = await setUp(cleanup, (items) =>
      items.map(({ observation }) => (observation.seq === 2 ? BROKEN : ACCEPTED))
    )
    await fill(spool, 3)
    courier.start()
    await until(clock, () => spool.waiting() === 1)

    state.judge = all(ACCEPTED)
    await until(clock, () => spool.waiting() === 0, 1_000)

    assert.deepEqual(batches, [[1, 2, 3], [2]])
  })

  test('stands still where a person must act, says why, and goes on when told', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier, batches, state } = await setUp(cleanup, all(HOLD))
    await fill(spool, 2)
    courier.start()
    await until(clock, () => batches.length === 1)
    await clock.pass(800_000)
    const held = courier.status().lanes.events
    const before = batches.length

    state.judge = all(ACCEPTED)
    courier.retryNow()
    await until(clock, () => spool.waiting() === 0)

    assert.containsSubset(held, { hold: { reason: 'Enrol again' }, waiting: 2 })
    assert.equal(before, 1)
  })

  test('probes after a quarter of an hour', async ({ assert, cleanup }) => {
    const { clock, spool, courier, batches } = await setUp(cleanup, all(HOLD))
    await fill(spool, 1)
    courier.start()
    await until(clock, () => batches.length === 1)

    await until(clock, () => batches.length === 2, 60_000)

    assert.isAtLeast(clock.monotonic(), 900_000)
    assert.equal(spool.waiting(), 1)
  })

  test('an item that is refused for no known reason is tried once more, then buried', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier, batches } = await setUp(cleanup, all(LATER))
    await fill(spool, 1)

    courier.start()
    await until(clock, () => spool.waiting() === 0, 60_000)

    assert.lengthOf(batches, 2)
    assert.containsSubset(spool.dead()[0], { death: { code: 'HTTP_418', attempts: 2 } })
    assert.isAtLeast(clock.monotonic(), 3_600_000)
  })

  test('nobody to bring the items keeps them: {0}')
    .with([
      ['no tap', () => undefined],
      ['too few verdicts', () => []],
      [
        'a tap that throws',
        () => {
          throw new Error('Broken')
        },
      ],
    ] as [string, Judge][])
    .run(async ({ assert, cleanup }, [, judge]) => {
      const { clock, spool, courier, batches } = await setUp(cleanup, judge)
      await fill(spool, 2)

      courier.start()
      await until(clock, () => batches.length === 2, 1_000)

      assert.equal(spool.waiting(), 2)
    })

  test('is drained when everything was brought', async ({ assert, cleanup }) => {
    const { clock, spool, courier } = await setUp(cleanup, all(ACCEPTED))
    await fill(spool, 2, 2)
    courier.start()

    let isDrained = false
    const drained = courier.drained(new AbortController().signal).then(() => (isDrained = true))
    await until(clock, () => isDrained)
    await drained

    assert.equal(spool.waiting(), 0)
  })
})

const FILE = { disk: 'google-drive', key: 'k' } as const
const NO_DRIVE: Verdict = {
  status: 'keep',
  answered: true,
  reason: 'Google Drive has no room left',
  retryAfterMs: null,
  by: 'drive',
}

test.group('Courier | bytes that are stored elsewhere', () => {
  test('are stored before delivery, for media alone', async ({ assert, cleanup }) => {
    const stored: number[] = []
    const { clock, spool, courier, carried } = await setUp(
      cleanup,
      all(ACCEPTED),
      undefined,
      async (item) => {
        stored.push(item.observation.seq)
        return FILE
      }
    )
    await fill(spool, 2, 1)

    courier.start()
    await until(clock, () => spool.waiting() === 0)

    assert.deepEqual(stored, [3])
    assert.deepEqual(
      carried.flat().map((item) => [item.observation.seq, item.stored]),
      carried
        .flat()
        .map(({ observation }) => [observation.seq, observation.seq === 3 ? FILE : undefined])
    )
  })

  test('a store in the way opens its own breaker; the server and the events know nothing of it', async ({
    assert,
    cleanup,
  }) => {
    const server = new Destination('server', () => 1)
    const { clock, spool, courier, batches, drive } = await setUp(
      cleanup,
      all(ACCEPTED),
      server,
      async () => NO_DRIVE
    )
    await fill(spool, 0, 2)
    courier.start()
    await until(clock, () => drive.state === 'open', 1_000)
    await fill(spool, 1)
    courier.wake()
    await until(clock, () => spool.waiting('events') === 0)

    assert.equal(server.state, 'closed')
    assert.equal(server.status(0).failures, 0)
    assert.deepEqual(batches, [[3]])
    assert.equal(courier.status().lanes.media.lastFailure, 'Google Drive has no room left')
  })

  test('nothing is ever given up for a store, and all of it goes when the store is back', async ({
    assert,
    cleanup,
  }) => {
    let asked = 0
    const { clock, spool, courier, state } = await setUp(
      cleanup,
      all(ACCEPTED),
      undefined,
      async () => {
        asked += 1
        return NO_DRIVE
      }
    )
    await fill(spool, 0, 3)
    courier.start()
    await until(clock, () => asked > 60, 60_000)
    assert.containsSubset(spool.counters(), { queued: 3, dead: 0 })

    state.store = async () => FILE
    await until(clock, () => spool.waiting() === 2, 60_000)
    await until(clock, () => spool.waiting() === 0) // no clock moves: the others need not wait
    assert.containsSubset(spool.counters(), { delivered: 3, dead: 0 })
  })

  test('one file that cannot be stored lets the others go first', async ({ assert, cleanup }) => {
    const { clock, spool, courier, batches } = await setUp(
      cleanup,
      all(ACCEPTED),
      undefined,
      async ({ observation }) => {
        if (observation.seq === 1) {
          throw new Error('The disk broke')
        }
        return FILE
      }
    )
    await fill(spool, 0, 3)
    courier.start()
    await until(clock, () => spool.waiting() === 1, 1_000)
    await courier.stop()

    assert.deepEqual(batches, [[2], [3]])
    assert.equal(spool.counters().dead, 0)
  })

  test('one file that a store never takes is not given up while others pass', async ({
    assert,
    cleanup,
  }) => {
    let asked = 0
    const { clock, spool, courier } = await setUp(
      cleanup,
      all(ACCEPTED),
      undefined,
      async ({ observation }) => {
        asked += observation.seq === 1 ? 1 : 0
        return observation.seq === 1 ? NO_DRIVE : FILE
      }
    )
    await fill(spool, 0, 1)
    courier.start()
    await until(clock, () => asked > 2, 60_000)
    for (let round = 0; round < 12; round += 1) {
      const before = asked
      await fill(spool, 0, 1)
      courier.wake()
      await until(clock, () => spool.waiting() === 1 && asked > before, 60_000)
    }

    assert.containsSubset(spool.counters(), { delivered: 12, queued: 1, dead: 0 })
  })

  test('a verdict of the server on the question counts as one on the item', async ({
    assert,
    cleanup,
  }) => {
    const { clock, spool, courier } = await setUp(
      cleanup,
      all(ACCEPTED),
      undefined,
      async () => REJECTED
    )
    await fill(spool, 0, 1)
    courier.start()
    await until(clock, () => spool.waiting() === 0)

    assert.equal(spool.counters().dead, 1)
  })
})
