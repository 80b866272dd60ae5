import Agent from '#models/agent'
import type User from '#models/user'
import type { Role } from '#models/user'
import { instantInZone } from '#services/presentation'
import { addDays, countDays, type Day } from '#services/timeline/calendar'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** How a page writes a cell: as it is, as a number, bytes, a day, an instant or a kind of look. */
export type CellKind = 'text' | 'count' | 'bytes' | 'day' | 'moment' | 'look'

/** A report about computers, looks and storage: nothing that anybody worked. */
export type HouseReport = {
  readonly columns: readonly { readonly name: string; readonly kind: CellKind }[]
  readonly rows: readonly (readonly (string | number | null)[])[]
  /** Rows that did not find room. */
  readonly leftOut: number
}

export type HouseReportName = 'health' | 'access' | 'storage'

type Described = {
  readonly title: string
  readonly about: string
  readonly roles: readonly Role[]
  /** How its figures come about. */
  readonly rules: readonly string[]
  make(viewer: User, period: Period): Promise<HouseReport>
}

/** Both days belong to it, on the wall of `zone`. */
export type Period = { readonly from: Day; readonly to: Day; readonly zone: string }

/** Rows of one report at the most. */
const MOST_ROWS = 500

/** Causes of gaps that nobody has to do anything about. */
const EXPECTED_CAUSES = ['paused', 'outside_hours', 'locked', 'suspended', 'stopped', 'excluded']

const text = (name: string) => ({ name, kind: 'text' }) as const
const count = (name: string) => ({ name, kind: 'count' }) as const
const bytes = (name: string) => ({ name, kind: 'bytes' }) as const
const date = (name: string) => ({ name, kind: 'day' }) as const
const moment = (name: string) => ({ name, kind: 'moment' }) as const
const look = (name: string) => ({ name, kind: 'look' }) as const

export const HOUSE_REPORTS: Readonly<Record<HouseReportName, Described>> = {
  health: {
    title: 'Capture health',
    about: 'What each computer sent, and what it could not: gaps and evictions',
    roles: ['owner', 'admin', 'manager', 'auditor'],
    rules: [
      'Screenshots, looks that found nothing new, segments and heartbeats are sums of the hours that lie in the period.',
      `Gaps are those with a cause that somebody can mend: not ${EXPECTED_CAUSES.join(', ')}.`,
      'Evicted is what an agent gave up because its spool was full, and said so.',
    ],
    make: health,
  },
  access: {
    title: 'Access',
    about: 'Who looked at whose days, pictures and recordings, and how often',
    roles: ['owner', 'admin', 'auditor'],
    rules: [
      'Each row counts lines of the audit log of one viewer, one person and one kind of look.',
      'The person sees the same looks one by one, each with its reason, under “Who looked”.',
    ],
    make: access,
  },
  storage: {
    title: 'Storage',
    about: 'What came in a day, by team',
    roles: ['owner', 'admin', 'auditor'],
    rules: [
      'Bytes of pictures and recordings as they came; what retention removed later is still counted.',
      'Days are those of the people.',
    ],
    make: storage,
  },
}

/** The reports that a role may open. */
export function houseReportsFor({ role }: User) {
  return Object.entries(HOUSE_REPORTS)
    .filter(([, { roles }]) => roles.includes(role))
    .map(([name, { title, about }]) => ({ name, title, about }))
}

async function health(viewer: User, period: Period): Promise<HouseReport> {
  const { from, until } = instantsOf(period)
  const agents = await Agent.query()
    .withScopes((scopes) => scopes.visibleTo(viewer))
    .whereNull('revoked_at')
    .preload('person')
    .orderBy('name')
  const shown = agents.slice(0, MOST_ROWS)
  const ids = shown.map(({ id }) => id)
  const [sums, gaps, evictions] = await Promise.all([
    byAgent(
      db
        .from('rollup_hours')
        .whereIn('agent_id', ids)
        .where('hour', '>=', from)
        .where('hour', '<', until)
        .sum('heartbeats as heartbeats')
        .sum('screenshots as screenshots')
        .sum('unchanged as unchanged')
        .sum('recordings as recordings')
    ),
    byAgent(
      db
        .from('gaps')
        .whereIn('agent_id', ids)
        .where('captured_at', '>=', from)
        .where('captured_at', '<', until)
        .whereNotIn('cause', EXPECTED_CAUSES)
        .count('* as gaps')
    ),
    byAgent(
      db
        .from('evictions')
        .whereIn('agent_id', ids)
        .where('captured_at', '>=', from)
        .where('captured_at', '<', until)
        .count('* as evicted')
    ),
  ])
  return {
    columns: [
      ...[text('Computer'), text('Person'), count('Heartbeats'), count('Screenshots')],
      ...[count('Nothing new'), count('Segments'), count('Gaps'), count('Evicted')],
    ],
    rows: shown.map(({ id, name, person }) => [
      name,
      person?.fullName ?? null,
      ...['heartbeats', 'screenshots', 'unchanged', 'recordings'].map((key) =>
        Number(sums.get(id)?.[key] ?? 0)
      ),
      Number(gaps.get(id)?.gaps ?? 0),
      Number(evictions.get(id)?.evicted ?? 0),
    ]),
    leftOut: agents.length - shown.length,
  }
}

