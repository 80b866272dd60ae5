import type User from '#models/user'
import { loadCategories, type Category } from '#services/categories/rules'
import {
  addDays,
  dayOf,
  startOfDay,
  zoneOn,
  type Calendar,
  type Day,
} from '#services/timeline/calendar'
import { chartOf, recordingsOf } from '#services/timeline/chart'
import { decayOf, type Decay } from '#services/timeline/decay'
import { loadMedia, type DayMedia, type DayShot } from '#services/timeline/day_media'
import { loadObserved, loadObservedOf, type Client } from '#services/timeline/observed'
import { personDay, type PersonDay } from '#services/timeline/person_day'
import { STATES } from '#services/timeline/presence'
import { reachOfDay } from '#services/timeline/sessions'
import type { Span } from '#services/timeline/spans'
import type { Foreground } from '#services/timeline/windows'
import { causeWords, STATE_WORDS } from '#services/timeline/words'
import { DateTime } from 'luxon'

/** Pictures of one hour that the page shows; the others are behind the last one. */
const SLOT_MS = 5 * 60_000

/** Rows of the table beside the chart, at the most. */
const MOST_ROWS = 400

export type TableRow = {
  readonly from: number
  readonly until: number
  readonly lane: string
  readonly text: string
  readonly detail: string
}

/** The day of a person, from what the person's agents observed. */
export async function dayOfPerson(
  person: User,
  calendar: Calendar,
  day: Day,
  client?: Client
): Promise<PersonDay> {
  const agentIds = person.agents.map(({ id }) => id)
  const observed = await loadObserved(agentIds, reachOfDay(calendar, day), client)
  return personDay(calendar, day, observed)
}

type PersonOnDay = { readonly person: User; readonly calendar: Calendar; readonly day: Day }

/** A day of each of some people, by their ids. */
export async function daysOfPeople(
  wanted: readonly PersonOnDay[]
): Promise<Map<number, PersonDay>> {
  const observed = await loadObservedOf(
    wanted.flatMap(({ person, calendar, day }) =>
      person.agents.map(({ id }) => ({ agentId: id, ...reachOfDay(calendar, day) }))
    )
  )
  return new Map(
    wanted.map(({ person, calendar, day }) => {
      const own = observed.filter(({ agentId }) => person.agents.some(({ id }) => id === agentId))
      return [person.id, personDay(calendar, day, own)]
    })
  )
}

/**
 * Everything that the page of a day shows. `zone` is the one that its times are written in. Where
 * retention let something go, its figures are the sums that were made before.
 */
export async function dayPage(
  person: User,
  calendar: Calendar,
  day: Day,
  zone: string,
  now = Date.now()
) {
  const found = await dayOfPerson(person, calendar, day)
  const media = await loadMedia(
    person.agents.map(({ id }) => id),
    found.window
  )
  const left = {
    shots: media.shots.length,
    activeMs: found.times.activeMs,
    hasTitles: found.windows.some(({ title }) => title !== null),
  }
  const decay = await decayOf(person, calendar, day, left, now)
  const rows = rowsOf(found, media, decay ? await loadCategories() : [])
  return {
    day: found,
    decay,
    facts: factsOf(found, media, decay),
    chart: chartOf(found, media, zone),
    rows: rows.slice(0, MOST_ROWS),
    /** The whole table, and the sums where they are what is left. */
    table: decay ? [...rows, ...sumRows(decay, spanOf(calendar, day))] : rows,
    rowsLeftOut: Math.max(0, rows.length - MOST_ROWS),
    hours: hoursOf(found, media, zone),
  }
}

function factsOf({ sessions, times }: PersonDay, media: DayMedia, decay: Decay | null) {
  const kept = { shotsKept: media.shots.length, unchanged: media.unchanged.length }
  if (decay) {
    return { ...decay.sums, ...kept }
  }
  return {
    first: sessions[0]?.from ?? null,
    last: sessions.at(-1)?.until ?? null,
    sessions,
    activeMs: times.activeMs,
    idleMs: times.idleMs,
    pausedMs: times.pausedMs,
    shots: media.shots.length,
    withheld: media.withheld,
    ...kept,
  }
}

/** Whether a day is over, is now, or has not begun, for the person. */
export function tenseOf(calendar: Calendar, day: Day, now: number): 'past' | 'today' | 'future' {
  const today = dayOf(calendar, now)
  return day === today ? 'today' : day < today ? 'past' : 'future'
}

/** The zone of the person on that day, of the organisation or of the viewer. */
export function zoneOfView(
  view: 'member' | 'org' | 'mine',
  { calendar, day, org, mine }: { calendar: Calendar; day: Day; org: string; mine: string }
): string {
  return view === 'mine' ? mine : view === 'org' ? org : zoneOn(calendar, day)
}

