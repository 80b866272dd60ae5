/** A window as it is recorded: exclusions and titles are settled by then. */
export type WindowFacts = {
  readonly app: string
  readonly title: string | null
  readonly domain: string | null
  readonly pid: number | null
}

/** A window that was in front from then until then, in milliseconds since 1970. */
export type WindowSpan = WindowFacts & { readonly from: number; readonly until: number }

type Open = { readonly facts: WindowFacts; from: number; until: number }

/**
 * Makes spans of readings: equal readings in a row are one span, which ends where the next one
 * begins, so that a day has no seams. Nothing is in front of two readings that lie too far apart.
 */
export class WindowTracker {
  #open: Open | null = null

  /**
   * What is in front at `at`, or `null` for nothing that may be told. `since` is when the reading
   * before was taken, `null` where there is none that this one could go on from. Answers the span
   * that ended.
   */
  see(window: WindowFacts | null, at: number, since: number | null): WindowSpan[] {
    const ended: WindowSpan[] = []
    if (this.#open !== null && since !== null) {
      this.#open.until = Math.max(this.#open.until, at)
    }
    if (since === null || !isSame(this.#open?.facts ?? null, window)) {
      ended.push(...this.end())
      this.#open = window === null ? null : { facts: window, from: at, until: at }
    }
    return ended
  }

  /** The part of the open span that has passed, where that is at least `leastMs` long. */
  flush(leastMs: number): WindowSpan[] {
    const open = this.#open
    if (open === null || open.until - open.from < leastMs) {
      return []
    }
    this.#open = { facts: open.facts, from: open.until, until: open.until }
    return spanOf(open)
  }

  /** Ends the open span where it was last seen. */
  end(): WindowSpan[] {
    const open = this.#open
    this.#open = null
    return open === null ? [] : spanOf(open)
  }
}

function spanOf({ facts, from, until }: Open): WindowSpan[] {
  return until > from ? [{ ...facts, from, until }] : []
}

function isSame(one: WindowFacts | null, other: WindowFacts | null): boolean {
  return (
    one?.app === other?.app &&
    one?.title === other?.title &&
    one?.domain === other?.domain &&
    one?.pid === other?.pid
  )
}
