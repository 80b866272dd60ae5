import { LIMITS } from '../contract/limits.ts'
import { sleep, type Timekeeper } from './clock.ts'
import { Destination } from './destination.ts'
import { asError } from './errors.ts'
import type { SpooledItem, StoredFile } from './hooks.ts'
import { Lane } from './lane.ts'
import type { Logger } from './logger.ts'
import type { Observation } from './observation.ts'
import type { LaneName, Spool } from './spool.ts'
import type { SpoolEntry } from './spool_scan.ts'
import type { Verdict } from './verdict.ts'

export type CourierOptions = {
  readonly spool: Spool
  readonly clock: Timekeeper
  readonly logger: Logger
  /** Brings items of one lane to the server; undefined or a rejection keeps them. */
  readonly deliver: (
    items: readonly SpooledItem[],
    signal: AbortSignal
  ) => Promise<readonly Verdict[] | undefined>
  /** Brings the bytes of an item elsewhere first; undefined where they go to the server. */
  readonly store?: (
    item: SpooledItem,
    signal: AbortSignal
  ) => Promise<StoredFile | Verdict | undefined>
  /** Told what became of an item in the end. */
  readonly settled?: (observation: Observation, verdict: Verdict) => Promise<void>
  /** The server, as the breaker knows it. */
  readonly destination?: Destination
  /** The places that bytes are stored at, by the names that verdicts give them. */
  readonly destinationOf?: (name: string) => Destination
  /** Longest wait before the first contact, in milliseconds, spread over a fleet; default 0. */
  readonly splayMs?: number
  readonly random?: () => number
}

/** How the courier is, for `status` and the heartbeat. */
export type CourierStatus = {
  /** When the server last took something, in milliseconds since 1970, or null. */
  readonly lastSentAt: number | null
  readonly lanes: Readonly<
    Record<
      LaneName,
      {
        readonly waiting: number
        /** Those of them that failed by themselves, and wait longer than the rest. */
        readonly slow: number
        readonly hold: { readonly code: string; readonly reason: string } | null
        readonly lastFailure: string | null
        readonly nextAttemptMs: number
      }
    >
  >
}

const LANES: readonly LaneName[] = ['events', 'media']
/** A batch stays below the limit of the wire with room for the JSON around its items. */
const MOST_BATCH_BYTES = LIMITS.batchBytes - 1024

/**
 * Empties the spool: takes the oldest due items of a lane, delivers them, and does with each what
 * the verdict says. The two lanes work at the same time, so a backlog of media never delays
 * liveness. An item leaves the spool only after the server has it.
 */
export class Courier {
  readonly #options: CourierOptions
  readonly #stop = new AbortController()
  readonly #destination: Destination
  /** Places that stood in the way of a store so far. */
  readonly #stores = new Map<string, Destination>()
  readonly #lanes: Readonly<Record<LaneName, Lane>>
  #wake: Record<LaneName, () => void> = { events: () => {}, media: () => {} }
  #idle: Record<LaneName, boolean> = { events: false, media: false }
  #idleListeners: (() => void)[] = []
  #running: Promise<unknown> = Promise.resolve()
  #lastSentAt: number | null = null

