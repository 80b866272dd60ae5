import { AgentError } from './errors.ts'
import { timeZone } from './machine.ts'

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** From and until, as hours and minutes on the wall: `['09:00', '17:30']`; over midnight: `['22:00', '06:00']`. */
export type Span = readonly [from: string, until: string]

/** When a person may be observed, in that person's own zone. A day that is not named is free. */
export type WorkingHours = {
  /** IANA name such as `Europe/Berlin`; default: the machine's zone. */
  readonly zone?: string
  readonly days: Readonly<Partial<Record<Weekday, readonly Span[]>>>
}

/** `always`, or the hours. */
export type WorkingHoursOption = 'always' | WorkingHours

type Minutes = { readonly from: number; readonly until: number }

/**
 * Compiles working hours to a question: may anything be observed at this moment (milliseconds since
 * 1970)? Hours are those on the wall, so a change of the clocks moves them with the people. `until`
 * is exclusive. Throws E_INVALID_OPTION for hours or zones that do not exist.
 */
export function workingHours(option: WorkingHoursOption): (now: number) => boolean {
  if (option === 'always') {
    return () => true
  }
  const wall = wallClock(option.zone)
  const days = WEEKDAYS.map((day) => (option.days[day] ?? []).map((span) => minutesOf(day, span)))
  return (now) => {
    const { weekday, minute } = wall(now)
    const today = days[weekday] ?? []
    const yesterday = days[(weekday + 6) % 7] ?? []
    return (
      today.some(({ from, until }) => minute >= from && (minute < until || until <= from)) ||
      yesterday.some(({ from, until }) => until <= from && minute < until)
    )
  }
}

/** `monday` gives `Monday`. */
export const dayName = (day: Weekday) => day.charAt(0).toUpperCase() + day.slice(1)

/** Working hours as a person reads them, one line a day. */
export function describeHours(option: WorkingHoursOption): string {
  if (option === 'always') {
    return 'at any time the machine is in use'
  }
  const days = WEEKDAYS.flatMap((day) => {
    const spans = option.days[day] ?? []
    return spans.length === 0
      ? []
      : [`${dayName(day)} ${spans.map(([from, until]) => `${from}–${until}`).join(', ')}`]
  })
  return `${days.join('; ')} (${option.zone ?? "the machine's time zone"})`
}

function wallClock(zone: string | undefined): (now: number) => { weekday: number; minute: number } {
  if (zone === undefined || zone === timeZone()) {
    return (now) => {
      const at = new Date(now)
      return { weekday: at.getDay(), minute: at.getHours() * 60 + at.getMinutes() }
    }
  }
  const format = formatOf(zone)
  return (now) => {
    const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
    const day = String(parts.get('weekday')).toLowerCase()
    return {
      weekday: WEEKDAYS.findIndex((weekday) => weekday === day),
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    }
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  } catch (cause) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected a time zone such as Europe/Berlin, found "${zone}"`,
      {
        cause,
      }
    )
  }
}

function minutesOf(day: Weekday, [from, until]: Span): Minutes {
  return { from: minuteOf(day, from), until: minuteOf(day, until) }
}

function minuteOf(day: Weekday, text: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text)
  const minute = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2])
  if (!(minute <= 1440)) {
    throw new AgentError(
      'E_INVALID_OPTION',
      `Expected hours of ${day} such as 09:00, found "${text}"`
    )
  }
  return minute
}
