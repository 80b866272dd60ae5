import type { AgentConfiguration } from '../contract/configuration.ts'
import type { ApiClient, ConfigurationAnswer } from './api_client.ts'
import type { Timekeeper } from './clock.ts'
import { ConfigurationPoll } from './configuration_poll.ts'
import type { Site } from './define_site.ts'
import type { Identity } from './hooks.ts'
import type { IdentityStore } from './identity.ts'
import type { Logger } from './logger.ts'
import { isTimeZone } from './machine.ts'
import { Mutex } from './mutex.ts'
import { hoursOf, readPolicyValues, type Policy } from './policy.ts'
import { PolicyKeeper, type PolicyState } from './policy_keeper.ts'
import { workingHours } from './working_hours.ts'

export type PolicyFollowerOptions = {
  readonly site: Site
  readonly dataDir: string
  readonly identities: IdentityStore
  readonly clock: Timekeeper
  readonly logger: Logger
  /** Another policy is in force. */
  readonly changed: (policy: Policy, previous: Policy) => Promise<void>
  readonly random?: () => number
}

/** Longest that the server may take to keep an acknowledgement, in milliseconds. */
const ANSWER_MS = 15_000

/**
 * Follows the server's policy while the agent runs: asks for it, puts in force what may be, and tells
 * the server what the person acknowledged, until it knows.
 */
export class PolicyFollower {
  readonly #options: PolicyFollowerOptions
  readonly #keeper: PolicyKeeper
  readonly #turns = new Mutex()
  readonly #isWithinSiteHours: (now: number) => boolean
  readonly #listeners: ((configuration: AgentConfiguration) => void)[] = []
  #isWithinPolicyHours: (now: number) => boolean = () => true
  #state: PolicyState
  #identity: Identity | null = null
  #poll: ConfigurationPoll | null = null
  /** Digest of the notice that the server knows to be acknowledged; null before it answered. */
  #knownToServer: string | null = null

  constructor(options: PolicyFollowerOptions) {
    this.#options = options
    this.#keeper = new PolicyKeeper(options.site, options.dataDir)
    this.#state = this.#keeper.state(null)
    this.#isWithinSiteHours = workingHours(options.site.workingHours)
  }

  get state(): PolicyState {
    return this.#state
  }

  /** Why the server could not be asked, or null. */
  get lastFailure(): string | null {
    return this.#poll?.lastFailure ?? null
  }

  isWithinHours(now: number): boolean {
    return this.#isWithinSiteHours(now) && this.#isWithinPolicyHours(now)
  }

  /** Calls `listener` with each configuration that the server sends. */
  onConfiguration(listener: (configuration: AgentConfiguration) => void): void {
    this.#listeners.push(listener)
  }

  /** Puts in force what was kept for this agent. Throws E_DAMAGED_FILE. */
  async open(identity: Identity): Promise<void> {
    this.#identity = identity
    this.#keeper.open(identity)
    await this.#follow(this.#keeper.state(this.#options.identities.acknowledgement()))
  }

  start(api: ApiClient): void {
    const { site, clock, logger, random } = this.#options
    this.#poll = new ConfigurationPoll({
      ...site.poll,
      clock,
      logger,
      ask: (waitSeconds, signal) => this.#ask(api, waitSeconds, signal),
      changed: (answer) => this.#configured(api, answer),
      ...(random === undefined ? {} : { random }),
    })
    this.#poll.start()
  }

  /** Reads the acknowledgement anew, for this identity, and asks the server at once. */
  async reload(identity: Identity | null): Promise<void> {
    if (identity !== null && !isSameAgent(identity, this.#identity)) {
      this.#keeper.open(identity)
    }
    this.#identity = identity ?? this.#identity
    await this.#turns.run(() => this.#settle())
    this.#poll?.wake()
  }

  async stop(): Promise<void> {
    await this.#poll?.stop()
  }

  async #ask(
    api: ApiClient,
    waitSeconds: number,
    signal: AbortSignal
  ): Promise<ConfigurationAnswer> {
    const identity = this.#identity
    if (identity === null) {
      return { status: 'failed', reason: 'There is no identity', retryAfterMs: null }
    }
    const ask = (seconds: number) =>
      api.configuration({ etag: this.#keeper.etag, waitSeconds: seconds }, identity, signal)
    // what the server does not keep yet is told before a question that it may hold
    const answer = await ask(this.#hasToTell() ? 0 : waitSeconds)
    if (answer.status === 'unchanged' && this.#hasToTell()) {
      await this.#tellAcknowledgement(api)
      return waitSeconds > 0 ? ask(waitSeconds) : answer
    }
    return answer
  }

  /** Takes a configuration that the server sent, and tells it what the person acknowledged. */
  async #configured(
    api: ApiClient,
    { configuration, etag }: ConfigurationAnswer & { readonly status: 'changed' }
  ): Promise<void> {
    const { policy, agent, acknowledged } = configuration
    const { logger } = this.#options
    const read = await readPolicyValues(policy.values)
    if (read === null || !isTimeZone(agent.time_zone)) {
      throw new Error(`Policy ${policy.version} is not as the contract says`)
    }
    if (read.unknown.length > 0) {
      logger.warn({ unknown: read.unknown }, 'the policy has values this agent does not know')
    }
    const published = { version: policy.version, values: read.values, timeZone: agent.time_zone }
    await this.#turns.run(() => this.#settle({ published, etag }))
    this.#listeners.forEach((listener) => listener(configuration))
    this.#knownToServer = acknowledged?.text_sha256 ?? null
    await this.#tellAcknowledgement(api)
  }

  async #settle(news: Parameters<PolicyKeeper['settle']>[1] = null): Promise<void> {
    await this.#follow(this.#keeper.settle(this.#options.identities.acknowledgement(), news))
  }

  async #follow(state: PolicyState): Promise<void> {
    const { logger, changed } = this.#options
    const previous = this.#state.policy
    const { policy, pending } = state
    const hours = hoursOf(policy)
    this.#isWithinPolicyHours = workingHours(hours ?? 'always')
    this.#state = state
    if (pending !== null) {
      logger.info({ ...pending }, 'a policy waits for the acknowledgement of its notice')
    }
    if (JSON.stringify(policy) !== JSON.stringify(previous)) {
      const versions = { policy: policy.version, previous: previous.version }
      logger.info(versions, 'a policy is in force')
      await changed(policy, previous)
    }
  }

  /** The server keeps what was acknowledged here, also when it could not be reached at that moment. */
  async #tellAcknowledgement(api: ApiClient): Promise<void> {
    const acknowledgement = this.#options.identities.acknowledgement()
    const identity = this.#identity
    if (acknowledgement === null || identity === null || !this.#hasToTell()) {
      return
    }
    const within = AbortSignal.timeout(ANSWER_MS)
    const { sha256, text } = this.#state.notice
    // the server checks the hash against what was read, where that is still at hand
    const read = acknowledgement.text_sha256 === sha256 ? { text } : {}
    const refusal = await api.acknowledge({ ...acknowledgement, ...read }, identity, within)
    if (refusal === null) {
      this.#knownToServer = acknowledgement.text_sha256
    } else {
      this.#options.logger.warn(
        { reason: refusal },
        'the server does not keep the acknowledgement yet'
      )
    }
  }

  /** Whether something was acknowledged here that the server does not have, as far as is known. */
  #hasToTell(): boolean {
    const given = this.#options.identities.acknowledgement()?.text_sha256
    return given !== undefined && given !== this.#knownToServer
  }
}

function isSameAgent(one: Identity, other: Identity | null): boolean {
  return one.agentId === other?.agentId && one.server === other.server
}
