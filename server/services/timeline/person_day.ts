import type { Calendar, Day } from '#services/timeline/calendar'
import type { Observed } from '#services/timeline/observed'
import {
  ofStates,
  STATES,
  statesOfAgent,
  strongest,
  type GapSpan,
  type State,
  type States,
} from '#services/timeline/presence'
import { sessionsIn, windowOfDay } from '#services/timeline/sessions'
import { clip, intersect, subtract, total, union, type Span } from '#services/timeline/spans'
import { foreground, type Foreground } from '#services/timeline/windows'

/** A time without observation, and its neutral cause; `no_signal` where nothing explains it. */
export type DayGap = Span & { readonly cause: string; readonly what: readonly string[] }

/**
 * Where the time between arrival and last activity went, in milliseconds. The states and `silentMs`
 * add up to it. `missingMs` is the part of the silence in which a reading was expected.
 */
export type Times = Readonly<Record<`${State}Ms`, number>> & {
  readonly silentMs: number
  readonly missingMs: number
}

export type DaySession = Span & Times

/** One day of one person, merged over the person's agents. */
export type PersonDay = {
  readonly day: Day
  /** The time that belongs to the day. */
  readonly window: Span
  readonly sessions: readonly DaySession[]
  readonly states: States
  readonly windows: readonly Foreground[]
  readonly gaps: readonly DayGap[]
  readonly times: Times
}

/** Causes that say why an agent was not expected to observe. */
const EXPLAINS = new Set(['paused', 'outside_hours', 'suspended', 'stopped', 'locked'])

export const NO_TIMES: Times = {
  activeMs: 0,
  idleMs: 0,
  pausedMs: 0,
  lockedMs: 0,
  asleepMs: 0,
  unknownMs: 0,
  silentMs: 0,
  missingMs: 0,
}

/** What all agents of a person observed, as one. */
export type Merged = {
  readonly states: States
  readonly windows: readonly Foreground[]
  readonly gaps: readonly GapSpan[]
}

export function mergeObserved(observed: readonly Observed[]): Merged {
  return {
    states: strongest(observed.map(statesOfAgent)),
    windows: foreground(observed.flatMap(({ windows }) => windows)),
    gaps: observed.flatMap(({ gaps }) => gaps),
  }
}

/** The day of a person, from what all agents of the person observed around it. */
export function personDay(calendar: Calendar, day: Day, observed: readonly Observed[]): PersonDay {
  return cutDay(calendar, day, mergeObserved(observed))
}

/** One day out of what was observed around it. */
export function cutDay(calendar: Calendar, day: Day, merged: Merged): PersonDay {
  const { states } = merged
  const window = windowOfDay(calendar, day, states.active)
  const inDay = ofStates((state) => clip(states[state], window))
  const said = clip(merged.gaps, window)
  const sessions = sessionsIn(window, inDay.active).map((session) => ({
    ...session,
    ...timesIn(session, inDay, said),
  }))
  return {
    day,
    window,
    sessions,
    states: inDay,
    windows: clip(merged.windows, window),
    gaps: gapsOf(said, sessions, inDay),
    times: sessions.reduce(addTimes, NO_TIMES),
  }
}

export function addTimes(one: Times, other: Times): Times {
  const keys = Object.keys(NO_TIMES) as (keyof Times)[]
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as Times
}

/**
 * How much of the expected time there is a reading of, from 0 to 1; null where none was expected.
 * Pauses, hours off and a machine that sleeps are not expected time.
 */
export function coverageOf(times: Times): number | null {
  const received = times.activeMs + times.idleMs + times.lockedMs + times.asleepMs + times.unknownMs
  const expected = received + times.missingMs
  return expected === 0 ? null : received / expected
}

function timesIn(
  session: Span,
  states: States,
  gaps: readonly (Span & { cause: string })[]
): Times {
  const known = STATES.flatMap((state) => [...states[state]])
  const silent = subtract([session], known)
  const explained = gaps.filter(({ cause }) => EXPLAINS.has(cause))
  const times = Object.fromEntries(
    STATES.map((state) => [`${state}Ms`, total(intersect(states[state], [session]))])
  ) as Record<`${State}Ms`, number>
  return {
    ...times,
    silentMs: total(silent),
    missingMs: total(subtract(silent, explained)),
  }
}

/** Gaps by cause, in order; what nothing explains within a session is a gap as well. */
function gapsOf(
  said: readonly (Span & { cause: string; what: string })[],
  sessions: readonly Span[],
  states: States
): DayGap[] {
  const causes = new Set(said.map(({ cause }) => cause))
  const known = STATES.flatMap((state) => [...states[state]])
  const silent = subtract(subtract(sessions, known), said)
  const paused: Span[] = [...states.paused]
  const gaps = [...causes].flatMap((cause) => {
    const same = said.filter((gap) => gap.cause === cause)
    return union(cause === 'paused' ? [...same, ...paused] : same).map((span) => ({
      ...span,
      cause,
      what: [...new Set(clip(same, span).map(({ what }) => what))].sort(),
    }))
  })
  if (!causes.has('paused')) {
    gaps.push(...union(paused).map((span) => ({ ...span, cause: 'paused', what: [] })))
  }
  return [...gaps, ...silent.map((span) => ({ ...span, cause: 'no_signal', what: [] }))].sort(
    (a, b) => a.from - b.from || a.until - b.until
  )
}
