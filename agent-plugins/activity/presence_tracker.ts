import type { PresenceState } from '@worksight/agent-core/contract/activity'

/** One reading: when it was taken, and what it says about input. */
export type Reading = {
  /** Milliseconds since 1970, at the answer. */
  readonly at: number
  /** Monotonic milliseconds at which the desktop was asked, and at which it had answered. */
  readonly asked: number
  readonly answered: number
  /** Milliseconds without input; `null` where the machine gives no reading. */
  readonly idleMs: number | null
  readonly isLocked: boolean
}

/** A person's presence from then until then, in milliseconds since 1970. */
export type PresenceSpan = {
  readonly state: PresenceState
  readonly from: number
  readonly until: number
  /** Time of the slots with input, never more than the span has. */
  readonly activeMs: number
}

export type PresenceOptions = {
  /** Readings are taken this far apart; each is a slot with or without input. */
  readonly slotMs: number
  /** Longest distance of two readings that belong together. */
  readonly pulsetimeMs: number
}

type Open = {
  readonly state: PresenceState
  from: number
  until: number
  activeMs: number
  /** Since when nothing of it was given out. */
  keptSince: number
}

/** By how much the date must run ahead of the monotonic clock to say that the machine slept. */
const SLEEP_MS = 5_000
/** How coarse idle times are: whole milliseconds on X11, ticks of up to 16 ms on Windows. */
const COARSE_MS = 20

/**
 * Makes spans of presence of readings. Being away starts at the last input: until the threshold has
 * passed it is open what the time since then was, so an active span is never given out beyond the
 * last input while it lasts. Time that the machine slept is `asleep`, time without readings is in no
 * span.
 */
export class PresenceTracker {
  /** Milliseconds without input after which a person counts as away. */
  afkMs: number
  readonly #options: PresenceOptions
  #open: Open | null = null
  #last: { readonly at: number; readonly monotonic: number } | null = null
  /** The last input, no earlier than it was, monotonic. */
  #inputAt: number | null = null

  constructor(afkMs: number, options: PresenceOptions) {
    this.afkMs = afkMs
    this.#options = options
  }

  /** The state that lasts now, or `null` before the first reading. */
  get state(): PresenceState | null {
    return this.#open?.state ?? null
  }

  /** Monotonic milliseconds of the last input, or `null` where it is not known. */
  get inputAt(): number | null {
    return this.#inputAt
  }

  /**
   * Takes a reading. Answers the spans that ended by it, and since when it holds: the moment of the
   * reading before, or `null` where it cannot go on from that one.
   */
  see(reading: Reading): { readonly spans: PresenceSpan[]; readonly since: number | null } {
    const spans = this.#closeOverGap(reading)
    const since = this.#last?.at ?? null
    const hasInput = this.#noteInput(reading)
    const state = this.#stateOf(reading)
    const inputAt = this.#wallOf(reading)

    let open = this.#open
    if (open?.state !== state) {
      const from = this.#boundary(state, inputAt, since ?? reading.at, reading.at)
      spans.push(...this.#close(from))
      open = { state, from, until: from, activeMs: 0, keptSince: reading.at }
      this.#open = open
    }
    const until = state === 'active' ? (inputAt ?? reading.at) : reading.at
    open.until = Math.max(open.until, Math.min(until, reading.at))
    open.activeMs += state === 'active' && hasInput ? this.#options.slotMs : 0
    this.#last = { at: reading.at, monotonic: reading.answered }
    return { spans, since }
  }

  /** The part of the open span that is settled, where nothing was given out for `leastMs`. */
  flush(leastMs: number): PresenceSpan[] {
    const open = this.#open
    const last = this.#last
    if (open === null || last === null || last.at - open.keptSince < leastMs) {
      return []
    }
    const spans = spanOf(open)
    const given = spans[0]?.activeMs ?? 0
    open.activeMs -= given
    open.from = open.until
    open.keptSince = last.at
    return spans
  }

  /** Ends the open span at the last reading; the next one begins anew. */
  end(): PresenceSpan[] {
    const spans = this.#last === null ? [] : this.#close(this.#last.at)
    this.#open = null
    this.#last = null
    this.#inputAt = null
    return spans
  }

  /** Ends what cannot go on: the machine slept, nobody looked for long, or the date was set back. */
  #closeOverGap(reading: Reading): PresenceSpan[] {
    const last = this.#last
    if (last === null) {
      return []
    }
    const passed = reading.at - last.at
    const ran = reading.answered - last.monotonic
    const hasSlept = passed - ran >= SLEEP_MS
    if (!hasSlept && ran <= this.#options.pulsetimeMs && passed - ran > -SLEEP_MS) {
      return []
    }
    const spans = this.#close(last.at)
    this.#last = null
    if (hasSlept) {
      spans.push({ state: 'asleep', from: last.at, until: reading.at, activeMs: 0 })
    }
    return spans
  }

  /**
   * Whether there was input since the reading before. A reading knows the last input to within the
   * time it took and the coarseness of the system's count, so input is what must be later than the
   * one known; this way an idle machine under load never looks used.
   */
  #noteInput({ asked, answered, idleMs }: Reading): boolean {
    if (idleMs === null) {
      this.#inputAt = null
      return false
    }
    const earliest = asked - idleMs
    const latest = answered - idleMs
    const known = this.#inputAt
    if (known === null || earliest > known + COARSE_MS) {
      this.#inputAt = latest
      return known !== null
    }
    this.#inputAt = Math.min(known, latest)
    return false
  }

  #stateOf({ answered, isLocked }: Reading): PresenceState {
    if (isLocked) {
      return 'locked'
    }
    if (this.#inputAt === null) {
      return 'unknown'
    }
    return answered - this.#inputAt >= this.afkMs ? 'afk' : 'active'
  }

  /** The last input as a date. */
  #wallOf({ at, answered }: Reading): number | null {
    return this.#inputAt === null ? null : Math.round(at - (answered - this.#inputAt))
  }

  /** When a state began that is first seen at `at`, after a reading at `since` that saw another. */
  #boundary(state: PresenceState, inputAt: number | null, since: number, at: number): number {
    const open = this.#open
    if (inputAt === null) {
      return since
    }
    const earliest = state === 'afk' && open?.state === 'active' ? open.until : since
    return Math.min(at, Math.max(earliest, inputAt))
  }

  /** Ends the open span at `until`: a pause shorter than the threshold was none. */
  #close(until: number): PresenceSpan[] {
    const open = this.#open
    this.#open = null
    return open === null ? [] : spanOf({ ...open, until: Math.max(open.from, until) })
  }
}

function spanOf({ state, from, until, activeMs }: Open): PresenceSpan[] {
  const most = until - from
  return most > 0 ? [{ state, from, until, activeMs: Math.min(activeMs, most) }] : []
}
