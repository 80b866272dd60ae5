import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import type { PluginState, PluginStatus } from '../contract/heartbeat.ts'
import type { AgentConfiguration } from '../contract/configuration.ts'
import { ApiClient, type SentRequest, type UploadPermit } from './api_client.ts'
import { systemClock, sleep, type Timekeeper } from './clock.ts'
import { Courier, type CourierStatus } from './courier.ts'
import { Destination, type DestinationStatus } from './destination.ts'
import type { Site } from './define_site.ts'
import type { Disk } from './disk.ts'
import { AgentError, asError } from './errors.ts'
import { SpoolGaps, type OpenGaps } from './gaps.ts'
import { dropItems } from './drop.ts'
import {
  createHooks,
  STAGE_EARLY,
  STAGE_LAST,
  type AgentStatus,
  type Identity,
  type SpooledItem,
} from './hooks.ts'
import { IdentityStore, shownIdentity } from './identity.ts'
import { Isolate } from './isolate.ts'
import { silentLogger, type Logger } from './logger.ts'
import { thisMachine, utcOffsetMinutes } from './machine.ts'
import { acknowledge, type Notice } from './notice.ts'
import type { Draft, ObservationKind, RecordOutcome } from './observation.ts'
import type { Agent, Interval, Payload, Permission, Turn } from './plugin.ts'
import { isSwitchedOn, type Policy } from './policy.ts'
import { PolicyFollower } from './policy_follower.ts'
import type { PolicyState } from './policy_keeper.ts'
import type { Collector } from './page/view.ts'
import { schedule } from './schedule.ts'
import { laneOf, Spool, type Unnumbered } from './spool.ts'
import { SpoolRoom } from './spool_room.ts'
import { LIVENESS, Trust, type TrustOptions, type TrustReport } from './trust/trust.ts'

export const VERSION: string = packageJson.version

export type RuntimeOptions = Pick<TrustOptions, 'pagePort' | 'trayDisplay'> & {
  readonly site: Site
  /** Folder of identity, spool and logs. */
  readonly dataDir: string
  readonly clock?: Timekeeper
  readonly logger?: Logger
  readonly disk?: Disk
  /** Each plugin has one turn, at once, and no more: `run --once`. */
  readonly once?: boolean
  /** Longest wait before the first contact with the server, in milliseconds; default 0. */
  readonly splayMs?: number
  readonly random?: () => number
}

/** Everything that can be asked about a running agent. */
export type RuntimeStatus = AgentStatus & {
  readonly site: string
  readonly startedAt: number
  readonly identity: Omit<Identity, 'token'> | null
  readonly notice: {
    readonly version: number
    readonly sha256: string
    /** Whether nothing waits for the person to read it. */
    readonly acknowledged: boolean
    /** Whether a notice was acknowledged that covers what is in force; without it nothing but signs of life is sent. */
    readonly coversPolicy: boolean
  }
  /** The last failure of each plugin that failed since the start. */
  readonly failures: Readonly<Record<string, { at: string; hook: string; message: string }>>
  readonly policy: {
    readonly version: number
    /** A newer one that observes more and waits for the acknowledgement of `notice`, and in what. */
    readonly pending: PolicyState['pending']
    /** Why the server could not be asked, or null. */
    readonly lastFailure: string | null
  }
  /** What each plugin looks at, when it last did and about when it does next. */
  readonly collectors: readonly Collector[]
  readonly courier: CourierStatus
  /** Each place that items are brought to, with the state of its breaker. */
  readonly destinations: readonly DestinationStatus[]
  readonly trust: TrustReport
}

/** Longest that `stop` takes, in milliseconds, and how much of it plugins may use. */
const STOP = { allMs: 4_500, pluginsMs: 3_000, lastPassMs: 1_000 } as const
/** What the runtime itself is called where a plugin's name is asked for. */
const RUNTIME = 'agent'

type Schedule = {
  readonly plugin: string
  readonly end: () => Promise<void>
  /** Arms it anew where the policy says another interval. */
  readonly follow: (policy: Policy) => void
}

/**
 * The agent: hooks in the middle, plugins on one side, spool and courier on the other. `start` opens
 * the spool, lets plugins in and begins to deliver; `stop` ends all of it within five seconds.
 */
