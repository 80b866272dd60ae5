import { backoff } from './backoff.ts'
import type { Verdict } from './verdict.ts'

/** Why a lane stands still, for a person to read. Times are monotonic milliseconds. */
export type Hold = { readonly code: string; readonly reason: string; readonly until: number }

type Deferred = {
  /** Failures of the item by itself. */
  readonly tries: number
  /** How often it had to wait for somebody else than the server. */
  readonly waits: number
  /** Those of them before which another item had passed. */
  readonly attempts: number
  readonly until: number
  readonly deliveriesSeen: number
}

/** Failures in a row after which a batch that the server answers with an error is halved. */
const HALVE_AFTER = 3
/** Failures of one item, while others passed in between, after which it is given up as a dead letter. */
const GIVE_UP_AFTER = 8

/**
 * When the courier may send what: how large the next batch is, how long the lane waits, and which
 * single items wait longer than the rest. It decides and never acts; `now` is monotonic.
 */
export class Lane {
  readonly #most: number
  readonly #random: () => number
  readonly #deferred = new Map<string, Deferred>()
  #size: number
  #failures = 0
  #waitUntil = 0
  #hold: Hold | null = null
  #deliveries = 0
  #lastFailure: string | null = null
  /** Whether nobody answered the last attempt. */
  #isUnanswered = false

  constructor(most: number, random: () => number = Math.random) {
    this.#most = most
    this.#size = most
    this.#random = random
  }

  /** Items in the next batch, at most. */
  get size(): number {
    return this.#size
  }

  get failures(): number {
    return this.#failures
  }

  get hold(): Hold | null {
    return this.#hold
  }

  /** What went wrong last, or null while all is well. */
  get lastFailure(): string | null {
    return this.#lastFailure
  }

  /** Milliseconds until the lane may send again; 0 when it may now. */
  waitMs(now: number): number {
    return Math.max(0, this.#waitUntil - now, (this.#hold?.until ?? 0) - now)
  }

  /** Milliseconds until the first deferred item is due, or null when there is none. */
  deferredMs(now: number): number | null {
    const times = [...this.#deferred.values()].map((item) => Math.max(0, item.until - now))
    return times.length === 0 ? null : Math.min(...times)
  }

  /** Whether an item failed by itself before. */
  isDeferred(id: string): boolean {
    return this.#deferred.has(id)
  }

  isDue(id: string, now: number): boolean {
    return (this.#deferred.get(id)?.until ?? 0) <= now
  }

  /** The server took or judged items: the way is free. */
  passed(ids: readonly string[]): void {
    ids.forEach((id) => this.#deferred.delete(id))
    this.#deliveries += 1
    this.#failures = 0
    this.#waitUntil = 0
    this.#hold = null
    this.#lastFailure = null
    this.#size = Math.min(this.#most, this.#size * 2)
  }

  /** The server answers others: a wait for one that did not answer ends. Says whether there was one. */
  reachable(): boolean {
    const wasWaiting = this.#isUnanswered && this.#waitUntil > 0
    if (wasWaiting) {
      this.#waitUntil = 0
      this.#failures = 0
    }
    this.#isUnanswered = false
    return wasWaiting
  }

  /** A batch of `count` items as a whole must wait. One that the server keeps failing on is halved. */
  failed(now: number, count: number, verdict: Verdict & { readonly status: 'keep' }): void {
    this.#failures += 1
    this.#hold = null
    this.#lastFailure = verdict.reason
    this.#isUnanswered = !verdict.answered
    this.#waitUntil = now + backoff(this.#failures, verdict.retryAfterMs, this.#random)
    if (verdict.answered && this.#failures >= HALVE_AFTER) {
      this.halve(count)
    }
  }

  /** One item failed by itself. Answers whether it should be given up: others pass, this one never does. */
  defer(id: string, now: number, waitMs?: number): { readonly giveUp: boolean } {
    const before = this.#deferred.get(id)
    const othersPassed = before === undefined || this.#deliveries > before.deliveriesSeen
    const tries = (before?.tries ?? 0) + 1
    const attempts = (before?.attempts ?? 0) + (othersPassed ? 1 : 0)
    // after the lane's own wait, so that the next attempt is another item's
    const until =
      Math.max(now, this.#waitUntil) + (waitMs ?? backoff(tries + 3, null, this.#random))
    const waits = before?.waits ?? 0
    this.#deferred.set(id, { tries, waits, attempts, until, deliveriesSeen: this.#deliveries })
    return { giveUp: attempts >= GIVE_UP_AFTER }
  }

  /** One item could not be stored, and lets others go first. That never counts towards giving it up. */
  postpone(id: string, now: number): void {
    const before = this.#deferred.get(id)
    const waits = (before?.waits ?? 0) + 1
    const until = Math.max(now, this.#waitUntil) + backoff(waits + 3, null, this.#random)
    const { tries = 0, attempts = 0, deliveriesSeen = this.#deliveries } = before ?? {}
    this.#deferred.set(id, { tries, waits, attempts, until, deliveriesSeen })
  }

  /** What stood in the way of postponed items is gone: they may go now. */
  release(): void {
    for (const [id, item] of this.#deferred) {
      this.#deferred.set(id, item.tries === 0 ? { ...item, until: 0 } : item)
    }
  }

  /** How often an item failed by itself. */
  triesOf(id: string): number {
    return this.#deferred.get(id)?.tries ?? 0
  }

  /** Items that failed by themselves and wait longer than the rest. */
  get slow(): number {
    return this.#deferred.size
  }

  held(now: number, code: string, reason: string, probeAfterMs: number): void {
    this.#hold = { code, reason, until: now + probeAfterMs }
    this.#lastFailure = reason
  }

  /** The next batch is half as large as one of `count` items. */
  halve(count: number): void {
    this.#size = Math.max(1, Math.floor(Math.min(count, this.#size) / 2))
  }

  /** Nothing that was waited for counts any more: a person changed something. */
  reset(): void {
    this.#failures = 0
    this.#waitUntil = 0
    this.#hold = null
    this.#deferred.clear()
  }
}
