import { loadCategories, UNCATEGORISED, type Category } from '#services/categories/rules'
import { LEAST_GROUP, type Scope } from '#services/stats/scope'
import { addDays, countDays, daysBetween, type Day } from '#services/timeline/calendar'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

export type Figures = {
  /** People of whom something was observed. */
  readonly people: number
  readonly active_ms: number
  readonly idle_ms: number
  readonly paused_ms: number
  /** Time of which there is a reading, and time of which there should be one. */
  readonly received_ms: number
  readonly expected_ms: number
  readonly screenshots: number
  readonly bytes: number
  /** Active time by the number of the category; 0 is what no rule takes. */
  readonly categories: Readonly<Record<number, number>>
}

/** Figures of one day or week; null where a group is too small to be shown. */
export type Bucket = { readonly from: Day; readonly to: Day; readonly figures: Figures | null }

export type Trends = {
  readonly from: Day
  readonly to: Day
  readonly by: 'day' | 'week'
  readonly buckets: readonly Bucket[]
  readonly total: Figures | null
  readonly before: { readonly from: Day; readonly to: Day; readonly total: Figures | null }
  readonly categories: readonly Category[]
}

type DayRow = {
  day: Day
  person_id: number
  active_ms: number
  idle_ms: number
  paused_ms: number
  locked_ms: number
  asleep_ms: number
  unknown_ms: number
  missing_ms: number
  screenshots: number
  bytes: number
}

const NOTHING: Figures = {
  people: 0,
  active_ms: 0,
  idle_ms: 0,
  paused_ms: 0,
  received_ms: 0,
  expected_ms: 0,
  screenshots: 0,
  bytes: 0,
  categories: {},
}

/**
 * Figures of a scope from day to day (both included) beside those of the period of equal length before.
 * In a group of fewer than five people nothing is shown, neither in sum nor on a single day.
 */
export async function trends(
  scope: Scope,
  { from, to, by }: { from: Day; to: Day; by: 'day' | 'week' }
): Promise<Trends> {
  const length = countDays(from, to)
  const before = { from: addDays(from, -length), to: addDays(from, -1) }
  const [now, then, categories] = [
    await load(scope, from, to),
    await load(scope, before.from, before.to),
    await loadCategories(),
  ]
  return {
    from,
    to,
    by,
    buckets: bucketsOf(from, to, by).map((bucket) => ({
      ...bucket,
      figures: shown(scope, sum(now, bucket.from, bucket.to)),
    })),
    total: shown(scope, sum(now, from, to)),
    before: { ...before, total: shown(scope, sum(then, before.from, before.to)) },
    categories,
  }
}

export const coverage = ({ received_ms: received, expected_ms: expected }: Figures) =>
  expected === 0 ? null : received / expected

/** Active time by what its category counts as; uncategorised time apart. */
export function byValue({ categories }: Figures, all: readonly Category[]) {
  const sums = { productive: 0, neutral: 0, unproductive: 0, uncategorised: 0 }
  for (const [id, ms] of Object.entries(categories)) {
    const value =
      Number(id) === UNCATEGORISED ? null : all.find((one) => one.id === Number(id))?.value
    sums[value ?? 'uncategorised'] += ms
  }
  return sums
}

type Loaded = {
  readonly days: readonly DayRow[]
  readonly categories: readonly { day: Day; category_id: number; active_ms: number }[]
}

async function load({ ids }: Scope, from: Day, to: Day): Promise<Loaded> {
  const within = (table: string) =>
    db
      .from(table)
      .whereIn('person_id', [...ids])
      .where('day', '>=', from)
      .where('day', '<=', to)
  return {
    days: await within('rollup_days'),
    categories: await within('rollup_day_categories')
      .select('day', 'category_id')
      .sum('active_ms as active_ms')
      .groupBy('day', 'category_id'),
  }
}

function sum({ days, categories }: Loaded, from: Day, to: Day): Figures {
  const isIn = ({ day }: { day: Day }) => day >= from && day <= to
  const rows = days.filter(isIn)
  const add = (key: keyof DayRow) => rows.reduce((total, row) => total + Number(row[key]), 0)
  const received =
    add('active_ms') + add('idle_ms') + add('locked_ms') + add('asleep_ms') + add('unknown_ms')
  const times: Record<number, number> = {}
  for (const row of categories.filter(isIn)) {
    times[row.category_id] = (times[row.category_id] ?? 0) + Number(row.active_ms)
  }
  return {
    ...NOTHING,
    people: new Set(rows.map((row) => row.person_id)).size,
    active_ms: add('active_ms'),
    idle_ms: add('idle_ms'),
    paused_ms: add('paused_ms'),
    received_ms: received,
    expected_ms: received + add('missing_ms'),
    screenshots: add('screenshots'),
    bytes: add('bytes'),
    categories: times,
  }
}

function shown({ kind }: Scope, figures: Figures): Figures | null {
  return kind === 'group' && figures.people < LEAST_GROUP ? null : figures
}

function bucketsOf(from: Day, to: Day, by: 'day' | 'week') {
  if (by === 'day') {
    return daysBetween(from, to).map((day) => ({ from: day, to: day }))
  }
  const weeks: { from: Day; to: Day }[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) {
    if (weeks.length === 0 || DateTime.fromISO(day).weekday === 1) {
      weeks.push({ from: day, to: day })
    } else {
      weeks[weeks.length - 1] = { ...(weeks.at(-1) as { from: Day }), to: day }
    }
  }
  return weeks
}