  constructor(options: CourierOptions) {
    this.#options = options
    this.#destination = options.destination ?? new Destination('server', options.random)
    this.#lanes = {
      events: new Lane(LIMITS.batchEvents, options.random),
      media: new Lane(1, options.random),
    }
  }

  start(): void {
    this.#running = Promise.all(LANES.map((name) => this.#run(name)))
  }

  /** Something new lies in the spool. */
  wake(): void {
    LANES.forEach((name) => this.#wake[name]())
  }

  /** A person changed something (enrolled again, asked for it): every wait ends now. */
  retryNow(): void {
    this.#destination.reset()
    this.#stores.forEach((store) => store.reset())
    LANES.forEach((name) => this.#lanes[name].reset())
    this.wake()
  }

  /** Resolves when nothing waits in the spool any more, or `signal` aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#isDrained()) {
      await new Promise<void>((resolve) => {
        this.#idleListeners.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  status(): CourierStatus {
    const now = this.#options.clock.monotonic()
    const of = (name: LaneName) => {
      const lane = this.#lanes[name]
      const hold = lane.hold === null ? null : { code: lane.hold.code, reason: lane.hold.reason }
      const waiting = this.#options.spool.waiting(name)
      return {
        waiting,
        slow: lane.slow,
        hold,
        lastFailure: lane.lastFailure,
        nextAttemptMs: this.#waitMs(name, now),
      }
    }
    return { lastSentAt: this.#lastSentAt, lanes: { events: of('events'), media: of('media') } }
  }

  /** Ends: no new request begins, the one under way is cut off. What was not acknowledged stays. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(name: LaneName): Promise<void> {
    const { clock, splayMs = 0, random = Math.random } = this.#options
    await sleep(clock, random() * splayMs, this.#stop.signal)
    while (!this.#stop.signal.aborted) {
      try {
        await this.#turn(name)
      } catch (error) {
        const { message } = asError(error)
        this.#options.logger.error({ lane: name, error: message }, 'the courier stumbled')
        this.#lanes[name].failed(clock.monotonic(), 1, kept(message))
      }
    }
  }

  async #turn(name: LaneName): Promise<void> {
    const lane = this.#lanes[name]
    const now = this.#options.clock.monotonic()
    const wait = this.#waitMs(name, now)
    const items = wait > 0 ? [] : await this.#load(name)
    if (items.length === 0) {
      await this.#rest(name, wait > 0 ? wait : lane.deferredMs(now), wait > 0)
      return
    }
    const [first] = items
    const stored = name === 'media' && first !== undefined ? await this.#store(first) : undefined
    if (stored !== undefined && 'status' in stored) {
      await this.#apply(name, items, [stored])
      return
    }
    const carried = stored === undefined ? items : items.map((item) => ({ ...item, stored }))
    await this.#apply(name, items, await this.#deliver(carried))
  }

  /** Waits for news of the spool, or for `ms`. A lane that must wait is not woken by new items. */
  async #rest(name: LaneName, ms: number | null, isForced: boolean): Promise<void> {
    const woken = new AbortController()
    const signal = AbortSignal.any([woken.signal, this.#stop.signal])
    this.#idle[name] = !isForced && this.#options.spool.waiting(name) === 0
    this.#wake[name] = () => {
      if (!isForced || this.#waitMs(name, this.#options.clock.monotonic()) === 0) {
        woken.abort()
      }
    }
    this.#tellIdle()
    if (!isForced && this.#next(name).length > 0) {
      return // it came while the last batch was on its way
    }
    await sleep(this.#options.clock, ms ?? Number.MAX_SAFE_INTEGER, signal)
    this.#idle[name] = false
  }

  /**
   * Milliseconds that a lane must wait. Media leave alone a server or a store that is away; events
   * follow their own backoff, so that liveness never waits because media failed, and they find out
   * first.
   */
  #waitMs(name: LaneName, now: number): number {
    const own = this.#lanes[name].waitMs(now)
    const places = name === 'events' ? [] : [this.#destination, ...this.#stores.values()]
    return Math.max(own, ...places.map((place) => place.waitMs(now)))
  }

  async #load(name: LaneName): Promise<readonly SpooledItem[]> {
    const { spool } = this.#options
    const items: SpooledItem[] = []
    let bytes = 0
    for (const entry of this.#next(name)) {
      bytes += entry.size - entry.bytes
      if (items.length > 0 && bytes > MOST_BATCH_BYTES) {
        break
      }
      const item = await spool.load(entry)
      if (item !== null) {
        items.push(item)
      }
    }
    return items
  }

  /** The oldest items that never failed by themselves; where there are none, one that did, alone. */
  #next(name: LaneName): readonly SpoolEntry[] {
    const { spool, clock } = this.#options
    const lane = this.#lanes[name]
    const now = clock.monotonic()
    const fresh = spool.oldest(name, lane.size, ({ id }) => !lane.isDeferred(id))
    return fresh.length > 0 ? fresh : spool.oldest(name, 1, ({ id }) => lane.isDue(id, now))
  }

  /** Where the bytes of an item are now, or the verdict on one that could not be stored. */
  async #store(item: SpooledItem): Promise<StoredFile | Verdict | undefined> {
    const stored = await this.#options.store?.(item, this.#stop.signal).catch((error: unknown) => ({
      ...kept(asError(error).message),
      by: 'store',
    }))
    const isInTheWay = stored !== undefined && 'status' in stored && stored.status === 'keep'
    if (!(isInTheWay && stored.by !== undefined)) {
      this.#storesPassed()
    }
    return stored
  }

  /** Nothing stands in the way of a store any more: what waited for it need not wait longer. */
  #storesPassed(): void {
    const wereLeftAlone = [...this.#stores.values()].filter((store) => store.passed())
    if (wereLeftAlone.length > 0) {
      this.#lanes.media.release()
    }
  }

  async #deliver(items: readonly SpooledItem[]): Promise<readonly Verdict[]> {
    this.#destination.begins()
    try {
      const verdicts = await this.#options.deliver(items, this.#stop.signal)
      if (verdicts?.length === items.length) {
        return verdicts
      }
      return items.map(() => kept('Nobody brought the items to the server'))
    } catch (error) {
      return items.map(() => kept(asError(error).message))
    } finally {
      this.#destination.ends()
    }
  }

  async #apply(
    name: LaneName,
    items: readonly SpooledItem[],
    verdicts: readonly Verdict[]
  ): Promise<void> {
    const judged = items
      .map((item, index) => ({ item, verdict: verdicts[index] ?? kept('No verdict') }))
      .filter(({ item }) => this.#options.spool.has(item.observation.id)) // else evicted meanwhile
    const accepted = judged.filter(({ verdict }) => verdict.status === 'accepted')
    const rejected = judged.filter(({ verdict }) => verdict.status === 'rejected')
    const others = judged.filter(
      ({ verdict }) => !['accepted', 'rejected'].includes(verdict.status)
    )

    await this.#options.spool.settle(accepted.map(({ item }) => item.observation.id))
    for (const { item, verdict } of rejected) {
      await this.#bury(name, item, verdict)
    }
    for (const { item, verdict } of [...accepted, ...rejected]) {
      await this.#options.settled?.(item.observation, verdict)
    }
    const finished = accepted.length + rejected.length
    if (finished > 0) {
      this.#lastSentAt = this.#options.clock.now()
      this.#lanes[name].passed([...accepted, ...rejected].map(({ item }) => item.observation.id))
      this.#serverIsBack(name)
    }
    const [first] = others
    if (finished > 0) {
      others.forEach(({ item, verdict }) => this.#defer(name, item, verdict))
    } else if (first !== undefined) {
      await this.#wholeBatch(name, items, first.verdict)
    }
  }

  /** What one lane found out holds for the other: it need not sit out its long wait for a server that is there. */
  #serverIsBack(name: LaneName): void {
    const wasLeftAlone = this.#destination.passed()
    for (const other of LANES) {
      if (other !== name && (this.#lanes[other].reachable() || wasLeftAlone)) {
        this.#wake[other]()
      }
    }
  }

  /** Nothing of the batch passed: what the verdict on it means for the lane. */
  async #wholeBatch(
    name: LaneName,
    items: readonly SpooledItem[],
    verdict: Verdict
  ): Promise<void> {
    const { clock, logger } = this.#options
    const lane = this.#lanes[name]
    const [first] = items
    const isAlone = items.length === 1 && first !== undefined
    logger.warn({ lane: name, items: items.length, verdict }, 'items were not taken')
    switch (verdict.status) {
      case 'keep':
        if (verdict.by !== undefined && first !== undefined) {
          this.#awayFrom(verdict.by, lane, first, verdict)
          return
        }
        if (!verdict.answered || verdict.retryAfterMs !== null) {
          this.#destination.failed(clock.monotonic(), verdict.reason, verdict.retryAfterMs)
        }
        if (isAlone && verdict.answered && lane.isDeferred(first.observation.id)) {
          await this.#deferOrBury(name, first, verdict)
          return
        }
        lane.failed(clock.monotonic(), items.length, verdict)
        if (isAlone && verdict.answered && lane.failures > 1) {
          lane.defer(first.observation.id, clock.monotonic())
        }
        return
      case 'hold':
        this.#destination.reset() // it answers
        if (verdict.then === 'probe') {
          lane.held(clock.monotonic(), verdict.code, verdict.reason, verdict.probeAfterMs)
        } else if (!isAlone) {
          lane.halve(items.length)
        } else if (lane.triesOf(first.observation.id) > 0) {
          await this.#bury(name, first, verdict)
        } else {
          lane.defer(first.observation.id, clock.monotonic(), verdict.probeAfterMs)
        }
        return
      case 'split':
        this.#destination.reset()
        if (isAlone) {
          await this.#bury(name, first, verdict)
        } else {
          lane.halve(items.length)
        }
        return
      case 'accepted':
      case 'rejected':
    }
  }

  /** A store stands in the way: its breaker counts that, and neither the server's nor the item does. */
  #awayFrom(
    name: string,
    lane: Lane,
    item: SpooledItem,
    verdict: Verdict & { readonly status: 'keep' }
  ): void {
    const now = this.#options.clock.monotonic()
    const { destinationOf = (unknown) => new Destination(unknown, this.#options.random) } =
      this.#options
    const store = this.#stores.get(name) ?? destinationOf(name)
    this.#stores.set(name, store)
    store.failed(now, verdict.reason, verdict.retryAfterMs)
    lane.failed(now, 1, { ...verdict, answered: true }) // a server that answers does not end this wait
    if (lane.failures > 1) {
      lane.postpone(item.observation.id, now)
    }
  }

  #defer(name: LaneName, item: SpooledItem, verdict: Verdict): void {
    this.#lanes[name].defer(item.observation.id, this.#options.clock.monotonic())
    this.#options.logger.warn({ id: item.observation.id, verdict }, 'an item was not taken')
  }

  async #deferOrBury(name: LaneName, item: SpooledItem, verdict: Verdict): Promise<void> {
    const { giveUp } = this.#lanes[name].defer(item.observation.id, this.#options.clock.monotonic())
    if (giveUp) {
      await this.#bury(name, item, verdict)
    }
  }

  async #bury(name: LaneName, item: SpooledItem, verdict: Verdict): Promise<void> {
    const { id } = item.observation
    const death = deathOf(verdict, this.#lanes[name].triesOf(id) + 1)
    this.#options.logger.error(
      { id, ...death },
      'the server does not take an item: it is a dead letter now'
    )
    await this.#options.spool.bury(id, death)
    this.#lanes[name].passed([id])
  }

  #isDrained(): boolean {
    return LANES.every((name) => this.#idle[name]) && this.#options.spool.waiting() === 0
  }

  #tellIdle(): void {
    const listeners = this.#idleListeners
    this.#idleListeners = []
    listeners.forEach((listener) => listener())
  }
}

function kept(reason: string): Verdict & { readonly status: 'keep' } {
  return { status: 'keep', answered: false, reason, retryAfterMs: null }
}

function deathOf(verdict: Verdict, attempts: number) {
  switch (verdict.status) {
    case 'rejected':
      return { code: verdict.code, reason: verdict.message, field: verdict.field, attempts }
    case 'hold':
    case 'split':
      return { code: verdict.code, reason: verdict.reason, field: null, attempts }
    case 'keep':
      return { code: 'E_NEVER_TAKEN', reason: verdict.reason, field: null, attempts }
    case 'accepted':
      return { code: 'E_NEVER_TAKEN', reason: 'Accepted', field: null, attempts }
  }
}
