import type { AgentConfiguration } from '../../contract/configuration.ts'
import type { PluginStatus } from '../../contract/heartbeat.ts'
import type { Timekeeper } from '../clock.ts'
import type { Site } from '../define_site.ts'
import { AgentError, asError } from '../errors.ts'
import { STAGE_EARLY, STAGE_LAST, type AgentStatus } from '../hooks.ts'
import { collectedBy, type Notice } from '../notice.ts'
import { Mutex } from '../mutex.ts'
import type { Observation, ObservationKind, RecordOutcome } from '../observation.ts'
import type { RuntimeStatus } from '../runtime.ts'
import { Tray } from '../tray/tray.ts'
import { LocalPage } from '../page/local_page.ts'
import type { Collector, PageView } from '../page/view.ts'
import type { Policy } from '../policy.ts'
import type { Agent, Interval, Payload, Turn } from '../plugin.ts'
import type { Unnumbered } from '../spool.ts'
import { describeHours } from '../working_hours.ts'
import { exclusionsOf, type Exclusion } from './exclusions.ts'
import { Indicators } from './indicators.ts'
import { Journal, type Picture } from './journal.ts'
import { observing } from './observing.ts'
import { addOwnExclusion, ownExclusions, removeOwnExclusion } from './own_exclusions.ts'
import {
  Pause,
  type CurrentPause,
  type PauseKind,
  type PauseReport,
  type PausedFrom,
} from './pause.ts'
import { Review, type Withheld } from './review.ts'

export type TrustOptions = {
  readonly site: Site
  readonly dataDir: string
  /** Port of the local page; default 47800, or a free one when that is taken. */
  readonly pagePort?: number
  /** The X server whose tray shows the icon, such as `:0`; null: none. Default DISPLAY. */
  readonly trayDisplay?: string | null
}

/** What the trusted parts ask of the runtime. */
export interface TrustHost extends Agent {
  readonly clock: Timekeeper
  readonly notice: Notice
  report(): Promise<RuntimeStatus>
  /** Puts an observation that waited into the spool; `beforeDelivery` runs when it is durable there. */
  keep(
    observation: Unnumbered,
    payload?: Payload,
    beforeDelivery?: () => Promise<void>
  ): Promise<RecordOutcome>
  /** Whether an item lies in the spool. */
  hasSpooled(id: string): boolean
  /** What holds now, as far as the policy and its notice say it. */
  readonly standing: { readonly coversPolicy: boolean; readonly isWithinHours: boolean }
  /** The last number that the spool gave out. */
  readonly lastSeq: number
  onConfiguration(listener: (configuration: AgentConfiguration) => void): void
  /** The person read the notice with this hash. Throws E_NOTICE_CHANGED for another one. */
  acknowledge(sha256: string): Promise<void>
}

/** What the person at the machine asks for, by command or on the local page. */
export type TrustRequest =
  | PauseRequest
  | ({ readonly ask: 'exclude' } & Exclusion)
  | { readonly ask: 'include'; readonly app: string | null; readonly title: string | null }
  | { readonly ask: 'acknowledge'; readonly sha256: string }
  | { readonly ask: 'withhold'; readonly ids: readonly string[] }
export type PauseRequest =
  | { readonly ask: 'pause'; readonly kind: PauseKind; readonly ms: number | null }
  | { readonly ask: 'resume' }

export type TrustReport = PauseReport & {
  /** Indicators that are alive. */
  readonly indicators: readonly string[]
  /** Address of the local page, with the secret of this start; null while there is none. */
  readonly page: string | null
}

/** Kinds that say that the agent is there, or that something is missing: never content. */
export const LIVENESS: readonly ObservationKind[] = ['heartbeat', 'gap', 'eviction']

const PAUSE = 'pause'
const INDICATOR = 'indicator'

/**
 * What makes an agent one that a person can live with: that it can be seen at work, what is never
 * captured, and the person's own breaks.
 */
export class Trust {
  readonly pause: Pause
  readonly indicators = new Indicators()
  readonly journal: Journal
  readonly review: Review
  readonly #host: TrustHost
  readonly #options: TrustOptions
  readonly #page: LocalPage
  readonly #tray: Tray | null
  readonly #telling = new Mutex()
  readonly #turns = new Map<string, { readonly at: number; readonly everyMs: number }>()
  readonly #listeners = new Set<(report: TrustReport) => void>()
  #interruption = new AbortController()
  #isOpen = false

