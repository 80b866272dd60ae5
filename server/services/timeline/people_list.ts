import Team from '#models/team'
import User from '#models/user'
import { whereHolds } from '#services/like'
import { peopleWithDaysFor } from '#services/people'
import { purposesOf } from '#services/purpose'
import { dayOf, zoneOn } from '#services/timeline/calendar'
import { calendarsOf } from '#services/timeline/calendars'
import { daysOfPeople } from '#services/timeline/day_page'
import { coverageOf } from '#services/timeline/person_day'

/** People on one page of the list. */
const PAGE = 25

type Filter = {
  readonly q: string | null
  readonly team: number | null
  /** The last person of the page before. */
  readonly after: number | null
}

/**
 * The people of a page, by name, with their day so far where `viewer` may see days and gave a reason
 * today: `shown` are the others of whom it is there. An admin and an auditor see who there is, and no times.
 */
export async function peopleList(viewer: User, { q, team, after }: Filter) {
  const seesAll = viewer.role === 'admin' || viewer.role === 'auditor'
  const query = seesAll ? User.query() : peopleWithDaysFor(viewer)
  query.whereNull('users.disabled_at').preload('agents').preload('team')
  if (q) {
    whereHolds(query, 'users.full_name', q)
  }
  if (team) {
    query.where('users.team_id', team)
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
  const rows = await rowsOf(viewer, people)
  return {
    rows,
    shown: rows.filter(({ isShown }) => isShown).map(({ person }) => person.id),
    teams: await teamsOf(viewer),
    next: found.length > PAGE ? (people.at(-1)?.id ?? null) : null,
  }
}

async function rowsOf(viewer: User, people: readonly User[]) {
  const calendars = await calendarsOf(people)
  const now = Date.now()
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
        isOnline: person.agents.some((agent) => agent.presenceAt(now) === 'online'),
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