/** A time on the person's wall such as `10:30` as an instant of the day, on or after its beginning. */
export function momentOfDay(calendar: Calendar, day: Day, clock: string): number {
  const moment = DateTime.fromISO(`${day}T${clock}`, { zone: zoneOn(calendar, day) })
  const begin = startOfDay(calendar, day)
  return (moment.toMillis() < begin ? moment.plus({ days: 1 }) : moment).toMillis()
}

/** The picture nearest to a moment, of those that are there. */
export function nearest(shots: readonly DayShot[], at: number): DayShot | null {
  return shots.reduce<DayShot | null>(
    (best, shot) => (best && Math.abs(best.at - at) <= Math.abs(shot.at - at) ? best : shot),
    null
  )
}

/** The same as the chart, as rows; windows of less than a second are left out. */
function rowsOf(day: PersonDay, media: DayMedia, categories: readonly Category[]): TableRow[] {
  const names = new Map(categories.map(({ id, name }) => [id, name]))
  const presence = STATES.flatMap((state) =>
    day.states[state].map((span) => row(span, 'presence', STATE_WORDS[state], ''))
  )
  const windows = day.windows
    .filter(({ from, until }) => until - from >= 1000)
    .map((window) => row(window, 'app', window.app, detailOf(window, names)))
  const gaps = day.gaps.map((gap) => row(gap, 'gap', causeWords(gap.cause), gap.what.join(', ')))
  const recordings = recordingsOf(media.segments).map((span) =>
    row(span, 'recording', 'Recording', '')
  )
  return [...presence, ...windows, ...gaps, ...recordings].sort(
    (a, b) => a.from - b.from || a.until - b.until
  )
}

/** What is left of a day as rows: its sessions, and sums that are of the day as a whole. */
function sumRows({ sums, categories, isGone }: Decay, whole: Span): TableRow[] {
  const minutes = (ms: number) => `${Math.round(ms / 60_000)} min`
  const ofDay = (text: string, detail: string) => row(whole, 'sum of the day', text, detail)
  return [
    ...(isGone.events ? sums.sessions.map((span) => row(span, 'session', 'Session', '')) : []),
    ofDay('Active', minutes(sums.activeMs)),
    ofDay('Idle', minutes(sums.idleMs)),
    ofDay('Paused', minutes(sums.pausedMs)),
    ofDay('Screenshots taken', String(sums.shots)),
    ...categories.map(({ name, ms }) => row(whole, 'category', name, minutes(ms))),
  ]
}

function spanOf(calendar: Calendar, day: Day): Span {
  return { from: startOfDay(calendar, day), until: startOfDay(calendar, addDays(day, 1)) }
}

function row({ from, until }: { from: number; until: number }, ...words: [string, string, string]) {
  const [lane, text, detail] = words
  return { from, until, lane, text, detail }
}

/** Its title and domain; where they are gone, the category that they decided. */
function detailOf({ title, domain, categoryId }: Foreground, names: ReadonlyMap<number, string>) {
  const detail = [title, domain].filter((part) => part).join(' · ')
  return detail || (names.get(categoryId ?? 0) ?? '')
}

/** Pictures by the hour on the wall of `zone`, and the gaps that begin in it. */
function hoursOf(day: PersonDay, media: DayMedia, zone: string) {
  const startOf = (at: number) => DateTime.fromMillis(at, { zone }).startOf('hour').toMillis()
  const hours = new Map<number, { shots: DayShot[]; gaps: PersonDay['gaps'][number][] }>()
  const hourOf = (at: number) => {
    const start = startOf(at)
    const hour = hours.get(start) ?? { shots: [], gaps: [] }
    hours.set(start, hour)
    return hour
  }
  media.shots.forEach((shot) => hourOf(shot.at).shots.push(shot))
  day.gaps.forEach((gap) => hourOf(gap.from).gaps.push(gap))
  return [...hours]
    .sort(([one], [other]) => one - other)
    .map(([start, { shots, gaps }]) => ({ start, gaps, slots: slotsOf(shots, day.windows) }))
}

/** Pictures of five minutes stand behind the first of them. */
function slotsOf(shots: readonly DayShot[], windows: readonly Foreground[]) {
  const slots = new Map<number, DayShot[]>()
  for (const shot of shots) {
    const slot = Math.floor(shot.at / SLOT_MS)
    slots.set(slot, [...(slots.get(slot) ?? []), shot])
  }
  return [...slots.values()].flatMap(([shot, ...others]) =>
    shot ? [{ shot, more: others.length, app: windowAt(windows, shot.at)?.app ?? null }] : []
  )
}

/** The window that was in front at a moment; `windows` are in order. */
function windowAt(windows: readonly Foreground[], at: number): Foreground | null {
  let [low, high] = [0, windows.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const window = windows[middle] as Foreground
    if (at < window.from) {
      high = middle - 1
    } else if (at >= window.until) {
      low = middle + 1
    } else {
      return window
    }
  }
  return null
}