export class AgentRuntime implements Agent {
  readonly hooks = createHooks()
  readonly clock: Timekeeper
  readonly logger: Logger
  readonly version = VERSION
  readonly site: string
  readonly dataDir: string
  readonly #options: RuntimeOptions
  readonly #identities: IdentityStore
  readonly #isolate: Isolate
  /** Pause, exclusions, notice: what the person at the machine holds in hand. */
  readonly trust: Trust
  readonly #policies: PolicyFollower
  readonly #watchers = new Set<(request: SentRequest) => void>()
  readonly #states = new Map<
    string,
    { state: PluginState; reason: string | null; byRuntime: boolean }
  >()
  readonly #failures = new Map<string, { at: string; hook: string; message: string }>()
  readonly #schedules = new Set<Schedule>()
  readonly #destinations = new Map<string, Destination>()
  #gaps: SpoolGaps | null = null
  #firstTurns: Promise<void>[] = []
  #identity: Identity | null = null
  #api: ApiClient | null = null
  #spool: Spool | null = null
  #room: SpoolRoom | null = null
  #courier: Courier | null = null
  #startedAt = 0
  #stopping: Promise<void> | null = null
  /** The plugins were stopped: what they had open they had a chance to record. */
  #isOver = false

  constructor(options: RuntimeOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock
    this.logger = options.logger ?? silentLogger
    this.site = options.site.name
    this.dataDir = options.dataDir
    this.#identities = new IdentityStore(options.dataDir)
    this.#policies = new PolicyFollower({
      ...options,
      identities: this.#identities,
      clock: this.clock,
      logger: this.logger,
      changed: async (policy, previous) => {
        this.#schedules.forEach(({ follow }) => follow(policy))
        await this.hooks.policyChanged.promise(policy, previous)
      },
    })
    this.#isolate = new Isolate(this.hooks, {
      now: () => this.clock.monotonic(),
      failed: (plugin, hook, error) => this.#failed(plugin, hook, error),
      breaker: (plugin, ms) => this.#breaker(plugin, ms),
    })
    this.#tapOwn()
    this.trust = new Trust(this, options)
    options.site.plugins.forEach((plugin) => this.#admit(plugin.name, () => plugin.apply(this)))
  }

  /**
   * Starts the agent. Throws E_NOT_ENROLLED, E_ALREADY_RUNNING, E_SPOOL_UNUSABLE, E_DAMAGED_FILE,
   * E_INVALID_OPTION or E_INSECURE_SERVER; a plugin that cannot work is switched off and says why.
   */
  async start(): Promise<void> {
    const { site, dataDir, disk, splayMs, random } = this.#options
    this.#startedAt = this.clock.now()
    this.trust.reload()
    const identity = await this.hooks.enrol.promise(thisMachine())
    if (identity === undefined) {
      throw new AgentError('E_NOT_ENROLLED', `Expected an identity in ${dataDir}, found none`)
    }
    this.#identity = identity
    await this.#policies.open(identity)
    const api = new ApiClient({
      server: identity.server,
      allowInsecureHttp: site.allowInsecureHttp,
      clock: this.clock,
      sending: (request) => this.#watchers.forEach((watch) => watch(request)),
    })
    this.#api = api
    this.hooks.deliver.tapPromise({ name: RUNTIME, stage: STAGE_LAST }, (items, signal) =>
      api.deliver(items, this.#identity ?? identity, signal)
    )
    const spool = await Spool.open(join(dataDir, 'spool'), {
      clock: this.clock,
      logger: this.logger,
      quota: site.spool,
      atLeastSeq: identity.seq ?? 0,
      ...(disk === undefined ? {} : { disk }),
    })
    this.#spool = spool
    this.#room = new SpoolRoom({ spool, clock: this.clock, logger: this.logger })
    this.#gaps = new SpoolGaps({
      record: (draft) => this.record(draft),
      keep: (open) => this.#keepGaps(spool, open),
      open: spool.openGaps,
    })
    this.#courier = new Courier({
      spool,
      clock: this.clock,
      logger: this.logger,
      destination: this.destination('server'),
      destinationOf: (name) => this.destination(name),
      store: (item, signal) => this.hooks.store.promise(item, signal),
      deliver: (items, signal) => this.hooks.deliver.promise(items, signal),
      settled: async (observation, verdict) => {
        await this.hooks.settled.promise(observation, verdict)
      },
      ...(splayMs === undefined ? {} : { splayMs }),
      ...(random === undefined ? {} : { random }),
    })
    await this.trust.open()
    try {
      await this.hooks.validate.promise()
    } catch (error) {
      await this.stop()
      throw error
    }
    this.#courier.start()
    await this.hooks.start.promise()
    this.#policies.start(api)
    this.logger.info(
      {
        site: this.site,
        acknowledged: this.#policies.state.isAcknowledged,
        policy: this.policy.version,
      },
      'the agent has started'
    )
  }

  /** Ends schedules, plugins and courier, within five seconds. What is in the spool stays there. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Resolves when every plugin had its first turn and nothing waits any more, or `signal` aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([Promise.all(this.#firstTurns), aborted])
    await this.#courier?.drained(signal)
  }

  every(
    plugin: string,
    interval: Interval | ((policy: Policy) => Interval),
    work: (turn: Turn) => Promise<void>
  ): () => void {
    let tellFirst = () => {}
    this.#firstTurns.push(new Promise((resolve) => (tellFirst = resolve)))
    const intervalOf = typeof interval === 'function' ? interval : () => interval
    const arm = (armed: Interval) =>
      schedule({
        clock: this.clock,
        interval: this.#options.once ? { ...armed, immediately: true, jitter: 0 } : armed,
        turnLimitMs: Math.max(60_000, armed.seconds * 2000),
        mayBegin: () => !this.#isolate.isResting(plugin),
        work: (turn) => this.trust.interruptible(plugin, armed, turn, work),
        done: () => {
          this.#isolate.turnPassed(plugin)
          this.#recovered(plugin)
          tellFirst()
        },
        failed: (error) => {
          this.#failed(plugin, 'turn', asError(error))
          this.#isolate.turnFailed(plugin)
          tellFirst()
        },
        ...(this.#options.once ? { once: true } : {}),
        ...(this.#options.random === undefined ? {} : { random: this.#options.random }),
      })
    let armed = intervalOf(this.policy)
    let end = arm(armed)
    const entry: Schedule = {
      plugin,
      end: () => end(),
      follow: (policy) => {
        const next = intervalOf(policy)
        if (this.#options.once !== true && JSON.stringify(next) !== JSON.stringify(armed)) {
          const ended = end()
          armed = next
          // the turn that works now is let go of first: there are never two at once
          end = afterwards(ended, () => arm({ ...next, immediately: false }))
        }
      },
    }
    this.#schedules.add(entry)
    return () => {
      this.#schedules.delete(entry)
      tellFirst()
      void end()
    }
  }

  mayObserve(kind: ObservationKind): Permission {
    const answer = this.hooks.shouldObserve.call(kind)
    return answer === false ? { go: false, by: this.#isolate.refusedBy ?? RUNTIME } : { go: true }
  }

  async record(draft: Draft, payload?: Payload): Promise<RecordOutcome> {
    const spool = this.#spool
    if (spool === null || this.#isOver) {
      return { status: 'refused', reason: 'The agent is not running' }
    }
    const refusal = this.#refusal(draft.kind)
    if (refusal !== null) {
      return { status: 'refused', reason: refusal }
    }
    const enriched = await this.#enriched(draft)
    if (enriched === null) {
      return { status: 'refused', reason: 'A redaction failed, so nothing was kept' }
    }
    const observation = this.#observationOf(enriched, spool)
    return this.trust.review.takes(draft.kind)
      ? this.#hold(observation, payload)
      : this.keep(observation, payload)
  }

  /**
   * Puts an observation into the spool: a new one, or one that waited for its person, which is let go
   * of there in `beforeDelivery`.
   */
  async keep(
    observation: Unnumbered,
    payload?: Payload,
    beforeDelivery?: () => Promise<void>
  ): Promise<RecordOutcome> {
    const outcome = await this.spool.put(observation, payload, beforeDelivery)
    await this.#gaps?.note(observation.kind, outcome, this.clock.now())
    if (outcome.status === 'refused') {
      return { status: 'refused', reason: outcome.reason }
    }
    this.trust.recorded(outcome.observation, payload instanceof Uint8Array ? payload : undefined)
    this.hooks.recorded.call(outcome.observation)
    this.#courier?.wake()
    return outcome
  }

  hasSpooled(id: string): boolean {
    return this.#spool?.has(id) ?? false
  }

  async #hold(observation: Unnumbered, payload: Payload | undefined): Promise<RecordOutcome> {
    try {
      await this.trust.review.hold(observation, payload)
      return { status: 'held', observation }
    } catch (error) {
      const reason = asError(error).message
      const outcome = { status: 'refused', cause: 'disk', reason } as const
      await this.#gaps?.note(observation.kind, outcome, this.clock.now())
      return outcome
    }
  }

  async openUpload(item: SpooledItem, signal: AbortSignal): Promise<UploadPermit> {
    if (this.#api === null || this.#identity === null) {
      throw new AgentError('E_NOT_ENROLLED', 'Expected an agent that has started, found none')
    }
    return this.#api.openUpload(item, this.#identity, signal)
  }

  setState(plugin: string, state: PluginState, reason: string | null): void {
    this.#states.set(plugin, { state, reason, byRuntime: false })
  }

  async status(): Promise<AgentStatus> {
    const within = this.#policies.isWithinHours(this.clock.now())
    const initial: AgentStatus = {
      state: within ? 'unknown' : 'outside_hours',
      secondsSinceInput: null,
      clockSkewMs: this.#api?.clockSkewMs ?? null,
      plugins: [...this.#pluginStatuses(), ...this.#leftAlone()],
      spool: this.#spool?.counters() ?? EMPTY_COUNTERS,
    }
    const status = await this.hooks.status.promise(initial)
    return within ? status : { ...status, state: 'outside_hours', secondsSinceInput: null }
  }

  /** Everything that `worksight-agent status` shows; never the token. */
  async report(): Promise<RuntimeStatus> {
    const courier = this.#courier
    if (courier === null) {
      throw new AgentError(
        'E_SPOOL_CLOSED',
        'Expected a running agent, found one that has not started'
      )
    }
    const { version, sha256 } = this.notice
    const { isAcknowledged: coversPolicy, pending } = this.#policies.state
    const status = await this.status()
    return {
      ...status,
      site: this.site,
      startedAt: this.#startedAt,
      identity: this.identity,
      notice: { version, sha256, acknowledged: coversPolicy && pending === null, coversPolicy },
      failures: Object.fromEntries(this.#failures),
      policy: {
        version: this.policy.version,
        pending,
        lastFailure: this.#policies.lastFailure,
      },
      collectors: this.trust.collectors(status.plugins),
      courier: courier.status(),
      destinations: this.#destinationStatuses(),
      trust: this.trust.report(),
    }
  }

  /** The breaker of a place that items are brought to; made at the first need. */
  destination(name: string): Destination {
    const known = this.#destinations.get(name)
    const destination = known ?? new Destination(name, this.#options.random)
    this.#destinations.set(name, destination)
    return destination
  }

  /** The open spool, for commands that change dead letters. Throws E_SPOOL_CLOSED before `start`. */
  get spool(): Spool {
    if (this.#spool === null) {
      throw new AgentError(
        'E_SPOOL_CLOSED',
        'Expected a running agent, found one that has not started'
      )
    }
    return this.#spool
  }

  get lastSeq(): number {
    return this.#spool?.counters().seq ?? 0
  }

  get standing(): { readonly coversPolicy: boolean; readonly isWithinHours: boolean } {
    return {
      coversPolicy: this.#policies.state.isAcknowledged,
      isWithinHours: this.#policies.isWithinHours(this.clock.now()),
    }
  }

  get identity(): Omit<Identity, 'token'> | null {
    return this.#identity && shownIdentity(this.#identity)
  }

  /** The policy in force. */
  get policy(): Policy {
    return this.#policies.state.policy
  }

  /** What the person at this machine should have read: the site and the newest policy. */
  get notice(): Notice {
    return this.#policies.state.notice
  }

  /** Calls `listener` with each configuration that the server sends. */
  onConfiguration(listener: (configuration: AgentConfiguration) => void): void {
    this.#policies.onConfiguration(listener)
  }

  /** Reads identity and acknowledgement anew, and tries again at once what is held back. */
  async reload(): Promise<void> {
    this.trust.reload()
    const identity = this.#identities.identity()
    this.#identity = identity ?? this.#identity
    await this.#policies.reload(identity)
    this.#courier?.retryNow()
  }

  /** Names of the hooks that a plugin taps. */
  hooksOf(plugin: string): readonly string[] {
    return Object.entries(this.hooks)
      .filter(([, { taps }]) => taps.some(({ name }) => name === plugin))
      .map(([hook]) => hook)
  }

  /** Calls `watch` with each request before it leaves, in clear; the answer takes it back. */
  onRequest(watch: (request: SentRequest) => void): () => void {
    this.#watchers.add(watch)
    return () => this.#watchers.delete(watch)
  }

  /** Tries at once what waits, and resolves when nothing waits any more or `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    this.#courier?.retryNow()
    await this.#courier?.drained(signal)
  }

  /** Gives up queued items for good, each with a tombstone. Throws E_UNKNOWN_ITEM. */
  async drop(ids: readonly string[]): Promise<void> {
    await dropItems(this.spool, ids, this.policy.version)
    this.#courier?.wake()
  }

  /**
   * The person read the notice with this hash: from now on what it names is observed. Throws
   * E_NOTICE_CHANGED for another hash, E_NOT_ENROLLED before an enrolment.
   */
  async acknowledge(sha256: string): Promise<void> {
    if (this.#identity === null) {
      throw new AgentError('E_NOT_ENROLLED', 'Expected an identity, found none')
    }
    if (sha256 !== this.notice.sha256) {
      throw new AgentError(
        'E_NOTICE_CHANGED',
        `Expected the hash of this notice, ${this.notice.sha256}, found ${sha256}`
      )
    }
    this.#identities.saveAcknowledgement(acknowledge(this.notice, this.clock.now()))
    await this.reload()
  }

  #tapOwn(): void {
    this.hooks.enrol.tapPromise({ name: RUNTIME, stage: STAGE_LAST }, async () => {
      return this.#identities.identity() ?? undefined
    })
    this.#question('notice', () => this.#policies.state.isAcknowledged)
    this.#question('policy', (kind) => isSwitchedOn(this.policy, kind))
    this.#question('working hours', () => this.#policies.isWithinHours(this.clock.now()))
    this.hooks.shouldObserve.tap({ name: 'spool', stage: STAGE_EARLY }, (kind) => {
      const isFull = laneOf(kind) === 'media' && this.#room?.isFull() === true
      this.#gaps?.asked(kind, isFull, this.clock.now())
      return isFull ? false : undefined
    })
  }

  #question(name: string, mayObserve: (kind: ObservationKind) => boolean): void {
    this.hooks.shouldObserve.tap({ name, stage: STAGE_EARLY }, (kind) =>
      LIVENESS.includes(kind) || mayObserve(kind) ? undefined : false
    )
  }

  /** Lets a plugin tap; one that throws is off. */
  #admit(plugin: string, apply: () => void): void {
    try {
      apply()
    } catch (error) {
      if (error instanceof AgentError && error.code === 'E_INVALID_OPTION') {
        throw error
      }
      this.#switchOff(plugin, asError(error))
    }
  }

  #refusal(kind: ObservationKind): string | null {
    if (LIVENESS.includes(kind)) {
      return null
    }
    const permission = this.mayObserve(kind)
    return permission.go ? null : `Not to be observed now, says "${permission.by}"`
  }

  async #enriched(draft: Draft): Promise<Draft | null> {
    try {
      return await this.hooks.enrich.promise(draft)
    } catch (error) {
      if (error instanceof AgentError && error.code === 'E_DRAFT_DROPPED') {
        return null
      }
      throw error
    }
  }

  #observationOf(draft: Draft, spool: Spool): Unnumbered {
    const capturedAt = draft.captured_at ?? new Date(this.clock.now()).toISOString()
    return {
      ...draft,
      id: draft.id ?? spool.ids.next(),
      captured_at: capturedAt,
      utc_offset_minutes: utcOffsetMinutes(Date.parse(capturedAt)),
      policy_version: this.policy.version,
    }
  }

  #pluginStatuses(): readonly PluginStatus[] {
    return this.#options.site.plugins.map(({ name, version }) => {
      const { state, reason } = this.#states.get(name) ?? { state: 'ok' as const, reason: null }
      return { name, version, state, reason: reason?.slice(0, 500).toWellFormed() ?? null }
    })
  }

  #destinationStatuses(): readonly DestinationStatus[] {
    const now = this.clock.monotonic()
    return [...this.#destinations.values()].map((destination) => destination.status(now))
  }

  /** Destinations that are left alone, as the heartbeat tells them. */
  #leftAlone(): readonly PluginStatus[] {
    return this.#destinationStatuses().flatMap(({ name, state, failures, reason }) =>
      state === 'closed'
        ? []
        : [
            {
              name: `destination ${name}`.slice(0, 64),
              version: VERSION,
              state: 'degraded' as const,
              reason: `${state}: ${failures} failures, ${reason}`.slice(0, 500).toWellFormed(),
            },
          ]
    )
  }

  #failed(plugin: string, where: string, error: Error): void {
    this.logger.error(
      { plugin, where, error: error.message, stack: error.stack },
      'a plugin failed'
    )
    this.#failures.set(plugin, {
      at: new Date(this.clock.now()).toISOString(),
      hook: where,
      message: error.message,
    })
    if (where === 'validate' || where === 'start') {
      this.#switchOff(plugin, error)
    } else if (where !== 'failed') {
      this.#states.set(plugin, { state: 'failed', reason: error.message, byRuntime: true })
    }
    if (where !== 'failed') {
      this.hooks.failed.call(plugin, where, error)
    }
  }

  #breaker(plugin: string, ms: number | null): void {
    if (ms === null) {
      this.#recovered(plugin)
      return
    }
    const reason = `Failed again and again; it is left alone for ${Math.round(ms / 1000)} s`
    this.logger.warn({ plugin, ms }, reason)
    this.#states.set(plugin, { state: 'failed', reason, byRuntime: true })
  }

  #recovered(plugin: string): void {
    if (this.#states.get(plugin)?.byRuntime && !this.#isolate.isOff(plugin)) {
      this.#states.delete(plugin)
    }
  }

  #switchOff(plugin: string, error: Error): void {
    this.logger.error({ plugin, error: error.message }, 'a plugin is switched off')
    this.#isolate.switchOff(plugin)
    this.#states.set(plugin, { state: 'off', reason: error.message, byRuntime: true })
    for (const entry of this.#schedules) {
      if (entry.plugin === plugin) {
        this.#schedules.delete(entry)
        void entry.end()
      }
    }
  }

  async #keepGaps(spool: Spool, open: OpenGaps): Promise<boolean> {
    try {
      await spool.keepGaps(open)
      return true
    } catch (error) {
      this.logger.error({ error: asError(error).message }, 'the start of a gap is not on disk yet')
      return false
    }
  }

  async #stop(): Promise<void> {
    const limit = new AbortController()
    const inTime = (work: Promise<unknown>, ms: number) =>
      Promise.race([work, sleep(systemClock, ms, limit.signal)])
    const schedules = [...this.#schedules].map(({ end }) => end())
    const ended = Promise.all([...schedules, this.#policies.stop()])
    await inTime(Promise.all([this.hooks.stop.promise(), ended]), STOP.pluginsMs)
    this.#isOver = true
    if (this.#courier !== null) {
      await inTime(lastPass(this.#courier, limit.signal), STOP.lastPassMs)
      await inTime(this.#courier.stop(), STOP.allMs - STOP.pluginsMs - STOP.lastPassMs)
    }
    await this.trust.close()
    this.#room?.close()
    await this.#spool?.close()
    this.#api?.close()
    limit.abort()
    this.logger.info({}, 'the agent has stopped')
  }
}

/** Brings what the plugins recorded as they stopped, where nothing is known to stand against it. */
async function lastPass(courier: Courier, signal: AbortSignal): Promise<void> {
  const { events, media } = courier.status().lanes
  const isFree = [events, media].every(({ hold, nextAttemptMs }) => hold === null && !nextAttemptMs)
  if (isFree) {
    await courier.drained(signal)
  }
}

const EMPTY_COUNTERS = {
  accepted: 0,
  delivered: 0,
  evicted: 0,
  dead: 0,
  queued: 0,
  spool_bytes: 0,
  oldest_age_s: 0,
  seq: 0,
}

/** Arms a schedule when the one before has ended. Answers how to end it, also before it began. */
function afterwards(ended: Promise<void>, arm: () => () => Promise<void>): () => Promise<void> {
  let isOver = false
  const armed = ended.then(() => (isOver ? () => Promise.resolve() : arm()))
  return async () => {
    isOver = true
    await (
      await armed
    )()
  }
}
