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

const SUMS = [
  'active_ms',
  'idle_ms',
  'paused_ms',
  'locked_ms',
  'asleep_ms',
  'unknown_ms',
  'missing_ms',
  'screenshots',
  'bytes',
] as const

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
  const now = await figuresBy(by === 'day' ? 'day' : monday(), scope, from, to)
  const total = await totalOf(scope, from, to)
  const then = await totalOf(scope, before.from, before.to)
  return {
    from,
    to,
    by,
    buckets: bucketsOf(from, to, by).map((bucket) => {
      const start = by === 'day' ? bucket.from : mondayOf(bucket.from)
      return { ...bucket, figures: shown(scope, now.get(start) ?? NOTHING) }
    }),
    total: shown(scope, total),
    before: { ...before, total: shown(scope, then) },
    categories: await loadCategories(),
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

/** The Monday of a day's week, in SQL. */
const monday = () =>
  db.connection().dialect.name === 'mysql'
    ? `date_format(date_sub(day, interval weekday(day) day), '%Y-%m-%d')`
    : `date(day, '-6 days', 'weekday 1')`

const mondayOf = (day: Day) => addDays(day, 1 - DateTime.fromISO(day).weekday)

const within = (table: string, { ids }: Scope, from: Day, to: Day) =>
  db
    .from(table)
    .whereIn('person_id', [...ids])
    .where('day', '>=', from)
    .where('day', '<=', to)

type Sums = Record<(typeof SUMS)[number] | 'people', number | string | null>

/** Sums by what `bucket` makes of a day. A person with several days in it is one. */
async function figuresBy(
  bucket: string,
  scope: Scope,
  from: Day,
  to: Day
): Promise<Map<string, Figures>> {
  const rows: (Sums & { bucket: string })[] = await sumOf(
    within('rollup_days', scope, from, to)
      .select(db.raw(`${bucket} as bucket`))
      .groupBy('bucket')
  )
  const times: { bucket: string; category_id: number; ms: number }[] = await within(
    'rollup_day_categories',
    scope,
    from,
    to
  )
    .select(db.raw(`${bucket} as bucket`), 'category_id')
    .sum('active_ms as ms')
    .groupBy('bucket', 'category_id')
  return new Map(
    rows.map((row) => [
      row.bucket,
      figuresOf(
        row,
        times.filter((time) => time.bucket === row.bucket)
      ),
    ])
  )
}

async function totalOf(scope: Scope, from: Day, to: Day): Promise<Figures> {
  const [row]: Sums[] = await sumOf(within('rollup_days', scope, from, to))
  const times: { category_id: number; ms: number }[] = await within(
    'rollup_day_categories',
    scope,
    from,
    to
  )
    .select('category_id')
    .sum('active_ms as ms')
    .groupBy('category_id')
  return row ? figuresOf(row, times) : NOTHING
}

function sumOf(query: ReturnType<typeof within>) {
  for (const name of SUMS) {
    query.sum(`${name} as ${name}`)
  }
  return query.countDistinct('person_id as people')
}

function figuresOf(
  row: Sums,
  times: readonly { readonly category_id: number; readonly ms: number }[]
): Figures {
  const value = (name: keyof Sums) => Number(row[name] ?? 0)
  const received =
    value('active_ms') +
    value('idle_ms') +
    value('locked_ms') +
    value('asleep_ms') +
    value('unknown_ms')
  return {
    people: value('people'),
    active_ms: value('active_ms'),
    idle_ms: value('idle_ms'),
    paused_ms: value('paused_ms'),
    received_ms: received,
    expected_ms: received + value('missing_ms'),
    screenshots: value('screenshots'),
    bytes: value('bytes'),
    categories: Object.fromEntries(times.map(({ category_id: id, ms }) => [id, Number(ms)])),
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
