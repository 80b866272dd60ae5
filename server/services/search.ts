import Agent from '#models/agent'
import type User from '#models/user'
import { whereHolds } from '#services/like'
import { peopleWithDaysFor } from '#services/people'
import { addDays, dayOf, isDay, type Day } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { DateTime } from 'luxon'

export type Found = { readonly group: string; readonly text: string; readonly href: string }

type Place = { readonly text: string; readonly href: string; readonly words: string }

/** Results of one kind at the most. */
const MOST = 8

const PLACES: readonly Place[] = [
  { text: 'Overview', href: '/', words: 'now home start' },
  { text: 'Screenshots', href: '/screenshots', words: 'pictures captures' },
  { text: 'Recordings', href: '/recordings', words: 'video films' },
  { text: 'Agents', href: '/agents', words: 'computers machines' },
  { text: 'Reports', href: '/reports', words: 'health access storage' },
  { text: 'Trends', href: '/reports/trends', words: 'reports productivity hours statistics' },
  { text: 'Categories', href: '/categories', words: 'rules productive' },
  { text: 'My day', href: '/me', words: 'mine today' },
  { text: 'Pause', href: '/me/pause', words: 'mine private break' },
  { text: 'Notice', href: '/me/notice', words: 'mine acknowledged' },
  { text: 'My data', href: '/me/data', words: 'mine download erasure correction' },
  { text: 'Exports', href: '/exports', words: 'files zip' },
  { text: 'Who looked', href: '/me/access', words: 'log accesses' },
  { text: 'What is captured', href: '/transparency', words: 'notice privacy' },
  { text: 'Settings', href: '/settings', words: 'configuration' },
  { text: 'Profile', href: '/settings/profile', words: 'settings password name zone sessions' },
  { text: 'Second factor', href: '/settings/two-factor', words: 'settings two-factor code totp' },
  { text: 'Tokens', href: '/settings/tokens', words: 'settings api' },
]

const PLACES_OF_ROLES: readonly (Place & { readonly roles: readonly string[] })[] = [
  {
    text: 'People',
    href: '/people',
    words: 'team',
    roles: ['owner', 'admin', 'manager', 'auditor'],
  },
  {
    text: 'Live',
    href: '/live',
    words: 'wall now screens',
    roles: ['owner', 'manager'],
  },
  { text: 'Enrol a computer', href: '/agents/new', words: 'add new', roles: ['owner', 'admin'] },
  { text: 'Code of a computer', href: '/enrol', words: 'enrol confirm', roles: ['owner', 'admin'] },
  { text: 'Policies', href: '/policies', words: 'rules', roles: ['owner', 'admin', 'auditor'] },
  { text: 'Audit log', href: '/audit', words: 'who changed', roles: ['owner', 'admin', 'auditor'] },
  { text: 'Requests', href: '/requests', words: 'erasure', roles: ['owner', 'admin'] },
  {
    text: 'Users',
    href: '/settings/users',
    words: 'settings accounts invite roles',
    roles: ['owner', 'admin'],
  },
  { text: 'Teams', href: '/settings/teams', words: 'settings managers', roles: ['owner', 'admin'] },
  {
    text: 'Storage',
    href: '/settings/storage',
    words: 'settings s3 google drive',
    roles: ['owner', 'admin'],
  },
  {
    text: 'Enrolment codes',
    href: '/settings/codes',
    words: 'settings agents',
    roles: ['owner', 'admin'],
  },
  {
    text: 'Holds',
    href: '/settings/holds',
    words: 'settings retention',
    roles: ['owner', 'admin'],
  },
  {
    text: 'Notices',
    href: '/settings/notices',
    words: 'settings acknowledged ledger read',
    roles: ['owner', 'admin'],
  },
  {
    text: 'Retention',
    href: '/settings/retention',
    words: 'settings days kept delete preview',
    roles: ['owner', 'admin'],
  },
  {
    text: 'System',
    href: '/settings/system',
    words: 'settings health versions jobs queue doctor migrations',
    roles: ['owner', 'admin'],
  },
  {
    text: 'Organisation',
    href: '/settings/organisation',
    words: 'settings name zone company',
    roles: ['owner'],
  },
  { text: 'Security', href: '/settings/security', words: 'settings roles', roles: ['owner'] },
]

