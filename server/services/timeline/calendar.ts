import { DateTime } from 'luxon'

/** A day of a person as `2026-11-19`. */
export type Day = string

/** A zone in which a person lived until the day `until`, exclusive. */
export type FormerZone = { readonly until: Day; readonly zone: string }

/**
 * Whose days: the zone a person lives in, those before it, and when a day begins, in minutes after
 * midnight on the person's wall.
 */
export type Calendar = {
  readonly zone: string
  readonly formerZones: readonly FormerZone[]
  readonly dayStartMinutes: number
}

export const DAY_FORMAT = /^20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/** Whether `text` names a day that exists, as `2026-02-28`. */
export function isDay(text: unknown): text is Day {
  return typeof text === 'string' && DAY_FORMAT.test(text) && DateTime.fromISO(text).isValid
}

/** The zone of a person on a day. */
export function zoneOn({ zone, formerZones }: Calendar, day: Day): string {
  const former = formerZones
    .filter(({ until }) => day < until)
    .sort((a, b) => (a.until < b.until ? -1 : 1))
  return former[0]?.zone ?? zone
}

/**
 * When a day begins, in milliseconds: at the person's start of day in the zone of that day. Where the
 * clock jumps over that minute, the day begins after the jump.
 */
export function startOfDay(calendar: Calendar, day: Day): number {
  const hour = Math.floor(calendar.dayStartMinutes / 60)
  const minute = calendar.dayStartMinutes % 60
  return DateTime.fromISO(day, { zone: zoneOn(calendar, day) })
    .set({ hour, minute })
    .toMillis()
}

/** The day `count` days later, or earlier when negative. */
export function addDays(day: Day, count: number): Day {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days: count }).toISODate() as Day
}

/** How many days there are from `from` to `to`, both included. */
export function countDays(from: Day, to: Day): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
}

/** The days from `from` to `to`, both included. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) {
    days.push(day)
  }
  return days
}

/** When days begin, each looked up once: what a clock said on a day takes longer to find than to keep. */
export function startsOf(calendar: Calendar): (day: Day) => number {
  const known = new Map<Day, number>()
  return (day) => {
    const start = known.get(day) ?? startOfDay(calendar, day)
    known.set(day, start)
    return start
  }
}

/** The day to which an instant belongs by the clock alone; a session may carry it to the day before. */
export function dayOf(
  calendar: Calendar,
  at: number,
  startOf = (day: Day) => startOfDay(calendar, day)
): Day {
  let day = DateTime.fromMillis(at, { zone: calendar.zone }).toISODate() as Day
  day = addDays(day, 1)
  while (startOf(day) > at) {
    day = addDays(day, -1)
  }
  return day
}