async function access(_viewer: User, period: Period): Promise<HouseReport> {
  const { from, until } = instantsOf(period)
  const rows: Record<string, string | number | null>[] = await db
    .from('audit_log')
    .where('kind', 'look')
    .where('at', '>=', from)
    .where('at', '<', until)
    .groupBy('actor_id', 'person_id', 'action')
    .select('actor_id', 'person_id', 'action')
    .count('* as looks')
    .max('at as last_at')
    .orderBy('looks', 'desc')
    .limit(MOST_ROWS + 1)
  const nameOf = await namesOf(rows.flatMap((row) => [row.actor_id, row.person_id]))
  const at = (ms: string | number | null) => instantInZone(Number(ms), period.zone)
  return {
    columns: [text('Viewer'), text('Person'), look('What'), count('Looks'), moment('Last')],
    rows: rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        nameOf(row.actor_id) ?? 'a command, or somebody who is gone',
        nameOf(row.person_id) ?? 'nobody',
        row.action ?? '',
        Number(row.looks),
        at(row.last_at ?? 0),
      ]),
    leftOut: Math.max(0, rows.length - MOST_ROWS),
  }
}

type Id = string | number | null | undefined

/** Names of accounts by their numbers, read once for each instead of joined to each row. */
async function namesOf(ids: readonly Id[]): Promise<(id: Id) => string | null> {
  const wanted = [...new Set(ids.flatMap((id) => (id ? [Number(id)] : [])))]
  const users: { id: number; full_name: string }[] = await db
    .from('users')
    .whereIn('id', wanted)
    .select('id', 'full_name')
  const names = new Map(users.map((user) => [Number(user.id), user.full_name]))
  return (id) => (id ? (names.get(Number(id)) ?? null) : null)
}

async function storage(_viewer: User, { from, to }: Period): Promise<HouseReport> {
  const rows: Record<string, string | number | null>[] = await db
    .from('rollup_days')
    .join('users', 'users.id', 'rollup_days.person_id')
    .leftJoin('teams', 'teams.id', 'users.team_id')
    .where('day', '>=', from)
    .where('day', '<=', to)
    .groupBy('day', 'users.team_id', 'teams.name')
    .select('day', 'teams.name as team')
    .sum('screenshots as screenshots')
    .sum('recordings as recordings')
    .sum('bytes as bytes')
    .orderBy('day', 'desc')
    .orderBy('team')
    .limit(MOST_ROWS + 1)
  return {
    columns: [date('Day'), text('Team'), count('Screenshots'), count('Segments'), bytes('Bytes')],
    rows: rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        row.day ?? '',
        row.team ?? 'no team',
        Number(row.screenshots),
        Number(row.recordings),
        Number(row.bytes),
      ]),
    leftOut: Math.max(0, rows.length - MOST_ROWS),
  }
}

async function byAgent(query: ReturnType<ReturnType<typeof db.from>['where']>) {
  const rows = (await query.select('agent_id').groupBy('agent_id')) as Record<string, unknown>[]
  return new Map(rows.map((row) => [Number(row.agent_id), row]))
}

/** Milliseconds, `until` exclusive. */
function instantsOf({ from, to, zone }: Period) {
  const start = (day: Day) => DateTime.fromISO(day, { zone }).toMillis()
  return { from: start(from), until: start(addDays(to, 1)) }
}

/** At most this many days are asked for at once. */
export const MOST_DAYS = 92

export const isPeriod = (from: Day, to: Day) => from <= to && countDays(from, to) <= MOST_DAYS
