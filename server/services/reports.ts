import type User from '#models/user'
import { cells } from '#services/csv'
import { settleRollups } from '#services/rollups/settle'
import { sessionJson, sessionsOf } from '#services/sessions/work_sessions'
import type { Scope } from '#services/stats/scope'
import { figuresJson, trendsJson, trendsTable } from '#services/stats/tables'
import { trends, type Figures, type Trends } from '#services/stats/trends'
import type { Day } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'

/** What can be asked for by name; `sessions` is of one person alone. */
export const REPORTS = ['days', 'weeks', 'categories', 'sessions'] as const
export type ReportName = (typeof REPORTS)[number]

/** Both days belong to it. */
export type Period = { readonly from: Day; readonly to: Day }

/** A report as one document and as rows of a table, the first of them its head. */
export type Report = { readonly document: object; readonly table: readonly string[][] }

/** Makes a report of a scope, from sums that are counted by now. */
export async function makeReport(name: ReportName, scope: Scope, period: Period): Promise<Report> {
  await settleRollups()
  if (name === 'sessions') {
    return sessionsReport(scope.kind === 'person' ? scope.person : null, period)
  }
  const found = await trends(scope, { ...period, by: name === 'weeks' ? 'week' : 'day' })
  return name === 'categories'
    ? categoriesReport(found)
    : { document: trendsJson(found), table: trendsTable(found) }
}

async function sessionsReport(person: User | null, { from, to }: Period): Promise<Report> {
  const rows = person ? await sessionsOf(person, from, to) : []
  const calendar = person ? await calendarOf(person) : null
  const sessions = calendar ? rows.map((row) => sessionJson(row, calendar)) : []
  const head = [
    'day',
    'source',
    'started_at',
    'ended_at',
    'active_ms',
    'idle_ms',
    'paused_ms',
  ] as const
  return {
    document: { from, to, data: sessions },
    table: [
      cells(...head, 'note'),
      ...sessions.map((row) => cells(...head.map((key) => row[key]), row.note)),
    ],
  }
}

/** Active time by category beside the period before; one that nothing was under is left out. */
function categoriesReport({ from, to, total, before, categories }: Trends): Report {
  const known = [...categories, { id: 0, name: 'Uncategorised', value: 'neutral' as const }]
  const of = (figures: Figures | null, id: number) => figures?.categories[id] ?? 0
  const data = known
    .map(({ id, name, value }) => ({
      category: name,
      value,
      active_ms: of(total, id),
      before_ms: before.total === null ? null : of(before.total, id),
    }))
    .filter(({ active_ms: now, before_ms: then }) => now > 0 || (then ?? 0) > 0)
    .sort((one, other) => other.active_ms - one.active_ms)
  const seconds = (ms: number | null) => (ms === null ? null : Math.round(ms / 1000))
  return {
    document: { from, to, total: figuresJson(total), data: total === null ? [] : data },
    table: [
      cells('category', 'value', 'active (s)', 'period before (s)'),
      ...(total === null
        ? [cells('fewer than five')]
        : data.map((row) =>
            cells(row.category, row.value, seconds(row.active_ms), seconds(row.before_ms))
          )),
    ],
  }
}
