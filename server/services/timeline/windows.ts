import { bridges } from '#services/timeline/merge'
import { intersect, type Span } from '#services/timeline/spans'

/** The window in the foreground of one agent. */
export type WindowEvent = Span & {
  readonly agentId: number
  readonly app: string
  readonly title: string | null
  readonly domain: string | null
  /** Of one whose title retention let go: the category that the title decided. */
  readonly categoryId?: number | null
  readonly pulsetimeMs: number
}

export type Foreground = Span & Pick<WindowEvent, 'app' | 'title' | 'domain' | 'categoryId'>

type Keyed = WindowEvent & { readonly key: string }

/**
 * Which window was in front, each moment at most one: of several agents, the one that came to the
 * front last. Neighbours that are equal are one.
 */
export function foreground(events: readonly WindowEvent[]): Foreground[] {
  const keyed = events.map((event) => ({ ...event, key: keyOf(event) }))
  const streams = new Map<number, Keyed[]>()
  for (const event of keyed) {
    const stream = streams.get(event.agentId)
    if (stream) {
      stream.push(event)
    } else {
      streams.set(event.agentId, [event])
    }
  }
  const all = [...streams.values()].flatMap((stream) => {
    const facts = new Map(stream.map((event) => [event.key, event]))
    const filled = bridges(stream).map((hole) => ({
      ...(facts.get(hole.key) as Keyed),
      ...hole,
    }))
    return [...stream, ...filled]
  })
  return joined(lastWins(all))
}

/** The part of the windows in which the person was active. */
export function whileActive(windows: readonly Foreground[], active: readonly Span[]): Foreground[] {
  const result: Foreground[] = []
  let from = 0
  for (const window of windows) {
    while (from < active.length && (active[from] as Span).until <= window.from) {
      from += 1
    }
    let at = from
    const near: Span[] = []
    while (at < active.length && (active[at] as Span).from < window.until) {
      near.push(active[at] as Span)
      at += 1
    }
    result.push(...intersect([window], near).map((span) => ({ ...window, ...span })))
  }
  return result
}

function keyOf({ app, title, domain, categoryId = null }: WindowEvent): string {
  return JSON.stringify([app, title, domain, categoryId])
}

function byStart(a: Keyed, b: Keyed): number {
  return a.from - b.from || a.agentId - b.agentId || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** Where several overlap, the one that began last is seen; when it ends, the one beneath is again. */
function lastWins(events: readonly Keyed[]): (Foreground & { key: string })[] {
  const sorted = events.filter(({ from, until }) => until > from).sort(byStart)
  const seen: (Foreground & { key: string })[] = []
  const stack: Keyed[] = []
  let at = -Infinity
  const advance = (to: number) => {
    while (stack.length > 0 && at < to) {
      const top = stack.at(-1) as Keyed
      const until = Math.min(top.until, to)
      if (until > at) {
        const { app, title, domain, categoryId = null, key } = top
        seen.push({ from: at, until, app, title, domain, categoryId, key })
        at = until
      }
      if (top.until <= at) {
        stack.pop()
      }
    }
    at = to
  }
  for (const event of sorted) {
    advance(event.from)
    stack.push(event)
  }
  advance(Infinity)
  return seen
}

function joined(windows: readonly (Foreground & { key: string })[]): Foreground[] {
  const result: (Foreground & { key: string })[] = []
  for (const window of windows) {
    const last = result.at(-1)
    if (last && last.key === window.key && last.until === window.from) {
      result[result.length - 1] = { ...last, until: window.until }
    } else {
      result.push(window)
    }
  }
  return result.map(({ key: _key, ...window }) => window)
}
