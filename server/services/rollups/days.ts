import type User from '#models/user'
import type { WindowFacts } from '#services/categories/rules'
import { zoneOn, type Calendar, type Day } from '#services/timeline/calendar'
import { loadObserved, type Client } from '#services/timeline/observed'
import { cutDay, mergeObserved, type Merged, type Times } from '#services/timeline/person_day'
import { reachOfDay } from '#services/timeline/sessions'
import type { Span } from '#services/timeline/spans'
import { whileActive } from '#services/timeline/windows'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

type CategoryOf = (window: WindowFacts) => number

/**
 * The sums of some days of a person, with their sessions, counted from what was observed. Days that lie
 * together are read together: what has to be known around one of them is most of the next one.
 */
export async function countDays(
  person: User,
  calendar: Calendar,
  days: readonly Day[],
  categoryOf: CategoryOf,
  client: Client
): Promise<CountedDay[]> {
  const agentIds = person.agents.map(({ id }) => id)
  const counted: CountedDay[] = []
  for (const near of togetherOf(calendar, days)) {
    const merged = mergeObserved(await loadObserved(agentIds, near, client))
    const media = await loadMedia(agentIds, near, client)
    counted.push(
      ...near.days.map((day) => countDay(person.id, calendar, day, { merged, media, categoryOf }))
    )
  }
  return counted
}

/** Days by what has to be known of them: those whose times overlap are one time. */
function togetherOf(calendar: Calendar, days: readonly Day[]): (Span & { days: Day[] })[] {
  const found: { from: number; until: number; days: Day[] }[] = []
  for (const day of [...days].sort()) {
    const { from, until } = reachOfDay(calendar, day)
    const last = found.at(-1)
    if (last && from < last.until) {
      last.until = Math.max(last.until, until)
      last.days.push(day)
    } else {
      found.push({ from, until, days: [day] })
    }
  }
  return found
}

type Known = {
  readonly merged: Merged
  readonly media: Awaited<ReturnType<typeof loadMedia>>
  readonly categoryOf: CategoryOf
}

function countDay(personId: number, calendar: Calendar, day: Day, known: Known) {
  const { merged, categoryOf } = known
  const found = cutDay(calendar, day, merged)
  const within = <Row extends { at: number }>(rows: readonly Row[]) =>
    rows.filter(({ at }) => at >= found.window.from && at < found.window.until)
  const shots = within(known.media.screenshots)
  const segments = within(known.media.recordings)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
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
      person_id: personId,
      day,
      time_zone: zoneOn(calendar, day),
      first_at: found.sessions[0]?.from ?? null,
      last_at: found.sessions.at(-1)?.until ?? null,
      sessions: found.sessions.length,
      ...timeColumns(found.times),
      screenshots: shots.length,
      unchanged: within(known.media.unchanged).length,
      withheld: within(known.media.withheld).length,
      recordings: segments.length,
      recording_ms: sum(segments.map(({ ms }) => ms)),
      bytes: sum([...shots, ...segments].map(({ bytes }) => bytes)),
    },
    categories,
    sessions: found.sessions.map((session, index) => ({
      id: `${personId}-${day}-${index + 1}`,
      person_id: personId,
      source: 'observed',
      day,
      started_at: session.from,
      ended_at: session.until,
      ...timeColumns(session),
      note: null,
    })),
  }
}

/** What days count of pictures and recordings. */
async function loadMedia(
  agentIds: readonly number[],
  { from, until }: Span,
  client: Client
): Promise<Record<'screenshots' | 'unchanged' | 'recordings' | 'withheld', Medium[]>> {
  const within = async (table: string, time: string, ...columns: string[]): Promise<Medium[]> => {
    const rows: Record<string, number>[] = await client
      .from(table)
      .select(time, ...columns)
      .whereIn('agent_id', [...agentIds])
      .where(time, '>=', from)
      .where(time, '<', until)
      .if(table === 'evictions', (withheld) =>
        withheld.where({ evicted_kind: 'screenshot', cause: 'withheld' })
      )
    return rows.map((row) => ({
      at: Number(row[time]),
      bytes: Number(row.bytes ?? 0),
      ms: Number(row.duration_ms ?? 0),
    }))
  }
  return {
    screenshots: await within('screenshots', 'captured_at', 'bytes'),
    unchanged: await within('unchanged_screens', 'captured_at'),
    recordings: await within('recordings', 'captured_at', 'bytes', 'duration_ms'),
    withheld: await within('evictions', 'evicted_captured_at'),
  }
}

type Medium = { readonly at: number; readonly bytes: number; readonly ms: number }

/** Puts the sums of days of one person in the place of those that were there. */
export async function writeDays(
  trx: TransactionClientContract,
  personId: number,
  counted: readonly CountedDay[]
) {
  const days = counted.map(({ row }) => row.day)
  const former = (table: string) =>
    trx.from(table).where('person_id', personId).whereIn('day', days).delete()
  await former('rollup_days')
  await former('rollup_day_categories')
  await former('work_sessions').where('source', 'observed')
  const full = counted.filter(({ row }) => !isNothing(row))
  const insert = async (table: string, rows: readonly object[]) => {
    if (rows.length > 0) {
      await trx.table(table).multiInsert([...rows])
    }
  }
  await insert(
    'rollup_days',
    full.map(({ row }) => row)
  )
  await insert(
    'rollup_day_categories',
    full.flatMap(({ row: { day }, categories }) =>
      [...categories].map(([id, ms]) => ({
        person_id: personId,
        day,
        category_id: id,
        active_ms: ms,
      }))
    )
  )
  await insert(
    'work_sessions',
    full.flatMap(({ sessions }) => sessions)
  )
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

export type CountedDay = ReturnType<typeof countDay>
type DayRow = CountedDay['row']
