import type Activity from '#models/activity'

/** Equal events of one agent and kind, joined: what happened from one instant until another. */
export type JoinedActivity = Pick<
  Activity,
  | 'agentId'
  | 'kind'
  | 'app'
  | 'title'
  | 'domain'
  | 'pid'
  | 'state'
  | 'activeMs'
  | 'utcOffsetMinutes'
> & {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  /** How many events it was joined of. */
  readonly events: number
  /** Id of the first of them. */
  readonly id: string
}

/**
 * Joins events of one agent and kind, newest first, into their longer ones, newest first: neighbours
 * that say the same and lie at most the pulsetime apart are one. After ActivityWatch's heartbeats.
 * The last of them may go on in events that are older than those given.
 */
export function joinActivities(newestFirst: readonly Activity[]): JoinedActivity[] {
  const joined: JoinedActivity[] = []
  for (const event of newestFirst) {
    const last = joined.at(-1)
    if (last && isSame(last, event) && last.from - endOf(event) <= event.pulsetimeMs) {
      joined[joined.length - 1] = {
        ...last,
        id: event.id,
        from: event.capturedAt,
        until: Math.max(last.until, endOf(event)),
        utcOffsetMinutes: event.utcOffsetMinutes,
        activeMs: last.activeMs === null ? null : last.activeMs + (event.activeMs ?? 0),
        events: last.events + 1,
      }
    } else {
      joined.push(alone(event))
    }
  }
  return joined
}

function alone(event: Activity): JoinedActivity {
  const { id, agentId, kind, app, title, domain, pid, state, activeMs, utcOffsetMinutes } = event
  return {
    id,
    agentId,
    kind,
    app,
    title,
    domain,
    pid,
    state,
    activeMs,
    utcOffsetMinutes,
    from: event.capturedAt,
    until: endOf(event),
    events: 1,
  }
}

function endOf(event: Activity): number {
  return event.capturedAt + event.durationMs
}

function isSame(one: JoinedActivity, other: Activity): boolean {
  return (['app', 'title', 'domain', 'pid', 'state'] as const).every(
    (fact) => one[fact] === other[fact]
  )
}
