import type User from '#models/user'
import { queueState } from '#services/jobs/state'
import { media } from '#services/media'
import { LEAST_GROUP } from '#services/stats/scope'
import { dayOf } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { visibleTeams } from '#services/visible'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** What a team did today; `figures` is null where fewer than five people are in it. */
export type TeamToday = {
  readonly id: number
  readonly name: string
  /** Of whom something was observed. */
  readonly people: number
  readonly figures: { readonly activeMs: number; readonly coverage: number | null } | null
  /** Active time a person, against the team with the most, in percent. */
  readonly share: number
}

const RECEIVED = ['active_ms', 'idle_ms', 'locked_ms', 'asleep_ms', 'unknown_ms'] as const

/** Days by which the growth of storage is measured. */
const GROWTH_DAYS = 7

/** The teams that `viewer` may see, by name, on the day that is today for the viewer. */
export async function todayByTeam(viewer: User): Promise<TeamToday[]> {
  const teams = await visibleTeams(viewer).orderBy('name').limit(50)
  const today = dayOf(await calendarOf(viewer), Date.now())
  const query = db
    .from('rollup_days')
    .join('users', 'users.id', 'rollup_days.person_id')
    .where('day', today)
    .whereIn(
      'users.team_id',
      teams.map(({ id }) => id)
    )
    .groupBy('users.team_id')
    .select('users.team_id')
    .countDistinct('person_id as people')
    .sum('missing_ms as missing_ms')
  for (const name of RECEIVED) {
    query.sum(`${name} as ${name}`)
  }
  const rows: Record<string, number | string | null>[] = await query
  const sums = teams.map(({ id, name }) => {
    const row = rows.find(({ team_id: team }) => Number(team) === id)
    const value = (column: string) => Number(row?.[column] ?? 0)
    const received = RECEIVED.reduce((sum, column) => sum + value(column), 0)
    const expected = received + value('missing_ms')
    const people = value('people')
    const figures = {
      activeMs: value('active_ms'),
      coverage: expected === 0 ? null : received / expected,
    }
    return { id, name, people, figures: people < LEAST_GROUP ? null : figures }
  })
  const each = ({ people, figures }: (typeof sums)[number]) =>
    figures ? figures.activeMs / people : 0
  const most = Math.max(1, ...sums.map(each))
  return sums.map((team) => ({ ...team, share: Math.round((each(team) / most) * 100) }))
}

/** Room for media on this server, how fast it goes, and what the queue has before it; bytes and seconds. */
export async function storageNow() {
  const { free, total } = await media.room()
  const since = DateTime.utc().minus({ days: GROWTH_DAYS }).toISODate() as string
  const row = await db.from('rollup_days').where('day', '>', since).sum('bytes as bytes').first()
  const perDay = Math.round(Number(row?.bytes ?? 0) / GROWTH_DAYS)
  const { waiting, lag_seconds: lag } = await queueState()
  return {
    free,
    total,
    perDay,
    daysLeft: perDay === 0 ? null : Math.floor(free / perDay),
    waiting,
    lag,
  }
}
