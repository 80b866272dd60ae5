import { addDays, startOfDay, type Calendar, type Day } from '#services/timeline/calendar'
import { union, type Span } from '#services/timeline/spans'

/** A break longer than this ends a session; the next activity begins a new one. */
export const SESSION_BREAK_MS = 2 * 3_600_000

/** How far a session may reach into the day after the one it began in; a longer one is cut there. */
export const LONGEST_CARRY_MS = 12 * 3_600_000

/** What has to be known around a day, so that it is cut as if everything were known. */
export const MARGIN_MS = SESSION_BREAK_MS + 3_600_000

/** Stretches of activity with no break longer than `SESSION_BREAK_MS` in them. */
export function runs(active: readonly Span[]): Span[] {
  const found: { from: number; until: number }[] = []
  for (const { from, until } of union(active)) {
    const last = found.at(-1)
    if (last && from - last.until <= SESSION_BREAK_MS) {
      last.until = until
    } else {
      found.push({ from, until })
    }
  }
  return found
}

/**
 * The time that belongs to a day. A session belongs to the day it began in, so a night shift stays
 * whole: the day ends when the session ends that runs over its end. One that runs on for more than
 * `LONGEST_CARRY_MS` is cut there. Days neither overlap nor leave time out.
 */
export function windowOfDay(calendar: Calendar, day: Day, active: readonly Span[]): Span {
  const found = runs(active)
  const from = cut(startOfDay(calendar, day), found)
  const until = cut(startOfDay(calendar, addDays(day, 1)), found)
  return { from, until: Math.max(from, until) }
}

/** How far around a day activity must be known, for `windowOfDay` to be exact. */
export function reachOfDay(calendar: Calendar, day: Day): Span {
  return {
    from: startOfDay(calendar, day) - MARGIN_MS,
    until: startOfDay(calendar, addDays(day, 1)) + LONGEST_CARRY_MS + MARGIN_MS,
  }
}

/** The sessions of a day, within its window: from the first activity to the last. */
export function sessionsIn(window: Span, active: readonly Span[]): Span[] {
  const inside = active.flatMap(({ from, until }) => {
    const span = { from: Math.max(from, window.from), until: Math.min(until, window.until) }
    return span.from < span.until ? [span] : []
  })
  return runs(inside)
}

function cut(boundary: number, found: readonly Span[]): number {
  const over = found.find(({ from, until }) => from < boundary && until > boundary)
  return over && over.until - boundary <= LONGEST_CARRY_MS ? over.until : boundary
}
