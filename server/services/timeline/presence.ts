import type { HeartbeatState } from '#contract/heartbeat'
import type { PresenceState } from '#contract/activity'
import { bridges } from '#services/timeline/merge'
import { subtract, union, type Span } from '#services/timeline/spans'

/**
 * What a person did at a moment, the strongest first: who is active at one computer is active, however
 * the other one stands.
 */
export const STATES = ['active', 'idle', 'paused', 'locked', 'asleep', 'unknown'] as const
export type State = (typeof STATES)[number]

/** Each moment in at most one state. */
export type States = Readonly<Record<State, readonly Span[]>>

export type PresenceEvent = Span & { readonly state: PresenceState; readonly pulsetimeMs: number }
export type Beat = { readonly at: number; readonly state: HeartbeatState }
export type GapSpan = Span & { readonly cause: string; readonly what: string }

/** What one agent says of presence. */
export type PresenceOfAgent = {
  readonly presence: readonly PresenceEvent[]
  readonly beats: readonly Beat[]
  readonly gaps: readonly GapSpan[]
}

/** How long the state of a heartbeat holds when no other one follows. */
export const BEAT_HOLDS_MS = 150_000

const OF_PRESENCE: Readonly<Record<PresenceState, State>> = {
  active: 'active',
  afk: 'idle',
  locked: 'locked',
  asleep: 'asleep',
  unknown: 'unknown',
}

const OF_BEAT: Readonly<Partial<Record<HeartbeatState, State>>> = {
  active: 'active',
  afk: 'idle',
  locked: 'locked',
  paused: 'paused',
  unknown: 'unknown',
}

/**
 * The states of one agent. Presence events say it; where there is none, heartbeats do; a pause takes
 * its time out of everything else.
 */
export function statesOfAgent({ presence, beats, gaps }: PresenceOfAgent): States {
  const said = saidBy(presence)
  const held = holding(beats)
  const spans = ofStates((): Span[] => [])
  for (const { key, from, until } of said) {
    spans[OF_PRESENCE[key as PresenceState]].push({ from, until })
  }
  const known = union(said)
  for (const state of STATES) {
    const beaten = held.filter((beat) => beat.state === state)
    spans[state].push(...subtract(beaten, known))
  }
  spans.paused.push(...gaps.filter(({ cause }) => cause === 'paused'))
  const paused = union(spans.paused)
  return strongest([
    ofStates((state) => (state === 'paused' ? paused : subtract(spans[state], paused))),
  ])
}

/** Presence events, with the holes between them that merging fills. */
function saidBy(presence: readonly PresenceEvent[]) {
  const events = presence.map((event) => ({ ...event, key: event.state as string }))
  return [...events, ...bridges(events)]
}

/** The time of which presence events say something, so that no heartbeat has to. */
export const knownTime = (presence: readonly PresenceEvent[]): Span[] => union(saidBy(presence))

/** A value for each state. */
export function ofStates<Value>(make: (state: State) => Value): Record<State, Value> {
  return Object.fromEntries(STATES.map((state) => [state, make(state)])) as Record<State, Value>
}

/** The states of a person with several agents. */
export function strongest(agents: readonly States[]): States {
  let taken: Span[] = []
  return ofStates((state) => {
    const all = agents.flatMap((agent) => agent[state])
    const left = subtract(all, taken)
    taken = union([...taken, ...all])
    return left
  })
}

/**
 * A heartbeat's state holds until the next one, or as long as one may be late. Beats that say the same
 * without a hole are one span: a day has thousands of them, and seldom more than a few spans.
 */
function holding(beats: readonly Beat[]): (Span & { state: State })[] {
  const sorted = [...beats].sort((a, b) => a.at - b.at)
  const spans: { from: number; until: number; state: State }[] = []
  sorted.forEach(({ at, state }, index) => {
    const known = OF_BEAT[state]
    const until = Math.min(sorted[index + 1]?.at ?? Infinity, at + BEAT_HOLDS_MS)
    const last = spans.at(-1)
    if (known && last?.state === known && last.until === at) {
      last.until = until
    } else if (known) {
      spans.push({ from: at, until, state: known })
    }
  })
  return spans
}
