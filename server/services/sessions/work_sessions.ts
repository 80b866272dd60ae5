import type User from '#models/user'
import { newestKeys } from '#services/newest'
import { peopleWithDaysFor } from '#services/people'
import { peopleWithPurpose } from '#services/purpose'
import { instantInZone } from '#services/presentation'
import { calendarOf, calendarsOf } from '#services/timeline/calendars'
import { dayOf, zoneOn, type Calendar } from '#services/timeline/calendar'
import db from '@adonisjs/lucid/services/db'
import { randomUUID } from 'node:crypto'

export type WorkSessionRow = {
  readonly id: string
  readonly person_id: number
  readonly source: 'observed' | 'manual'
  readonly day: string
  readonly started_at: number
  readonly ended_at: number
  readonly active_ms: number
  readonly idle_ms: number
  readonly paused_ms: number
  readonly locked_ms: number
  readonly asleep_ms: number
  readonly unknown_ms: number
  readonly silent_ms: number
  readonly missing_ms: number
  readonly note: string | null
}

export type SessionListing = {
  readonly person?: number
  readonly team?: number
  readonly from?: string
  readonly to?: string
  readonly cursor?: string
  readonly limit?: number
}

/** Milliseconds of a session that was noted by hand: nothing was observed. */
const NOTHING_OBSERVED = {
  active_ms: 0,
  idle_ms: 0,
  paused_ms: 0,
  locked_ms: 0,
  asleep_ms: 0,
  unknown_ms: 0,
  silent_ms: 0,
  missing_ms: 0,
}

/**
 * Sessions that `viewer` may see, newest first, by key, and the calendars of their people. Of others, only
 * those of people for whom the viewer gave a purpose today.
 */
export async function listSessions(viewer: User, listing: SessionListing) {
  const limit = listing.limit ?? 50
  const { from, to, cursor } = listing
  const [time = '', id = ''] = cursor?.split('_') ?? []
  const people = await peopleOf(viewer, listing)
  const keys = await newestKeys(
    { table: 'work_sessions', owner: 'person_id', time: 'started_at' },
    {
      owners: people.map(({ id: person }) => person),
      conditions: [
        ...(from ? [['started_at', '>=', Date.parse(from)] as const] : []),
        ...(to ? [['started_at', '<', Date.parse(to)] as const] : []),
      ],
      cursor: cursor ? { time: Number(time), id } : null,
      limit: limit + 1,
    }
  )
  const found: WorkSessionRow[] = await db.from('work_sessions').whereIn(
    'id',
    keys.map((key) => key.id)
  )
  const known = new Map(found.map((row) => [row.id, row]))
  const rows = keys.flatMap((key) => known.get(key.id) ?? [])
  const last = rows.length > limit ? rows[limit - 1] : undefined
  const shown = rows.slice(0, limit)
  const ids = new Set(shown.map((row) => row.person_id))
  return {
    rows: shown,
    calendars: await calendarsOf(people.filter((one) => ids.has(one.id))),
    cursor: last ? `${last.started_at}_${last.id}` : null,
  }
}

/** The people of a list: the viewer, and of those whose days may be seen the ones with a purpose today. */
async function peopleOf(viewer: User, { person, team }: SessionListing): Promise<User[]> {
  const query = peopleWithDaysFor(viewer).where((open) => {
    open.where('users.id', viewer.id).orWhereIn('users.id', peopleWithPurpose(viewer))
  })
  if (person) {
    query.where('users.id', person)
  }
  if (team) {
    query.where('users.team_id', team)
  }
  return query.select('users.id', 'users.time_zone', 'users.day_start_minutes')
}

export async function findSession(id: string): Promise<WorkSessionRow | null> {
  return (await db.from('work_sessions').where('id', id).first()) ?? null
}

/** A span that a person notes for oneself. It stands beside what was observed and is never counted. */
export async function noteSession(person: User, from: number, until: number, note: string) {
  const row: WorkSessionRow = {
    id: `manual-${randomUUID()}`,
    person_id: person.id,
    source: 'manual',
    day: dayOf(await calendarOf(person), from),
    started_at: from,
    ended_at: until,
    ...NOTHING_OBSERVED,
    note,
  }
  await db.table('work_sessions').insert(row)
  return row
}

/** Removes a span that its person noted; false when there is none. What was observed stays. */
export async function removeNotedSession(person: User, id: string): Promise<boolean> {
  const removed = await db
    .from('work_sessions')
    .where({ id, person_id: person.id, source: 'manual' })
    .delete()
  return Number(removed) > 0
}

/** The sessions of one person whose day lies in a period, both days included, oldest first. */
export async function sessionsOf(
  { id }: Pick<User, 'id'>,
  from: string,
  to: string
): Promise<WorkSessionRow[]> {
  return db
    .from('work_sessions')
    .where('person_id', id)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('started_at')
    .orderBy('id')
}

/** What a person noted on a day. */
export async function notedOn(personId: number, day: string): Promise<WorkSessionRow[]> {
  return db
    .from('work_sessions')
    .where({ person_id: personId, day, source: 'manual' })
    .orderBy('started_at')
}

/** A session as the API gives it: its times in the offset that the zone of its day had then. */
export function sessionJson(row: WorkSessionRow, calendar: Calendar) {
  const { started_at: start, ended_at: end, ...rest } = row
  const zone = zoneOn(calendar, row.day)
  return {
    ...rest,
    started_at: instantInZone(Number(start), zone),
    ended_at: instantInZone(Number(end), zone),
  }
}
