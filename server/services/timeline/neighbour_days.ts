import type User from '#models/user'
import { addDays, dayOf, startOfDay, type Calendar, type Day } from '#services/timeline/calendar'
import db from '@adonisjs/lucid/services/db'

/** What shows that there is something to see on a day. */
const TABLES = ['activities', 'screenshots', 'heartbeats'] as const

/** The days before and after a day that have data; null where there is none. */
export async function neighbourDays(person: User, calendar: Calendar, day: Day) {
  const agentIds = person.agents.map(({ id }) => id)
  const before = await edge(agentIds, '<', startOfDay(calendar, day))
  const after = await edge(agentIds, '>=', startOfDay(calendar, addDays(day, 1)))
  const [earlier, later] = await Promise.all([
    summed(person.id, '<', day).max('day as day').first(),
    summed(person.id, '>', day).min('day as day').first(),
  ])
  const days = (at: number | null, sum: { day: Day | null } | null) =>
    [at === null ? null : dayOf(calendar, at), sum?.day ?? null]
      .filter((one) => one !== null)
      .sort()
  return {
    previous: days(before, earlier).at(-1) ?? null,
    next: days(after, later)[0] ?? null,
  }
}

/** Days of which there are sums, also where what they were made of is gone. */
function summed(personId: number, side: '<' | '>', day: Day) {
  return db.from('rollup_days').where('person_id', personId).where('day', side, day)
}

/** The observation of some agents that is nearest to a moment on one side of it. */
async function edge(agentIds: readonly number[], side: '<' | '>=', moment: number) {
  const times: number[] = []
  for (const agentId of agentIds) {
    for (const table of TABLES) {
      const row: { captured_at: number } | null = await db
        .from(table)
        .select('captured_at')
        .where('agent_id', agentId)
        .where('captured_at', side, moment)
        .orderBy('captured_at', side === '<' ? 'desc' : 'asc')
        .first()
      if (row) {
        times.push(Number(row.captured_at))
      }
    }
  }
  return times.length === 0 ? null : side === '<' ? Math.max(...times) : Math.min(...times)
}
