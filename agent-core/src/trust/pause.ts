import { join } from 'node:path'
import type { Timekeeper } from '../clock.ts'
import { readPrivate, writePrivate } from './private_file.ts'

/** `pause` ends by itself; `private` when the person says so. Both are the person's own time. */
export type PauseKind = 'pause' | 'private'
/** Where a pause was asked for. */
export type PausedFrom = 'command' | 'page' | 'tray' | 'dashboard'

/** The pause that lasts now. Times are milliseconds since 1970; `until` null: until it is ended. */
export type CurrentPause = {
  readonly kind: PauseKind
  readonly since: number
  readonly until: number | null
  readonly from: PausedFrom
}

/** A pause that is over. `isTold` once a gap says so to the server. */
export type PastPause = { readonly from: number; readonly until: number; readonly isTold: boolean }

export type PauseReport = {
  readonly pause: CurrentPause | null
  /** Milliseconds that the day still allows after that pause; null: no limit. */
  readonly pauseLeftMs: number | null
}

/** What became of a wish to pause. */
export type PauseOutcome =
  | { readonly status: 'paused' }
  | { readonly status: 'refused'; readonly reason: string }

export type PauseRequest = {
  readonly kind: PauseKind
  readonly from: PausedFrom
  /** How long, in milliseconds; null: as long as the day allows, or until it is ended. */
  readonly ms: number | null
}

type Stored = {
  readonly current: CurrentPause | null
  readonly past: readonly PastPause[]
  /** What the dashboard last asked for, so that an ended pause does not begin again. */
  readonly dashboard: number | null
  /** The cap of the policy; null: none. */
  readonly minutesPerDay: number | null
}

const NOTHING: Stored = { current: null, past: [], dashboard: null, minutesPerDay: null }
const FILE = 'pause.json'
const MINUTE = 60_000
/** How long a pause is remembered for the day's sum. */
const REMEMBERED_MS = 48 * 60 * MINUTE

export type PauseOptions = {
  readonly dataDir: string
  readonly clock: Pick<Timekeeper, 'now' | 'after'>
  /** A pause began, changed or ended. */
  readonly changed?: (current: CurrentPause | null) => void
}

/**
 * The person's own breaks from being observed, at most as many minutes a day as the policy allows
 * (days are those of the machine's zone). They are kept in `pause.json` of the data folder, so that a
 * restart neither ends a pause nor forgets one.
 */
export class Pause {
  readonly #options: PauseOptions
  #stored: Stored = NOTHING
  #cancel = () => {}

  constructor(options: PauseOptions) {
    this.#options = options
  }

  /** Reads what is on disk. Throws E_DAMAGED_FILE. */
  load(): void {
    const before = JSON.stringify(this.#stored.current)
    this.#stored = readPrivate(this.#path, storedOf) ?? NOTHING
    this.#expire()
    if (JSON.stringify(this.#stored.current) !== before) {
      this.#announce()
    }
  }

  /** The pause that lasts now, or null. */
  current(): CurrentPause | null {
    this.#expire()
    return this.#stored.current
  }

  /** Pauses that are over and that no gap tells of yet. */
  untold(): readonly PastPause[] {
    this.#expire()
    return this.#stored.past.filter(({ isTold }) => !isTold)
  }

  /** Milliseconds that may still be paused today; null without a cap. */
  leftMs(): number | null {
    this.#expire()
    const { minutesPerDay } = this.#stored
    return minutesPerDay === null ? null : Math.max(0, minutesPerDay * MINUTE - this.#usedToday())
  }

  report(): PauseReport {
    const pause = this.current()
    const leftMs = this.leftMs()
    const until = pause?.until ?? null
    const aheadMs = until === null ? 0 : until - this.#options.clock.now()
    return { pause, pauseLeftMs: leftMs === null ? null : Math.max(0, leftMs - aheadMs) }
  }

  /** Begins a pause, or changes the one that lasts. It never goes beyond what the day allows. */
  start({ kind, from, ms }: PauseRequest): PauseOutcome {
    this.#endCurrent()
    const now = this.#options.clock.now()
    const leftMs = this.leftMs()
    if (leftMs === 0) {
      this.#announce()
      return {
        status: 'refused',
        reason: `The policy allows ${this.#stored.minutesPerDay} minutes of pause a day, and they are used`,
      }
    }
    const lasts = ms === null || (leftMs !== null && leftMs < ms) ? leftMs : ms
    const current = { kind, from, since: now, until: lasts === null ? null : now + lasts }
    this.#keep({ ...this.#stored, current })
    this.#announce()
    return { status: 'paused' }
  }

  /** Ends the pause; one that is over already stays over. */
  end(): void {
    if (this.current() !== null) {
      this.#endCurrent()
      this.#announce()
    }
  }

  /** Follows the dashboard: until when the person asked there not to be observed, or null. */
  follow(until: number | null): void {
    if (until === this.#stored.dashboard) {
      return
    }
    this.#keep({ ...this.#stored, dashboard: until })
    const ms = until === null ? 0 : until - this.#options.clock.now()
    if (ms > 0) {
      this.start({ kind: 'pause', from: 'dashboard', ms })
    } else if (this.current()?.from === 'dashboard') {
      this.end()
    }
  }

  /** The cap of the policy, in minutes a day; null: none. It holds for the pause that lasts, too. */
  limit(minutesPerDay: number | null): void {
    if (minutesPerDay === this.#stored.minutesPerDay) {
      return
    }
    this.#keep({ ...this.#stored, minutesPerDay })
    const { current } = this.#stored
    const leftMs = this.leftMs()
    const now = this.#options.clock.now()
    if (current !== null && leftMs !== null && (current.until ?? Infinity) > now + leftMs) {
      this.#keep({ ...this.#stored, current: { ...current, until: now + leftMs } })
      this.#announce()
    }
  }

  /** A gap tells of this pause now. */
  told(past: PastPause): void {
    this.#keep({
      ...this.#stored,
      past: this.#stored.past.map((one) =>
        one.from === past.from && one.until === past.until ? { ...one, isTold: true } : one
      ),
    })
  }

