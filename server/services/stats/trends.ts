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
  const days = await figuresByDay(scope, from, to)
  const now = by === 'day' ? days : byWeek(days, await peopleByWeek(scope, from, to))
  const total = { ...sum([...days.values()]), people: await peopleIn(scope, from, to) }
  const then = [...(await figuresByDay(scope, before.from, before.to)).values()]
  const totalThen = { ...sum(then), people: await peopleIn(scope, before.from, before.to) }
  return {
    from,
    to,
    by,
    buckets: bucketsOf(from, to, by).map((bucket) => {
      const start = by === 'day' ? bucket.from : mondayOf(bucket.from)
      return { ...bucket, figures: shown(scope, now.get(start) ?? NOTHING) }
    }),
    total: shown(scope, total),
    before: { ...before, total: shown(scope, totalThen) },
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

/** A number that the days of a week, Monday to Sunday, have in common, in SQL. */
const week = () =>
  db.connection().dialect.name === 'mysql'
    ? `(to_days(day) - 2) div 7`
    : `cast((julianday(day) + 0.5) / 7 as integer)`

const mondayOf = (day: Day) => addDays(day, 1 - DateTime.fromISO(day).weekday)

/**
 * Sums of the people and days that are asked for. Those of everybody are read day after day, from an index
 * that holds them all in the order they are added up in; those of a few from the keys of the few, which
 * would cost a search for each of everybody. An expression keeps planners from these keys.
 */
const within = (table: string, scope: Scope, from: Day, to: Day) => {
  const query = db.from(table).where('day', '>=', from).where('day', '<=', to)
  const without = scope.kind === 'group' ? scope.without : null
  if (without === null) {
    return query.whereIn('person_id', [...scope.ids])
  }
  return without.length > 0 ? query.whereNotIn(db.raw('person_id + 0'), [...without]) : query
}

type Sums = Record<(typeof SUMS)[number] | 'people', number | string | null>

async function figuresByDay(scope: Scope, from: Day, to: Day): Promise<Map<string, Figures>> {
  const query = within('rollup_days', scope, from, to).select('day').groupBy('day')
  for (const name of SUMS) {
    query.sum(`${name} as ${name}`)
  }
  const rows: (Sums & { day: Day })[] = await query.count('* as people')
  const times: { day: Day; category_id: number; ms: number }[] = await within(
    'rollup_day_categories',
    scope,
    from,
    to
  )
    .select('day', 'category_id')
    .sum('active_ms as ms')
    .groupBy('day', 'category_id')
  const timesOf = Map.groupBy(times, ({ day }) => day)
  return new Map(rows.map((row) => [row.day, figuresOf(row, timesOf.get(row.day) ?? [])]))
}

/** People of whom something was observed: on several days the same ones, so that days do not add up. */
async function peopleIn({ ids }: Scope, from: Day, to: Day): Promise<number> {
  const row = await db
    .from('users')
    .whereIn('id', [...ids])
    .whereExists((sums) => {
      sums
        .from('rollup_days')
        .whereColumn('rollup_days.person_id', 'users.id')
        .where('day', '>=', from)
        .where('day', '<=', to)
    })
    .count('* as people')
    .first()
  return Number(row?.people ?? 0)
}

async function peopleByWeek(scope: Scope, from: Day, to: Day): Promise<Map<string, number>> {
  const rows: { first: Day; people: number }[] = await within('rollup_days', scope, from, to)
    .select(db.raw(`${week()} as week`))
    .min('day as first')
    .countDistinct('person_id as people')
    .groupBy('week')
  return new Map(rows.map(({ first, people }) => [mondayOf(first), Number(people)]))
}

function byWeek(
  days: ReadonlyMap<string, Figures>,
  people: ReadonlyMap<string, number>
): Map<string, Figures> {
  const weeks = Map.groupBy(days, ([day]) => mondayOf(day as Day))
  return new Map(
    [...weeks].map(([start, all]) => [
      start,
      { ...sum(all.map(([, figures]) => figures)), people: people.get(start) ?? 0 },
    ])
  )
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

/** Figures added up, but for the people. */
function sum(all: readonly Figures[]): Figures {
  const add = (name: Exclude<keyof Figures, 'categories'>) =>
    all.reduce((total, figures) => total + figures[name], 0)
  const categories: Record<string, number> = {}
  for (const figures of all) {
    for (const [id, ms] of Object.entries(figures.categories)) {
      categories[id] = (categories[id] ?? 0) + ms
    }
  }
  return {
    people: 0,
    active_ms: add('active_ms'),
    idle_ms: add('idle_ms'),
    paused_ms: add('paused_ms'),
    received_ms: add('received_ms'),
    expected_ms: add('expected_ms'),
    screenshots: add('screenshots'),
    bytes: add('bytes'),
    categories,
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
