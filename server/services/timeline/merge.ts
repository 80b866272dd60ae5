import type { Span } from '#services/timeline/spans'

/** An event of one stream (one agent, one kind). Events with the same `key` say the same. */
export type StreamEvent = Span & { readonly key: string; readonly pulsetimeMs: number }

type Stretch = {
  from: number
  until: number
  readonly starters: Set<string>
  /** Keys that end with the stretch, with the longest hole that each bridges. */
  enders: Map<string, number>
}

/**
 * ActivityWatch's merging: the holes of a stream that lie between two equal events and are no longer
 * than the pulsetime of the earlier one, each with the key that fills it. It looks at the events as a
 * set: neither their order, nor a repetition, nor how an event was cut in two changes the result.
 */
export function bridges(events: readonly StreamEvent[]): (Span & { readonly key: string })[] {
  const filled: (Span & { key: string })[] = []
  let before: Stretch | null = null
  for (const stretch of stretches(events)) {
    const key = before && bridgeKey(before, stretch)
    if (before && key !== null) {
      filled.push({ from: before.until, until: stretch.from, key })
    }
    before = stretch
  }
  return filled
}

function bridgeKey(before: Stretch, after: Stretch): string | null {
  const hole = after.from - before.until
  const keys = [...before.enders]
    .filter(([key, longest]) => hole <= longest && after.starters.has(key))
    .map(([key]) => key)
  return keys.sort()[0] ?? null
}

/** The time that a stream covers without a hole, with what stands at both ends. */
function stretches(events: readonly StreamEvent[]): Stretch[] {
  const found: Stretch[] = []
  let current: Stretch | null = null
  for (const event of [...events].sort((a, b) => a.from - b.from)) {
    if (!current || event.from > current.until) {
      current = { from: event.from, until: event.until, starters: new Set(), enders: new Map() }
      found.push(current)
    }
    if (event.from === current.from) {
      current.starters.add(event.key)
    }
    if (event.until > current.until) {
      current.until = event.until
      current.enders = new Map()
    }
    if (event.until === current.until) {
      const longest = Math.max(current.enders.get(event.key) ?? 0, event.pulsetimeMs)
      current.enders.set(event.key, longest)
    }
  }
  return found
}
