import { INITIAL_POLICY, type PolicyKey } from '#contract/policy'
import type User from '#models/user'
import { loadCategories, UNCATEGORISED } from '#services/categories/rules'
import { policyOfPerson } from '#services/policy/store'
import { startOfDay, type Calendar, type Day } from '#services/timeline/calendar'
import { coverageOf, type Times } from '#services/timeline/person_day'
import type { Span } from '#services/timeline/spans'
import db from '@adonisjs/lucid/services/db'

const DAY_MS = 86_400_000

/** What retention let go of a day, and what is left of it: sums, sessions and time by category. */
export type Decay = {
  /** Days that each is kept, by the policy in force now. */
  readonly kept: { readonly titles: number; readonly pictures: number; readonly events: number }
  /** Which of them are gone, all or in part. */
  readonly isGone: {
    readonly titles: boolean
    readonly pictures: boolean
    readonly events: boolean
  }
  readonly sums: {
    readonly first: number | null
    readonly last: number | null
    readonly sessions: readonly Span[]
    readonly activeMs: number
    readonly idleMs: number
    readonly pausedMs: number
    readonly shots: number
    readonly withheld: number
  }
  /** Active time by category, most first. */
  readonly categories: readonly { readonly name: string; readonly ms: number }[]
}

/** What of a day is still there: pictures, active time that events show, and whether any has a title. */
export type Left = {
  readonly shots: number
  readonly activeMs: number
  readonly hasTitles: boolean
}

type Row = Record<
  'first_at' | 'last_at' | 'active_ms' | 'idle_ms' | 'paused_ms' | 'screenshots' | 'withheld',
  number | null
>

/** The decay of a day at `now`; null for one of which nothing was let go. */
export async function decayOf(
  person: User,
  calendar: Calendar,
  day: Day,
  left: Left,
  now: number
): Promise<Decay | null> {
  const begin = startOfDay(calendar, day)
  const key = { person_id: person.id, day }
  if ((await reducedUntil(person)) <= begin) {
    return null
  }
  const row: Row | null = await db.from('rollup_days').where(key).first()
  if (!row) {
    return null
  }
  const { values } = await policyOfPerson(person)
  const days = (name: PolicyKey) => Number(values[name] ?? INITIAL_POLICY[name])
  const kept = {
    titles: days('retention.titles_days'),
    pictures: days('retention.screenshots_days'),
    events: days('retention.heartbeats_days'),
  }
  const sums = sumsOf(row)
  return {
    kept,
    isGone: {
      titles: begin < now - kept.titles * DAY_MS && !left.hasTitles,
      pictures: sums.shots > left.shots,
      events: sums.activeMs > left.activeMs,
    },
    sums: { ...sums, sessions: await sessionsOf(key) },
    categories: await categoriesOf(key),
  }
}

/** Sums of the days of a period of which something may be gone, both days included. */
export async function reducedDays(person: User, calendar: Calendar, from: Day, to: Day) {
  const until = await reducedUntil(person)
  const rows: (Row & TimeRow & { day: Day })[] = await db
    .from('rollup_days')
    .where('person_id', person.id)
    .whereBetween('day', [from, to])
  return new Map(
    rows
      .filter(({ day }) => startOfDay(calendar, day) < until)
      .map((row) => {
        const { activeMs, first, last } = sumsOf(row)
        return [row.day, { activeMs, first, last, coverage: coverageOf(timesOf(row)) }]
      })
  )
}

async function reducedUntil({ agents }: User): Promise<number> {
  const row = await db
    .from('agents')
    .whereIn(
      'id',
      agents.map(({ id }) => id)
    )
    .max('reduced_until as until')
    .first()
  return Number(row?.until ?? 0)
}

function sumsOf(row: Row) {
  const moment = (at: number | null) => (at === null ? null : Number(at))
  return {
    first: moment(row.first_at),
    last: moment(row.last_at),
    activeMs: Number(row.active_ms),
    idleMs: Number(row.idle_ms),
    pausedMs: Number(row.paused_ms),
    shots: Number(row.screenshots),
    withheld: Number(row.withheld),
  }
}

type TimeRow = Record<'locked_ms' | 'asleep_ms' | 'unknown_ms' | 'silent_ms' | 'missing_ms', number>

function timesOf(row: Row & TimeRow): Times {
  const { activeMs, idleMs, pausedMs } = sumsOf(row)
  return {
    ...{ activeMs, idleMs, pausedMs },
    lockedMs: Number(row.locked_ms),
    asleepMs: Number(row.asleep_ms),
    unknownMs: Number(row.unknown_ms),
    silentMs: Number(row.silent_ms),
    missingMs: Number(row.missing_ms),
  }
}

type Key = { readonly person_id: number; readonly day: Day }

async function sessionsOf(key: Key): Promise<Span[]> {
  const rows: { started_at: number; ended_at: number }[] = await db
    .from('work_sessions')
    .where({ ...key, source: 'observed' })
    .orderBy('started_at')
  return rows.map((row) => ({ from: Number(row.started_at), until: Number(row.ended_at) }))
}

async function categoriesOf(key: Key) {
  const known = await loadCategories()
  const rows: { category_id: number; active_ms: number }[] = await db
    .from('rollup_day_categories')
    .where(key)
    .where('active_ms', '>', 0)
  const nameOf = (id: number) =>
    id === UNCATEGORISED
      ? 'Uncategorised'
      : (known.find((category) => category.id === id)?.name ?? 'A category that is gone')
  return rows
    .map((row) => ({ name: nameOf(Number(row.category_id)), ms: Number(row.active_ms) }))
    .sort((one, other) => other.ms - one.ms)
}
