import type { ConfigurationAnswer } from './api_client.ts'
import { backoff } from './backoff.ts'
import { sleep, type Timekeeper } from './clock.ts'
import type { PollOptions } from './define_site.ts'
import { asError } from './errors.ts'
import type { Logger } from './logger.ts'

type Changed = ConfigurationAnswer & { readonly status: 'changed' }

export type ConfigurationPollOptions = Required<PollOptions> & {
  readonly clock: Timekeeper
  readonly logger: Logger
  /** Asks the server; it may hold the question so many seconds. */
  readonly ask: (waitSeconds: number, signal: AbortSignal) => Promise<ConfigurationAnswer>
  readonly changed: (answer: Changed) => Promise<void>
  readonly random?: () => number
}

/** After a held question the next one comes within this many milliseconds, spread over a fleet. */
const AGAIN_MS = 1000

/**
 * Asks the server for this agent's configuration until it is stopped: at once after a question that
 * the server held for a change, at an interval where it does not hold them, with a backoff where it
 * does not answer. What fails changes nothing: the last configuration holds.
 */
export class ConfigurationPoll {
  readonly #options: ConfigurationPollOptions
  readonly #stop = new AbortController()
  #turn = new AbortController()
  #failures = 0
  /** Whether the server holds questions, as far as it was asked to. */
  #isHolding: boolean
  #lastFailure: string | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(options: ConfigurationPollOptions) {
    this.#options = options
    this.#isHolding = options.waitSeconds > 0
  }

  /** Why the last question was not answered, or null. */
  get lastFailure(): string | null {
    return this.#lastFailure
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Asks now. */
  wake(): void {
    this.#turn.abort()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, waitSeconds } = this.#options
    let wait = 0
    while (!this.#stop.signal.aborted) {
      this.#turn = new AbortController()
      const signal = AbortSignal.any([this.#stop.signal, this.#turn.signal])
      const restMs = await this.#ask(wait, signal)
      await sleep(clock, restMs, signal)
      // A person who changed something waits for the answer: that question is not held.
      wait = this.#turn.signal.aborted ? 0 : waitSeconds
    }
  }

  /** One question. Answers how many milliseconds to rest until the next one. */
  async #ask(wait: number, signal: AbortSignal): Promise<number> {
    const { clock, random = Math.random, seconds } = this.#options
    const askedAt = clock.monotonic()
    try {
      const answer = await this.#options.ask(wait, signal)
      if (answer.status === 'failed') {
        return signal.aborted ? 0 : this.#failed(answer.reason, answer.retryAfterMs)
      }
      if (answer.status === 'changed') {
        await this.#options.changed(answer)
      }
      this.#failures = 0
      this.#lastFailure = null
      if (wait > 0) {
        const isNews = answer.status === 'changed' || clock.monotonic() - askedAt >= AGAIN_MS
        this.#isHolding = answer.waits && isNews
      }
      return random() * AGAIN_MS + (this.#isHolding ? 0 : seconds * 1000)
    } catch (error) {
      return this.#failed(asError(error).message, null)
    }
  }

  #failed(reason: string, retryAfterMs: number | null): number {
    const { logger, random, seconds } = this.#options
    this.#failures += 1
    this.#lastFailure = reason
    logger.warn({ reason }, 'the configuration could not be read; the last one holds')
    return Math.max(seconds * 1000, backoff(this.#failures, retryAfterMs, random))
  }
}
