import { personNow, wherePersonIs, type PersonNow } from '#models/agent'
import Team from '#models/team'
import User from '#models/user'
import { cells } from '#services/csv'
import { whereHolds } from '#services/like'
import { peopleWithDaysFor } from '#services/people'
import { purposesOf } from '#services/purpose'
import { dayOf, zoneOn } from '#services/timeline/calendar'
import { calendarsOf } from '#services/timeline/calendars'
import { daysOfPeople } from '#services/timeline/day_page'
import { coverageOf } from '#services/timeline/person_day'
import { DateTime } from 'luxon'

/** People on one page of the list. */
const PAGE = 25

export type PeopleFilter = {
  /** Part of the name. */
  readonly q: string | null
  readonly team: number | null
  readonly state: PersonNow | null
  /** The last person of the page before. */
  readonly after: number | null
}

/**
 * The people of a page, by name, with their day so far where `viewer` may see days and gave a reason
 * today: `shown` are the others of whom it is there. An admin and an auditor see who there is, and no times.
 */
export async function peopleList(viewer: User, filter: PeopleFilter) {
  const now = Date.now()
  const { people, next } = await pageOf(viewer, filter, now)
  const rows = await rowsOf(viewer, people, now)
  return {
    rows,
    shown: rows.filter(({ isShown }) => isShown).map(({ person }) => person.id),
    teams: await teamsOf(viewer),
    next,
  }
}

/**
 * The whole list as rows of a table, the first of them its head: times in the zone of the person, with
 * offset, of those whose day `viewer` may see and gave a reason for today. `note` gets those others of a page before
 * the rows are made.
 */
export async function peopleTable(
  viewer: User,
  filter: PeopleFilter,
  note: (shown: readonly number[]) => Promise<void>
): Promise<string[][]> {
  const table = [cells(...COLUMNS)]
  const now = Date.now()
  let { after } = filter
  do {
    const { people, next } = await pageOf(viewer, { ...filter, after }, now)
    const rows = await rowsOf(viewer, people, now)
    await note(rows.filter(({ isShown }) => isShown).map(({ person }) => person.id))
    table.push(...rows.map(cellsOf))
    after = next
  } while (after !== null)
  return table
}

const COLUMNS = [
  'person',
  'e-mail',
  'team',
  'time zone',
  'state',
  'day',
  'first',
  'last',
  'active (s)',
  'coverage',
  'computers',
  'times',
] as const

function cellsOf(row: PersonRow): string[] {
  const { person, zone } = row
  const at = (time: number | null) =>
    time === null ? null : DateTime.fromMillis(time, { zone }).toISO({ suppressMilliseconds: true })
  const why = row.mayOpen ? 'not shown: no reason was given today' : 'not shown to this role'
  return cells(
    person.fullName,
    person.email,
    person.team?.name ?? null,
    zone,
    row.state,
    row.today,
    at(row.first),
    at(row.last),
    row.activeMs === null ? null : Math.round(row.activeMs / 1000),
    row.coverage === null ? null : Number(row.coverage.toFixed(3)),
    row.computers,
    row.isShown ? 'shown' : why
  )
}

/** The people of one page by name, with their computers and team, and the last of them where more follow. */
async function pageOf(viewer: User, { q, team, state, after }: PeopleFilter, now: number) {
  const seesAll = viewer.role === 'admin' || viewer.role === 'auditor'
  const query = seesAll ? User.query() : peopleWithDaysFor(viewer)
  query.whereNull('users.disabled_at').preload('agents').preload('team')
  if (q) {
    whereHolds(query, 'users.full_name', q)
  }
  if (team) {
    query.where('users.team_id', team)
  }
  if (state) {
    wherePersonIs(query, state, now)
  }
  const last = after ? await User.find(after) : null
  if (last) {
    query.where((rest) => {
      rest
        .where('full_name', '>', last.fullName)
        .orWhere((same) => same.where('full_name', last.fullName).where('users.id', '>', last.id))
    })
  }
  const found = await query
    .orderBy('full_name')
    .orderBy('users.id')
    .limit(PAGE + 1)
  const people = found.slice(0, PAGE)
  return { people, next: found.length > PAGE ? (people.at(-1)?.id ?? null) : null }
}

type PersonRow = Awaited<ReturnType<typeof rowsOf>>[number]

async function rowsOf(viewer: User, people: readonly User[], now: number) {
  const calendars = await calendarsOf(people)
  const mayOpen = (person: User) =>
    viewer.id === person.id || viewer.role === 'owner' || viewer.role === 'manager'
  const reasons = await purposesOf(
    viewer,
    people.map(({ id }) => id)
  )
  const isShown = (person: User) =>
    mayOpen(person) && (viewer.id === person.id || reasons.has(person.id))
  const days = await daysOfPeople(
    people.filter(isShown).flatMap((person) => {
      const calendar = calendars.get(person.id)
      return calendar ? [{ person, calendar, day: dayOf(calendar, now) }] : []
    })
  )
  const rows = []
  for (const person of people) {
    const calendar = calendars.get(person.id)
    if (calendar) {
      const today = dayOf(calendar, now)
      const day = days.get(person.id) ?? null
      rows.push({
        person,
        today,
        mayOpen: mayOpen(person),
        isShown: isShown(person),
        zone: zoneOn(calendar, today),
        now,
        state: personNow(person.agents, now),
        computers: person.agents.filter((agent) => !agent.isRevoked).length,
        first: day?.sessions[0]?.from ?? null,
        last: day?.sessions.at(-1)?.until ?? null,
        activeMs: day?.times.activeMs ?? null,
        coverage: day ? coverageOf(day.times) : null,
      })
    }
  }
  return rows
}

/** Teams of the filter: all, or those that a manager manages. */
function teamsOf(viewer: User) {
  const query = Team.query().orderBy('name')
  if (viewer.role === 'manager') {
    query.whereIn('id', (teams) => {
      teams.from('team_managers').where('user_id', viewer.id).select('team_id')
    })
  }
  return query
}
