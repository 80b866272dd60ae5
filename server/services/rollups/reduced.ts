import type User from '#models/user'
import type { CountedDay } from '#services/rollups/days'
import type { Hour, HourSums } from '#services/rollups/hours'
import { startOfDay, type Calendar } from '#services/timeline/calendar'
import type { Client } from '#services/timeline/observed'

/**
 * Sums of a time of which retention let something go. They cannot be counted anew from what is left,
 * so each sum stays at least what it was; what arrives late still adds to it. The categories of such
 * a time stay as they were, because the titles that decided them may be gone.
 */

/** Counted hours, joined with what they were where something of them is gone. */
export async function withFormer(
  agentId: number,
  hours: readonly Hour[],
  client: Client
): Promise<Hour[]> {
  const until = await reducedUntil([agentId], client)
  const reduced = hours.filter(({ hour }) => hour < until).map(({ hour }) => hour)
  if (reduced.length === 0) {
    return [...hours]
  }
  const rows: (HourSums & { hour: number })[] = await client
    .from('rollup_hours')
    .where('agent_id', agentId)
    .whereIn('hour', reduced)
  const categories: { hour: number; category_id: number; active_ms: number }[] = await client
    .from('rollup_hour_categories')
    .where('agent_id', agentId)
    .whereIn('hour', reduced)
  return hours.map((counted) => {
    const former = rows.find(({ hour }) => Number(hour) === counted.hour)
    return former
      ? {
          hour: counted.hour,
          sums: most(counted.sums, former),
          categories: new Map(
            categories
              .filter(({ hour }) => Number(hour) === counted.hour)
              .map(({ category_id: id, active_ms: ms }) => [Number(id), Number(ms)])
          ),
        }
      : counted
  })
}

/** Counted days, joined with what they were where something of them is gone. */
export async function withFormerDays(
  person: User,
  calendar: Calendar,
  days: readonly CountedDay[],
  client: Client
): Promise<CountedDay[]> {
  const until = await reducedUntil(
    person.agents.map(({ id }) => id),
    client
  )
  const joined: CountedDay[] = []
  for (const counted of days) {
    const isReduced = startOfDay(calendar, counted.row.day) < until
    joined.push(isReduced ? await withFormerDay(counted, client) : counted)
  }
  return joined
}

async function withFormerDay(counted: CountedDay, client: Client): Promise<CountedDay> {
  const key = { person_id: counted.row.person_id, day: counted.row.day }
  const former = await client.from('rollup_days').where(key).first()
  if (!former) {
    return counted
  }
  const categories: { category_id: number; active_ms: number }[] = await client
    .from('rollup_day_categories')
    .where(key)
  const sessions: CountedDay['sessions'] = await client
    .from('work_sessions')
    .where({ ...key, source: 'observed' })
  const { first_at: first, last_at: last } = counted.row
  return {
    row: {
      ...most(counted.row, former),
      first_at: least(first, former.first_at) as typeof first,
      last_at: greatest(last, former.last_at) as typeof last,
    },
    categories: new Map(
      categories.map(({ category_id: id, active_ms: ms }) => [Number(id), Number(ms)])
    ),
    sessions: sessions.length > counted.sessions.length ? sessions : counted.sessions,
  }
}

/** Up to when retention let something go of any of these agents. */
async function reducedUntil(agentIds: readonly number[], client: Client): Promise<number> {
  const row = await client
    .from('agents')
    .whereIn('id', [...agentIds])
    .max('reduced_until as until')
    .first()
  return Number(row?.until ?? 0)
}

/** Each number at least what it was; everything else as it is now. */
function most<Sums extends object>(now: Sums, former: Readonly<Record<string, unknown>>): Sums {
  const entries = Object.entries(now).map(([name, value]) => [
    name,
    name.endsWith('_id') || typeof value !== 'number'
      ? value
      : Math.max(value, Number(former[name] ?? 0)),
  ])
  return Object.fromEntries(entries) as Sums
}

function least(one: number | null, other: number | string | null): number | null {
  const both = [one, other].flatMap((value) => (value === null ? [] : [Number(value)]))
  return both.length > 0 ? Math.min(...both) : null
}

function greatest(one: number | null, other: number | string | null): number | null {
  const both = [one, other].flatMap((value) => (value === null ? [] : [Number(value)]))
  return both.length > 0 ? Math.max(...both) : null
}
