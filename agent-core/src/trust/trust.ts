import type { Timekeeper } from '../clock.ts'
import type { Site } from '../define_site.ts'
import { AgentError } from '../errors.ts'
import { STAGE_EARLY, STAGE_LAST } from '../hooks.ts'
import type { ObservationKind } from '../observation.ts'
import { Mutex } from '../mutex.ts'
import type { Agent, Turn } from '../plugin.ts'
import { exclusionsOf } from './exclusions.ts'
import { ownExclusions } from './own_exclusions.ts'
import {
  Pause,
  type CurrentPause,
  type PauseKind,
  type PauseReport,
  type PausedFrom,
} from './pause.ts'

export type TrustOptions = {
  readonly site: Site
  readonly dataDir: string
}

/** What the person at the machine asks for, by command or on the local page. */
export type TrustRequest =
  | { readonly ask: 'pause'; readonly kind: PauseKind; readonly ms: number | null }
  | { readonly ask: 'resume' }

export type TrustReport = PauseReport

/** Kinds that say that the agent is there, or that something is missing: never content. */
export const LIVENESS: readonly ObservationKind[] = ['heartbeat', 'gap', 'eviction']

const NAME = 'pause'

/**
 * What makes an agent one that a person can live with: what is never captured, at any time and
 * whatever a policy says, and the person's own breaks.
 */
export class Trust {
  readonly pause: Pause
  readonly #agent: Agent
  readonly #options: TrustOptions
  readonly #telling = new Mutex()
  #interruption = new AbortController()

  constructor(agent: Agent & { readonly clock: Timekeeper }, options: TrustOptions) {
    this.#agent = agent
    this.#options = options
    this.pause = new Pause({
      dataDir: options.dataDir,
      clock: agent.clock,
      changed: (pause) => this.#pauseChanged(pause),
    })
    exclusionsOf(agent).set('site', options.site.exclusions)
    this.#tap()
  }

  /** Reads anew what the person at this machine decided. Throws E_DAMAGED_FILE. */
  reload(): void {
    exclusionsOf(this.#agent).set('person', ownExclusions(this.#options.dataDir))
    this.pause.load()
  }

  /** Does what the person asks for. Throws E_PAUSE_REFUSED where the policy allows no more. */
  answer(request: TrustRequest, from: PausedFrom): TrustReport {
    return answerPause(this.pause, request, from)
  }

  report(): TrustReport {
    return this.pause.report()
  }

  /** Work of a turn that a pause cuts off: what it throws then is no failure. */
  async interruptible(turn: Turn, work: (turn: Turn) => Promise<void>): Promise<void> {
    const interruption = this.#interruption.signal
    try {
      await work({ ...turn, signal: AbortSignal.any([turn.signal, interruption]) })
    } catch (error) {
      if (!interruption.aborted) {
        throw error
      }
    }
  }

  #tap(): void {
    const { hooks } = this.#agent
    hooks.shouldObserve.tap({ name: NAME, stage: STAGE_EARLY }, (kind) =>
      LIVENESS.includes(kind) || this.pause.current() === null ? undefined : false
    )
    hooks.policyChanged.tap(NAME, ({ values }) => {
      this.pause.limit(values?.['pause.minutes_per_day'] ?? null)
      exclusionsOf(this.#agent).set('policy', values?.exclusions ?? [])
    })
    hooks.status.tapPromise({ name: NAME, stage: STAGE_LAST }, async (status) => {
      await this.#tellGaps()
      return this.pause.current() === null
        ? status
        : { ...status, state: 'paused', secondsSinceInput: null }
    })
    hooks.stop.tap(NAME, () => this.pause.close())
  }

  #pauseChanged(pause: CurrentPause | null): void {
    if (pause !== null) {
      this.#interruption.abort(new AgentError('E_PAUSED', 'Expected to observe, found a pause'))
      this.#interruption = new AbortController()
    }
    this.#agent.logger.info({ pause }, pause === null ? 'observing' : 'paused')
    void this.#tellGaps()
  }

  /** A pause that is over becomes a gap; one that is not taken now is told with the next heartbeat. */
  #tellGaps(): Promise<void> {
    return this.#telling.run(async () => {
      for (const past of this.pause.untold()) {
        const outcome = await this.#agent.record({
          kind: 'gap',
          what: 'all',
          cause: 'paused',
          from: new Date(past.from).toISOString(),
          until: new Date(past.until).toISOString(),
        })
        if (outcome.status === 'accepted') {
          this.pause.told(past)
        }
      }
    })
  }
}

/** Does what the person asks for. Throws E_PAUSE_REFUSED where the policy allows no more. */
export function answerPause(pause: Pause, request: TrustRequest, from: PausedFrom): TrustReport {
  if (request.ask === 'resume') {
    pause.end()
    return pause.report()
  }
  const outcome = pause.start({ kind: request.kind, ms: request.ms, from })
  if (outcome.status === 'refused') {
    throw new AgentError('E_PAUSE_REFUSED', outcome.reason)
  }
  return pause.report()
}
