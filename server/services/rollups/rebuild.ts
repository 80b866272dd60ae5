import { HOUR_MS, insertMarks } from '#services/rollups/dirty'
import { BULK_CHUNK, settleRollups, type Settled } from '#services/rollups/settle'
import db from '@adonisjs/lucid/services/db'

const HOUR_SUMS = ['rollup_hour_categories', 'rollup_hours', 'dirty_hours'] as const
const DAY_SUMS = ['rollup_day_categories', 'rollup_days', 'dirty_days'] as const

/** Tables whose rows lie at one moment. */
const MOMENTS = ['heartbeats', 'screenshots', 'unchanged_screens', 'recordings'] as const

/**
 * Throws the sums away and counts them anew, from what was observed. Sums of agents of which retention
 * let something go stay, and are only ever counted up: what they were made of is not whole.
 */
export async function rebuildRollups(): Promise<Settled> {
  const agents = await db.from('agents').where('reduced_until', 0).select('id')
  const agentIds = agents.map(({ id }) => Number(id))
  const reduced = await db.from('agents').where('reduced_until', '>', 0).distinct('person_id')
  const kept = reduced.flatMap(({ person_id: id }) => (id === null ? [] : [Number(id)]))
  for (const table of HOUR_SUMS) {
    await db.from(table).whereIn('agent_id', agentIds).delete()
  }
  for (const table of DAY_SUMS) {
    await db.from(table).whereNotIn('person_id', kept).delete()
  }
  await db.from('work_sessions').where('source', 'observed').whereNotIn('person_id', kept).delete()
  await markEverything()
  return settleRollups(Infinity, BULK_CHUNK)
}

/**
 * Throws every sum of a person away, what the person noted too, and counts anew what is left. Called
 * after observations were removed in bulk.
 */
export async function forgetRollups(owner: {
  readonly personId: number
  readonly agentIds: readonly number[]
}) {
  const agentIds = [...owner.agentIds]
  for (const table of ['rollup_hour_categories', 'rollup_hours', 'dirty_hours']) {
    await db.from(table).whereIn('agent_id', agentIds).delete()
  }
  for (const table of ['rollup_day_categories', 'rollup_days', 'work_sessions', 'dirty_days']) {
    await db.from(table).where('person_id', owner.personId).delete()
  }
  await markEverything(agentIds)
  await settleRollups()
}

/** Marks every hour in which anything was observed, and those beside it, of all agents or of some. */
export async function markEverything(agentIds?: readonly number[]) {
  const agents: readonly { id: number }[] =
    agentIds?.map((id) => ({ id })) ?? (await db.from('agents').select('id'))
  for (const { id } of agents) {
    const hours = new Set<number>()
    const note = (from: number, until: number) => {
      for (let hour = from - HOUR_MS; hour <= until + HOUR_MS; hour += HOUR_MS) {
        hours.add(hour)
      }
    }
    for (const table of MOMENTS) {
      for (const { hour } of await hoursOf(table, 'captured_at', id)) {
        note(Number(hour), Number(hour))
      }
    }
    for (const row of await hoursOf('activities', 'captured_at', id, 'captured_at + duration_ms')) {
      note(Number(row.hour), Number(row.last))
    }
    for (const row of await hoursOf('evictions', 'evicted_captured_at', id)) {
      note(Number(row.hour), Number(row.hour))
    }
    for (const row of await hoursOf(
      'gaps',
      db.connection().dialect.name === 'mysql' ? '`from`' : '"from"',
      id,
      'until'
    )) {
      note(Number(row.hour), Math.min(Number(row.last), Number(row.hour) + 8 * 24 * HOUR_MS))
    }
    await insertMarks(
      db.connection(),
      [...hours].map((hour) => ({ agent_id: id, hour }))
    )
  }
}

async function hoursOf(
  table: string,
  from: string,
  agentId: number,
  until: string = from
): Promise<{ hour: number; last: number }[]> {
  const start = (column: string) => `(${column}) - (${column}) % ${HOUR_MS}`
  return db
    .from(table)
    .where('agent_id', agentId)
    .select(db.raw(`distinct ${start(from)} as hour, ${start(until)} as last`))
}