  /** Stops waiting for the end of a pause; the pause itself stays. */
  close(): void {
    this.#cancel()
  }

  get #path(): string {
    return join(this.#options.dataDir, FILE)
  }

  /** Ends a pause whose time is over. */
  #expire(): void {
    const { current } = this.#stored
    if (current !== null && (current.until ?? Infinity) <= this.#options.clock.now()) {
      this.#endCurrent()
    }
  }

  /** Tells that something changed, and again when the pause is over. */
  #announce(): void {
    const { clock, changed } = this.#options
    const until = this.#stored.current?.until ?? null
    this.#cancel()
    this.#cancel = until === null ? () => {} : clock.after(until - clock.now(), this.#onTime)
    changed?.(this.#stored.current)
  }

  // The date may have been set meanwhile, so the end is looked at, not believed.
  #onTime = (): void => {
    this.#expire()
    this.#announce()
  }

  #endCurrent(): void {
    const { current, past } = this.#stored
    if (current === null) {
      return
    }
    const now = this.#options.clock.now()
    const until = Math.max(current.since, Math.min(now, current.until ?? now))
    const ended = until > current.since ? [{ from: current.since, until, isTold: false }] : []
    this.#keep({
      ...this.#stored,
      current: null,
      past: [...past.filter((one) => !one.isTold || one.until > now - REMEMBERED_MS), ...ended],
    })
  }

  #usedToday(): number {
    const now = this.#options.clock.now()
    const today = new Date(now).setHours(0, 0, 0, 0)
    const { current, past } = this.#stored
    const spans = [...past, ...(current === null ? [] : [{ from: current.since, until: now }])]
    return spans.reduce(
      (sum, { from, until }) => sum + Math.max(0, Math.min(until, now) - Math.max(from, today)),
      0
    )
  }

  #keep(stored: Stored): void {
    this.#stored = stored
    writePrivate(this.#path, stored)
  }
}

function storedOf(value: unknown): Stored {
  const { current, past, dashboard, minutesPerDay } = value as Stored
  const isWhole =
    (current === null || isPause(current)) &&
    Array.isArray(past) &&
    past.every(isPast) &&
    isTime(dashboard) &&
    isTime(minutesPerDay)
  if (!isWhole) {
    throw new TypeError('no state of a pause')
  }
  return { current, past, dashboard, minutesPerDay }
}

function isPause({ kind, since, until, from }: CurrentPause): boolean {
  const isKnown = kind === 'pause' || kind === 'private'
  return isKnown && Number.isFinite(since) && isTime(until) && typeof from === 'string'
}

function isPast({ from, until, isTold }: PastPause): boolean {
  return Number.isFinite(from) && Number.isFinite(until) && typeof isTold === 'boolean'
}

function isTime(value: unknown): boolean {
  return value === null || Number.isFinite(value)
}