/** Pages, people, computers and days that fit some words, as `viewer` may see them. */
export async function search(viewer: User, q: string): Promise<Found[]> {
  const { day, rest } = readDay(q, viewer.timeZone)
  const places = [...PLACES, ...PLACES_OF_ROLES.filter(({ roles }) => roles.includes(viewer.role))]
    .filter(({ text, words }) => fitsWords(`${text} ${words}`, q))
    .map(({ text, href }) => ({ group: 'Pages', text, href }))
  if (q.trim() === '') {
    return places
  }
  const own: Found[] =
    day && rest === '' ? [{ group: 'Days', text: `My day, ${day}`, href: `/me/days/${day}` }] : []
  return [...own, ...(await people(viewer, rest, day)), ...places, ...(await agents(viewer, q))]
}

async function people(viewer: User, words: string, day: Day | null): Promise<Found[]> {
  if (words === '' && !day) {
    return []
  }
  const query = peopleWithDaysFor(viewer).whereNull('disabled_at').orderBy('full_name').limit(MOST)
  for (const word of words.split(/\s+/).filter((part) => part)) {
    whereHolds(query, 'full_name', word)
  }
  const found = await query
  return Promise.all(
    found
      .filter(({ id }) => id !== viewer.id)
      .map(async (person) => {
        const date = day ?? dayOf(await calendarOf(person), Date.now())
        return {
          group: day ? 'Days' : 'People',
          text: day ? `${person.fullName}, ${day}` : person.fullName,
          href: `/people/${person.id}/days/${date}`,
        }
      })
  )
}

async function agents(viewer: User, q: string): Promise<Found[]> {
  const found = await Agent.query()
    .withScopes((scopes) => scopes.visibleTo(viewer))
    .where((names) => {
      names.where((own) => whereHolds(own, 'agents.name', q.trim()))
      names.orWhere((host) => whereHolds(host, 'agents.host', q.trim()))
    })
    .orderBy('name')
    .limit(MOST)
  return found.map(({ id, name }) => ({ group: 'Agents', text: name, href: `/agents/${id}` }))
}

/** Takes a date out of some words: `2026-11-19`, `19 nov`, `today`, `yesterday`. */
export function readDay(q: string, zone: string, now = Date.now()) {
  const today = DateTime.fromMillis(now, { zone }).toISODate() as Day
  const words = q.trim().toLowerCase()
  const take = (pattern: RegExp, day: (match: RegExpExecArray) => Day | null) => {
    const match = pattern.exec(words)
    const found = match && day(match)
    return match && found
      ? { day: found, rest: words.replace(match[0], ' ').replace(/\s+/g, ' ').trim() }
      : null
  }
  return (
    take(/\b20\d{2}-\d{2}-\d{2}\b/, ([text]) => (isDay(text) ? text : null)) ??
    take(/\btoday\b/, () => today) ??
    take(/\byesterday\b/, () => addDays(today, -1)) ??
    take(/\b(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/, (match) =>
      lastTime(`${match[1]} ${match[2]}`, today)
    ) ?? { day: null, rest: words }
  )
}

/** The last day of that name that is not in the future. */
function lastTime(text: string, today: Day): Day | null {
  const year = Number(today.slice(0, 4))
  const days = [year, year - 1].map((one) =>
    DateTime.fromFormat(`${text} ${one}`, 'd LLL yyyy', { locale: 'en' }).toISODate()
  )
  return days.find((day) => isDay(day) && day <= today) ?? null
}

function fitsWords(text: string, q: string): boolean {
  const subject = text.toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => subject.includes(word))
}