  constructor(host: TrustHost, options: TrustOptions) {
    this.#host = host
    this.#options = options
    this.journal = new Journal(host.clock)
    this.pause = new Pause({
      dataDir: options.dataDir,
      clock: host.clock,
      changed: (pause) => this.#pauseChanged(pause),
    })
    this.review = new Review({
      dataDir: options.dataDir,
      clock: host.clock,
      logger: host.logger,
      release: async (observation, payload, letGo) =>
        (await host.keep(observation, payload, letGo)).status === 'accepted',
      isTaken: (id) => host.hasSpooled(id),
    })
    this.#page = new LocalPage({
      view: () => this.#view(),
      picture: (id) => this.#picture(id),
      answer: (request) => this.answer(request, 'page'),
    })
    this.indicators.add(this.#page)
    this.#tray = this.#trayOf(
      options.trayDisplay === undefined ? process.env.DISPLAY : options.trayDisplay
    )
    exclusionsOf(host).set('site', options.site.exclusions)
    host.onConfiguration(({ paused_until: until }) =>
      this.pause.follow(until === null ? null : Date.parse(until))
    )
    this.#tap()
  }

  /** Opens the local page. Where that is not possible, the agent goes on and captures nothing unseen. */
  async open(): Promise<void> {
    this.#isOpen = true
    this.#follow(this.#host.policy)
    await this.review.load()
    await this.#openPage()
    this.#tray?.open()
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.pause.close()
    this.#tray?.close()
    await this.review.close()
    await this.#page.close()
  }

  /** Reads anew what the person at this machine decided. Throws E_DAMAGED_FILE. */
  reload(): void {
    exclusionsOf(this.#host).set('person', ownExclusions(this.#options.dataDir))
    this.pause.load()
  }

  /**
   * Does what the person asks for. Throws E_PAUSE_REFUSED, E_NOTICE_CHANGED, E_UNKNOWN_EXCLUSION or
   * E_INVALID_OPTION where it cannot be done.
   */
  async answer(request: TrustRequest, from: PausedFrom): Promise<TrustReport> {
    const { dataDir } = this.#options
    switch (request.ask) {
      case 'exclude':
        addOwnExclusion(dataDir, request)
        this.reload()
        break
      case 'include':
        removeOwnExclusion(dataDir, request)
        this.reload()
        break
      case 'acknowledge':
        await this.#host.acknowledge(request.sha256)
        break
      case 'withhold':
        await this.review.withhold(request.ids)
        await this.#tellGaps()
        break
      default:
        answerPause(this.pause, request, from)
    }
    return this.report()
  }

  report(): TrustReport {
    return {
      ...this.pause.report(),
      indicators: this.indicators.alive(),
      page: this.#page.link,
    }
  }

  /** Calls `listener` when a pause begins or ends; the answer takes it back. */
  onChange(listener: (report: TrustReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** An observation became durable. */
  recorded(observation: Observation, payload: Uint8Array | undefined): void {
    this.journal.recorded(observation, payload)
  }

  /** Work of a turn that a pause cuts off: what it throws then is no failure. */
  async interruptible(
    plugin: string,
    interval: Interval,
    turn: Turn,
    work: (turn: Turn) => Promise<void>
  ): Promise<void> {
    const interruption = this.#interruption.signal
    this.#turns.set(plugin, { at: this.#host.clock.now(), everyMs: interval.seconds * 1000 })
    try {
      await work({ ...turn, signal: AbortSignal.any([turn.signal, interruption]) })
    } catch (error) {
      if (!interruption.aborted) {
        throw error
      }
    }
  }

  #tap(): void {
    const { hooks } = this.#host
    this.#question(PAUSE, () => this.pause.current() === null)
    this.#question(INDICATOR, () => this.indicators.alive().length > 0)
    hooks.policyChanged.tap(PAUSE, (policy) => this.#follow(policy))
    hooks.settled.tap(PAUSE, (observation, verdict) => this.journal.settled(observation, verdict))
    hooks.status.tapPromise({ name: PAUSE, stage: STAGE_LAST }, async (status) => {
      await this.#openPage()
      await this.#tellGaps()
      return this.#inStatus(status)
    })
  }

  #follow({ values }: Policy): void {
    this.review.minutes = values['review.minutes']
    this.pause.limit(values['pause.minutes_per_day'])
    exclusionsOf(this.#host).set('policy', values.exclusions)
  }

  #question(name: string, mayObserve: () => boolean): void {
    this.#host.hooks.shouldObserve.tap({ name, stage: STAGE_EARLY }, (kind) =>
      LIVENESS.includes(kind) || mayObserve() ? undefined : false
    )
  }

  #inStatus(status: AgentStatus): AgentStatus {
    const plugins = this.indicators.alive().length > 0 ? [] : [this.#noIndicator()]
    const seen = { ...status, plugins: [...status.plugins, ...plugins] }
    return this.pause.current() === null
      ? seen
      : { ...seen, state: 'paused', secondsSinceInput: null }
  }

  #noIndicator(): PluginStatus {
    const { version } = this.#host
    const missing = this.indicators.missing()
    const why =
      missing === null ? '' : `; the icon in the ${missing} was closed or its place is gone`
    return { name: INDICATOR, version, state: 'unavailable', reason: `indicator: none${why}` }
  }

  #trayOf(display: string | null | undefined): Tray | null {
    if (!display) {
      return null
    }
    const tray = new Tray(
      {
        clock: this.#host.clock,
        logger: this.#host.logger,
        observing: () => observing({ ...this.report(), ...this.#host.standing }),
        answer: (request) => this.answer(request, 'tray'),
        passLink: () => this.#page.passLink(),
        changed: () => this.#indicatorChanged(),
      },
      display
    )
    this.indicators.add(tray)
    return tray
  }

  /** What is under way ends where it cannot be seen any more. */
  #indicatorChanged(): void {
    if (this.indicators.missing() !== null) {
      this.#host.logger.warn({}, 'the icon in the tray is gone, so nothing is captured')
      this.#interrupt(new AgentError('E_UNSEEN', 'Expected an indicator, found none'))
    }
  }

  #interrupt(reason: AgentError): void {
    this.#interruption.abort(reason)
    this.#interruption = new AbortController()
  }

  async #openPage(): Promise<void> {
    if (!this.#isOpen || this.#page.isAlive()) {
      return
    }
    try {
      await this.#page.open(this.#options.pagePort)
    } catch (error) {
      const { message } = asError(error)
      this.#host.logger.warn({ error: message }, 'the local page cannot be opened')
    }
  }

  #pauseChanged(pause: CurrentPause | null): void {
    if (pause !== null) {
      this.#interrupt(new AgentError('E_PAUSED', 'Expected to observe, found a pause'))
    }
    this.#tray?.refresh()
    this.#host.logger.info({ pause }, pause === null ? 'observing' : 'paused')
    this.#listeners.forEach((listener) => listener(this.report()))
    void this.#tellGaps()
  }

  /** A pause that is over becomes a gap; one that is not taken now is told with the next heartbeat. */
  #tellGaps(): Promise<void> {
    return this.#telling.run(async () => {
      for (const past of this.pause.untold()) {
        const outcome = await this.#host.record({
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
      for (const withheld of this.review.untold()) {
        await this.#tellWithheld(withheld)
      }
    })
  }

  /** What was taken back never had a number: its tombstone names the last one that was given. */
  async #tellWithheld(withheld: Withheld): Promise<void> {
    const outcome = await this.#host.record({
      kind: 'eviction',
      evicted_id: withheld.id,
      evicted_seq: Math.max(1, this.#host.lastSeq),
      evicted_kind: withheld.kind,
      evicted_captured_at: withheld.capturedAt,
      bytes: withheld.bytes,
      cause: 'withheld',
    })
    if (outcome.status === 'accepted') {
      await this.review.told(withheld)
    }
  }

  async #picture(id: string): Promise<Picture | null> {
    const waits = this.review.list().find(({ observation }) => observation.id === id)
    if (waits?.observation.kind !== 'screenshot') {
      return this.journal.picture(id)
    }
    const data = await this.review.payload(id)
    return data === null ? null : { mediaType: waits.observation.media_type, data }
  }

  async #view(): Promise<PageView> {
    const { site } = this.#options
    const { identity, notice, collectors, state, startedAt, trust } = await this.#host.report()
    return {
      ...trust,
      now: this.#host.clock.now(),
      agent: identity?.name ?? 'this machine',
      person: identity?.person ?? null,
      server: identity?.server ?? null,
      site: site.name,
      version: this.#host.version,
      startedAt,
      isWithinHours: state !== 'outside_hours',
      hours: describeHours(site.workingHours),
      notice: { ...this.#host.notice, ...notice },
      collectors,
      pending: this.review.list(),
      pictures: this.journal.pictures(),
      entries: this.journal.entries(),
      exclusions: exclusionsOf(this.#host).list(),
    }
  }

  /** What each plugin of the site collects, how it is, and when it looked and looks next. */
  collectors(plugins: readonly PluginStatus[]): readonly Collector[] {
    const isOn = this.#host.mayObserve('screenshot').go
    return collectedBy(this.#options.site).map((declared) => {
      const { state, reason } = plugins.find(({ name }) => name === declared.name) ?? {
        state: 'off' as const,
        reason: null,
      }
      return { ...declared, state, reason, ...this.#timesOf(declared.name, isOn) }
    })
  }

  /** When a plugin last had its turn, and about when it looks next, while anything may be looked at. */
  #timesOf(plugin: string, isOn: boolean): Pick<Collector, 'lastAt' | 'nextAt'> {
    const turn = this.#turns.get(plugin)
    const nextAt = turn === undefined || !isOn ? null : turn.at + turn.everyMs
    return { lastAt: turn?.at ?? null, nextAt }
  }
}

/** Does what the person asks for. Throws E_PAUSE_REFUSED where the policy allows no more. */
export function answerPause(pause: Pause, request: PauseRequest, from: PausedFrom): PauseReport {
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
