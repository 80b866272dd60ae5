import { backoff } from './backoff.ts'

/**
 * State of the breaker of a destination: `closed` while it answers; `open` after failures in a row,
 * when it is left alone; `half_open` while one attempt finds out whether it is back.
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

/** How a destination is, for `status`. */
export type DestinationStatus = {
  readonly name: string
  readonly state: BreakerState
  /** Attempts in a row that it did not answer, or asked to wait. */
  readonly failures: number
  /** What went wrong last, or null while it answers. */
  readonly reason: string | null
  /** Milliseconds until it is asked again; 0 when it may be asked now. */
  readonly nextAttemptMs: number
}

/** Failures in a row after which a destination is left alone. */
export const OPENS_AFTER = 3

/**
 * A place that items are brought to, and its breaker. It decides and never acts; `now` is monotonic
 * milliseconds. One that is away costs the others nothing.
 */
export class Destination {
  readonly name: string
  readonly #random: () => number
  #failures = 0
  #reason: string | null = null
  #until = 0
  #underWay = 0

  constructor(name: string, random: () => number = Math.random) {
    this.name = name
    this.#random = random
  }

  get state(): BreakerState {
    if (this.#failures < OPENS_AFTER) {
      return 'closed'
    }
    return this.#underWay > 0 ? 'half_open' : 'open'
  }

  /** Milliseconds until it may be asked; 0 when it may be now. */
  waitMs(now: number): number {
    return this.state === 'closed' ? 0 : Math.max(0, this.#until - now)
  }

  /** An attempt begins. */
  begins(): void {
    this.#underWay += 1
  }

  /** An attempt ended, whatever came of it. */
  ends(): void {
    this.#underWay -= 1
  }

  /** It took or judged something. Says whether it had been left alone until now. */
  passed(): boolean {
    const wasOpen = this.state !== 'closed'
    this.reset()
    return wasOpen
  }

  /** It did not answer, or asked to wait at least `retryAfterMs`. */
  failed(now: number, reason: string, retryAfterMs: number | null = null): void {
    this.#failures += 1
    this.#reason = reason
    this.#until = now + backoff(this.#failures, retryAfterMs, this.#random)
  }

  /** A person changed something: what was learnt does not count any more. */
  reset(): void {
    this.#failures = 0
    this.#reason = null
    this.#until = 0
  }

  status(now: number): DestinationStatus {
    return {
      name: this.name,
      state: this.state,
      failures: this.#failures,
      reason: this.#reason,
      nextAttemptMs: this.waitMs(now),
    }
  }
}
