import { verifyAudit } from '#services/audit'
import { missingRanges } from '#services/gap_report'
import { rebuildRollups } from '#services/rollups/rebuild'
import { cleanDatabase } from '#tests/support/clean'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { fillDataset } from '../../../bench/support/dataset.js'

const TABLES = [
  'rollup_hours',
  'rollup_hour_categories',
  'rollup_days',
  'rollup_day_categories',
  'work_sessions',
] as const

async function sums() {
  const all: Record<string, string[]> = {}
  for (const table of TABLES) {
    const rows: object[] = await db.from(table)
    all[table] = rows.map((row) => JSON.stringify(row)).sort()
  }
  return all
}

test.group('The dataset of the benches', (group) => {
  cleanDatabase(group)

  test('has the sums that a count of its observations gives', async ({ assert }) => {
    const counts = await fillDataset({ agents: 2, from: '2026-11-18', until: '2026-11-19' })
    assert.containSubset(counts, { heartbeats: 1920, activities: 192, screenshots: 192 })
    const made = await sums()

    await rebuildRollups()

    assert.deepEqual(made, await sums())
  })

  test('goes on after the last day that is there', async ({ assert }) => {
    await fillDataset({ agents: 2, from: '2026-11-18', until: '2026-11-18' })
    await fillDataset({ agents: 2, from: '2026-11-18', until: '2026-11-20' })
    const rows = await db.from('heartbeats').count('* as count').first()
    assert.equal(Number(rows?.count), 2 * 3 * 480)
    for (const { id } of await db.from('agents').select('id')) {
      assert.lengthOf(await missingRanges(id), 0)
    }
    assert.equal((await verifyAudit()).status, 'verified')
    assert.lengthOf(await db.from('work_sessions'), 6)
  })
})
