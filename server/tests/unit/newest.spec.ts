import { newestKeys, type Key, type Moment } from '#services/newest'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import fc from 'fast-check'

const SOURCE = { table: 'deletions', owner: 'agent_id', time: 'captured_at' } as const
const AGENTS = 80
const ROWS = 600

type Row = Key & { kind: string }

/** Rows of many agents, many of them at the same moment; the first agents have not written for long. */
async function makeRows(): Promise<Row[]> {
  const ids: number[] = []
  for (let number = 0; number < AGENTS; number += 1) {
    ids.push((await makeAgent()).agent.id)
  }
  const rows = Array.from({ length: ROWS }, (_, n): Row => {
    const place = (n * 37) % AGENTS
    return {
      owner: ids[place] as number,
      time: (place < 70 ? 0 : 1000) + ((n * 31) % 97),
      id: `${String((n * 7919) % ROWS).padStart(8, '0')}-0000-7000-8000-000000000000`,
      kind: n % 3 === 0 ? 'gap' : 'heartbeat',
    }
  })
  for (let at = 0; at < rows.length; at += 100) {
    await db.table('deletions').multiInsert(
      rows.slice(at, at + 100).map(({ owner, time, id, kind }, n) => ({
        id,
        agent_id: owner,
        seq: at + n + 1,
        kind,
        captured_at: time,
        deleted_at: 0,
        content_sha256: '0'.repeat(64),
      }))
    )
  }
  return rows
}

const before = (one: Moment, other: Moment) =>
  one.time < other.time || (one.time === other.time && one.id < other.id)

test.group('The newest rows of some owners', (group) => {
  cleanDatabase(group)

  test('are those that sorting everything gives, from any row on, for few owners and for many', async ({
    assert,
  }) => {
    const rows = await makeRows()
    const sorted = [...rows].sort((one, other) => (before(one, other) ? 1 : -1))
    const owners = [...new Set(rows.map(({ owner }) => owner))].sort((one, other) => one - other)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constant(null),
          fc.subarray(owners),
          fc.subarray(owners.slice(0, 70), { minLength: 66 })
        ),
        fc.option(fc.nat(ROWS - 1)),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(null, 'gap'),
        async (some, start, limit, kind) => {
          const cursor = start === null ? null : (sorted[start] as Row)
          const conditions = kind ? [['kind', '=', kind] as const] : []
          const found = await newestKeys(SOURCE, { owners: some, conditions, cursor, limit })
          const expected = sorted
            .filter(
              (row) =>
                (some === null || some.includes(row.owner)) &&
                (kind === null || row.kind === kind) &&
                (cursor === null || before(row, cursor))
            )
            .slice(0, limit)
          assert.deepEqual(
            found,
            expected.map(({ owner, time, id }) => ({ owner, time, id }))
          )
        }
      ),
      { numRuns: 120 }
    )
  }).timeout(20_000)
})
