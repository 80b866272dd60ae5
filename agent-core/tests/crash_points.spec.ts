import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import type { Observation } from '../src/observation.ts'
import { encodeSidecar } from '../src/sidecar.ts'
import { UuidSource } from '../src/uuid.ts'
import { anEvent, isLong, Storms } from '../testing/main.ts'

/** Every step between `put` and the last removal after which a process can be gone. */
const POINTS = [
  'create tmp/*.bin',
  'write tmp/*.bin',
  'sync tmp/*.bin',
  'rename queue/*.bin',
  'create tmp/*.json',
  'write tmp/*.json',
  'sync tmp/*.json',
  'rename queue/*.json',
  'sync queue',
  'link dead/*.bin',
  'sync dead',
  'rename dead/*.json',
  'link queue/*.bin',
  'remove dead/*.json',
  'remove dead/*.bin',
  'remove queue/*.json',
  'remove queue/*.bin',
  'deliver sends',
  'deliver was answered',
  'open ledger.a',
  'write ledger.a',
  'sync ledger.a',
  'open ledger.b',
  'write ledger.b',
  'sync ledger.b',
  'courier settled',
] as const

/** What each storm records before and after: enough for a thousand items over all of them. */
const LOAD = { events: 20, pictures: 5 } as const

const ROUNDS = isLong ? 10 : 3

test.group('kill -9 at a named point, again and again in a row', (group) => {
  let storms: Storms
  let kills = 0
  group.setup(async () => {
    storms = await Storms.start()
    return () => storms.stop()
  })

  test('"{$self}": nothing is lost, double, corrupt or invented')
    .with([...POINTS])
    .run(async ({ assert }, step) => {
      const ends = []
      for (let round = 0; round < ROUNDS; round++) {
        ends.push(await storms.blow({ ...LOAD, dieAt: { step, time: 1 } }))
      }
      const { lost, double, corrupt, invented } = await storms.judge()

      assert.deepEqual(
        ends.map(({ signal }) => signal),
        Array.from({ length: ROUNDS }, () => 'SIGKILL')
      )
      kills += ends.length
      assert.deepEqual({ lost, double, corrupt, invented }, NOTHING)
    })

  test('after all of them at least a thousand items are delivered, once, and the counters balance', async ({
    assert,
  }) => {
    const { exit, counters } = await storms.blow({ events: 1, pictures: 1 })
    const { accepted, ...wrong } = await storms.judge()
    const { lost, double, corrupt, invented } = wrong

    process.stdout.write(
      `    ${kills} kills, ${accepted} accepted, ${storms.server.duplicates.length} sent again\n`
    )
    assert.equal(exit, 0)
    assert.equal(kills, POINTS.length * ROUNDS)
    assert.isAtLeast(accepted, 1_000)
    assert.deepEqual({ lost, double, corrupt, invented }, NOTHING)
    assert.containsSubset(counters, { queued: 0, dead: 0, evicted: 0 })
    assert.equal(counters.accepted, storms.server.received.size)
    assert.equal(counters.delivered, storms.server.received.size)
    assert.isAbove(storms.server.duplicates.length, 0)
  })
})

test.group('restart', () => {
  test('with 10 000 items in its spool it sends again', async ({ assert, cleanup }) => {
    const storms = await Storms.start()
    cleanup(() => storms.stop())
    await fill(storms.folder, 10_000)
    const asked = new Promise<number>((resolve) => {
      storms.server.always = () => {
        resolve(performance.now())
        return null
      }
    })

    const startedAt = performance.now()
    const { child, ended } = storms.begin({ events: 0, pictures: 0 })
    const seconds = ((await asked) - startedAt) / 1000
    await storms.server.has(10_000)
    child.kill('SIGKILL')
    await ended

    if (isLong) {
      assert.isAtMost(seconds, 2) // a machine that runs all specs at once proves nothing about time
    }
    process.stdout.write(
      `    first request ${seconds.toFixed(2)} s after the start, 10 000 items waiting\n`
    )
    assert.equal(storms.server.received.size, 10_000)
  })
})

const NOTHING = { lost: [], double: [], corrupt: [], invented: [] }

/** Items as a spool leaves them, written without the syncs that would take a minute. */
async function fill(folder: string, count: number): Promise<void> {
  const ids = new UuidSource(Date.now)
  const queue = join(folder, 'queue')
  await mkdir(queue, { recursive: true })
  for (let seq = 1; seq <= count; seq++) {
    const observation = { ...anEvent({ ids }), seq } as Observation
    const bytes = encodeSidecar({ observation, bytes: 0, sha256: null, death: null })
    await writeFile(join(queue, `${observation.id}.json`), bytes)
  }
}
