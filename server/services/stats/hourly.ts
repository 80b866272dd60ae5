import type { Span } from '#services/timeline/spans'
import db from '@adonisjs/lucid/services/db'

const SUMS = [
  'active_ms',
  'idle_ms',
  'paused_ms',
  'locked_ms',
  'asleep_ms',
  'unknown_ms',
  'heartbeats',
  'activities',
  'screenshots',
  'unchanged',
  'recordings',
  'recording_ms',
  'bytes',
] as const

/**
 * Sums by the hour, UTC, of one agent, or of each agent of a person: hours of several computers are not
 * added, because one is not twice as active at two of them.
 */
export async function hourly(personId: number, agentId: number | null, { from, until }: Span) {
  const query = db
    .from('rollup_hours')
    .select('agent_id', 'hour', ...SUMS)
    .whereIn('agent_id', (agents) => {
      agents.from('agents').where('person_id', personId).select('id')
    })
    .where('hour', '>=', from)
    .where('hour', '<', until)
    .orderBy('hour')
    .orderBy('agent_id')
  if (agentId !== null) {
    query.where('agent_id', agentId)
  }
  const rows: ({ agent_id: number; hour: number } & Record<(typeof SUMS)[number], number>)[] =
    await query
  return rows.map(({ hour, ...sums }) => ({
    hour: new Date(Number(hour)).toISOString(),
    ...(Object.fromEntries(
      Object.entries(sums).map(([name, value]) => [name, Number(value)])
    ) as typeof sums),
  }))
}
