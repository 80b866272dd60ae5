import { moveMedia } from '#services/storage/moves'
import { settleRollups } from '#services/rollups/settle'
import { cleanDatabase } from '#tests/support/clean'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { addressesOf } from '../../../bench/support/addresses.js'
import { fillDataset } from '../../../bench/support/dataset.js'
import { isReading, QueryWatch, type Query } from '../../../bench/support/query_watch.js'
import { ask, findWorld, makeVisitors } from '../../../bench/support/visitors.js'

/** Tables that grow with time; the others grow with people. */
const LARGE = [
  'heartbeats',
  'activities',
  'screenshots',
  'unchanged_screens',
  'recordings',
  'gaps',
  'evictions',
  'deletions',
  'rollup_hours',
  'rollup_hour_categories',
  'rollup_days',
  'rollup_day_categories',
  'work_sessions',
  'audit_log',
]

/** Rows of a table that a statement may read: all of one agent. A walk of one of the larger tables is more. */
const MOST_ROWS = 1500

/** Sums of everybody's last week, which is all there is here: of applications, and of who looked. */
const SUM_OF_A_WEEK =
  /sum\(`duration_ms`\) as `ms` from `activities` .* group by `app`|count\(\*\) as `looks`.* from `audit_log` where .*`at` >= \?/

/** What the planner says of one table of a statement that is not by an index, or null. */
async function complaintsOf({ sql, bindings }: Query): Promise<string[]> {
  return db.connection().dialect.name === 'mysql'
    ? ofMariadb(sql, bindings)
    : ofSqlite(sql, bindings)
}

/**
 * A walk along an index is right where a page ends it and nothing is left out on the way; a sort, where
 * what is sorted was bounded by more than whose it is.
 */
async function ofSqlite(sql: string, bindings: readonly unknown[]) {
  const steps: { parent: number; detail: string }[] = await db.rawQuery(
    `explain query plan ${sql}`,
    [...bindings] as never[]
  )
  const isPage = /\blimit\b/.test(sql) && !/\bwhere\b/.test(sql)
  const sorted = new Set(
    steps.flatMap(({ parent, detail }) =>
      detail === 'USE TEMP B-TREE FOR ORDER BY' ? [parent] : []
    )
  )
  return steps.flatMap(({ parent, detail }) => {
    const [, verb = '', table = '', rest = ''] = /^(SCAN|SEARCH) (\w+)(.*)/.exec(detail) ?? []
    const isWalk = verb === 'SCAN' && !(isPage && rest.includes('USING'))
    const isLongSort = sorted.has(parent) && /\((?:agent|person)_id=\?\)/.test(rest)
    return LARGE.includes(table) && (isWalk || isLongSort)
      ? [`${detail}${isLongSort ? ', sorted' : ''}`]
      : []
  })
}

type Step = { table: string | null; type: string; r_rows: number | string | null }

/** MariaDB says what it read: what it expects to read does not count where a page ends. */
async function ofMariadb(sql: string, bindings: readonly unknown[]) {
  const [steps]: [Step[]] = await db.rawQuery(`analyze ${sql}`, [...bindings] as never[])
  return steps.flatMap(({ table, type, r_rows: rows }) => {
    const isLarge = LARGE.some((name) => name === table)
    return isLarge && Number(rows) > MOST_ROWS && !SUM_OF_A_WEEK.test(sql)
      ? [`${type} of ${table}, ${rows} rows`]
      : []
  })
}

test.group('Queries of pages and API', (group) => {
  cleanDatabase(group)

  test('find what they ask for by an index', async ({ assert }) => {
    await fillDataset({ agents: 42, from: '2026-11-18', until: '2026-11-20' })
    const url = `http://127.0.0.1:${process.env.PORT}`
    const visitors = await makeVisitors(url)
    const addresses = addressesOf(await findWorld(3))
    const watch = new QueryWatch()
    watch.take()
    for (const address of addresses) {
      await ask(url, address, visitors)
    }
    await moveMedia()
    await settleRollups()
    const queries = new Map(
      watch
        .take()
        .filter(isReading)
        .map((query) => [query.sql, query])
    )

    const complaints: string[] = []
    for (const query of queries.values()) {
      for (const complaint of await complaintsOf(query)) {
        complaints.push(`${complaint}: ${query.sql}`)
      }
    }

    assert.deepEqual(complaints, [])
    assert.isAbove(queries.size, 100)
    const walk = `select * from heartbeats where state = 'active'`
    assert.lengthOf(await complaintsOf({ sql: walk, bindings: [], ms: 0 }), 1)
  }).timeout(60_000)
})
