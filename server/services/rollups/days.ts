import type User from '#models/user'
import type { WindowFacts } from '#services/categories/rules'
import { zoneOn, type Calendar, type Day } from '#services/timeline/calendar'
import { loadMedia } from '#services/timeline/day_media'
import { loadObserved, type Client } from '#services/timeline/observed'
import { personDay, type Times } from '#services/timeline/person_day'
import { reachOfDay } from '#services/timeline/sessions'
import { whileActive } from '#services/timeline/windows'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** The sums of one day of a person, with its sessions, counted from what was observed. */
export async function countDay(
  person: User,
  calendar: Calendar,
  day: Day,
  categoryOf: (window: WindowFacts) => number,
  client: Client
) {
  const agentIds = person.agents.map(({ id }) => id)
  const observed = await loadObserved(agentIds, reachOfDay(calendar, day), client)
  const found = personDay(calendar, day, observed)
  const media = await loadMedia(agentIds, found.window, client)
  const categories = new Map<number, number>()
  const counted = found.sessions.flatMap(({ from, until }) =>
    found.states.active.filter((span) => span.from >= from && span.until <= until)
  )
  for (const window of whileActive(found.windows, counted)) {
    const category = categoryOf(window)
    categories.set(category, (categories.get(category) ?? 0) + window.until - window.from)
  }
  return {
    row: {
      person_id: person.id,
      day,
      time_zone: zoneOn(calendar, day),
      first_at: found.sessions[0]?.from ?? null,
      last_at: found.sessions.at(-1)?.until ?? null,
      sessions: found.sessions.length,
      ...timeColumns(found.times),
      screenshots: media.shots.length,
      unchanged: media.unchanged.length,
      withheld: media.withheld,
      recordings: media.segments.length,
      recording_ms: media.segments.reduce((sum, { from, until }) => sum + until - from, 0),
      bytes: media.bytes,
    },
    categories,
    sessions: found.sessions.map((session, index) => ({
      id: `${person.id}-${day}-${index + 1}`,
      person_id: person.id,
      source: 'observed',
      day,
      started_at: session.from,
      ended_at: session.until,
      ...timeColumns(session),
      note: null,
    })),
  }
}

/** Puts the sums of a day in the place of those that were there. */
export async function writeDay(
  trx: TransactionClientContract,
  { row, categories, sessions }: Awaited<ReturnType<typeof countDay>>
) {
  const key = { person_id: row.person_id, day: row.day }
  await trx.from('rollup_days').where(key).delete()
  await trx.from('rollup_day_categories').where(key).delete()
  await trx
    .from('work_sessions')
    .where({ ...key, source: 'observed' })
    .delete()
  if (isNothing(row)) {
    return
  }
  await trx.table('rollup_days').insert(row)
  if (categories.size > 0) {
    await trx
      .table('rollup_day_categories')
      .multiInsert([...categories].map(([id, ms]) => ({ ...key, category_id: id, active_ms: ms })))
  }
  if (sessions.length > 0) {
    await trx.table('work_sessions').multiInsert(sessions)
  }
}

/** How times are called in tables and in JSON. */
export function timeColumns(times: Times) {
  return {
    active_ms: times.activeMs,
    idle_ms: times.idleMs,
    paused_ms: times.pausedMs,
    locked_ms: times.lockedMs,
    asleep_ms: times.asleepMs,
    unknown_ms: times.unknownMs,
    silent_ms: times.silentMs,
    missing_ms: times.missingMs,
  }
}

function isNothing({ sessions, screenshots, unchanged, recordings, withheld }: DayRow) {
  return sessions + screenshots + unchanged + recordings + withheld === 0
}
type DayRow = Awaited<ReturnType<typeof countDay>>['row']
