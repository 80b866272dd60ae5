import {
  every,
  exclusionsOf,
  Unavailable,
  type Agent,
  type AgentStatus,
  type Check,
  type Draft,
  type IsExcluded,
  type Plugin,
  type PluginNotice,
  type PolicyBounds,
  type Turn,
} from '@worksight/agent-core'
import type { Desktop, ForegroundWindow, Look } from './desktop.ts'
import { presenceDrafts, windowDraft } from './drafts.ts'
import { openDesktop } from './open_desktop.ts'
import { activityOptions, type ActivityOptions } from './options.ts'
import manifest from './package.json' with { type: 'json' }
import { PresenceTracker } from './presence_tracker.ts'
import { toldOf } from './told.ts'
import { WindowTracker } from './window_tracker.ts'

export type { Desktop, ForegroundWindow, Look } from './desktop.ts'
export type { ActivityOptions } from './options.ts'
export * from './activity_watch.ts'

/** What the plugin touches the world through; a spec brings its own. */
export type ActivityWorld = {
  /** The desktop to look at; throws `Unavailable` where there is none. */
  readonly open?: () => Promise<Desktop>
  /** Asked before anything is recorded; by default the agent's exclusions. */
  readonly isExcluded?: IsExcluded
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** How long a machine without a desktop is left alone before it is asked again, in milliseconds. */
const ASK_AGAIN_MS = 10_000
/** How many events wait while nothing may be recorded. */
const MOST_HELD = 200

/**
 * Says which window is in front and whether the person is there, as events with start and duration.
 * What a list excludes is never recorded; titles only where site and policy allow them. It knows
 * whether there was input, and nothing about it.
 */
export class Activity implements Plugin {
  readonly name = 'activity'
  readonly version = manifest.version
  readonly options: ActivityOptions
  readonly notice: PluginNotice
  readonly bounds: PolicyBounds
  readonly #open: () => Promise<Desktop>
  readonly #windows = new WindowTracker()
  readonly #presence: PresenceTracker
  #isExcluded: IsExcluded | undefined
  #desktop: Desktop | null = null
  #askAgainAt = -Infinity
  #missing: Unavailable | null = null
  /** Events that ended and are not recorded yet. */
  #held: Draft[] = []

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<ActivityOptions> = {}, world: ActivityWorld = {}) {
    this.options = activityOptions(options, world.env ?? process.env)
    this.notice = noticeOf(this.options)
    this.bounds = {
      'activity.enabled': true,
      'activity.titles': this.options.titles,
      'activity.afk_seconds': this.options.afkSeconds,
    }
    this.#open = world.open ?? openDesktop
    this.#isExcluded = world.isExcluded
    this.#presence = new PresenceTracker(this.options.afkSeconds * 1000, {
      slotMs: Math.round(this.options.pollSeconds * 1000),
      pulsetimeMs: this.options.pulsetimeSeconds * 1000,
    })
  }

  /** What tells windows and input here, by a look that is thrown away. */
  async doctor(signal: AbortSignal): Promise<readonly Check[]> {
    let desktop: Desktop | null = null
    try {
      desktop = await this.#open()
      const { window, idleMs, isLocked, withheld } = await desktop.look(signal)
      const input =
        idleMs === null
          ? 'nobody tells when'
          : `${Math.round(idleMs / 1000)} s ago by ${desktop.name}`
      const front = window?.app ?? 'no program'
      return [
        {
          name: 'input',
          status: idleMs === null ? 'warn' : 'ok',
          found: `the last one: ${input}${isLocked ? '; the screen is locked' : ''}`,
        },
        { name: 'window', status: 'ok', found: `${front} is in front` },
        ...(withheld === null
          ? []
          : [{ name: 'permission', status: 'warn', found: withheld.reason } as const]),
      ]
    } catch (error) {
      if (error instanceof Unavailable) {
        return [{ name: 'desktop', status: 'fail', found: error.message, means: 'capture' }]
      }
      throw error
    } finally {
      await desktop?.close()
    }
  }

  apply(agent: Agent): void {
    this.#isExcluded ??= exclusionsOf(agent).isExcluded
    agent.hooks.start.tap(this.name, () => {
      agent.every(this.name, { seconds: this.options.pollSeconds }, (turn) =>
        this.#turn(agent, turn)
      )
    })
    agent.hooks.status.tap(this.name, (status) => this.#statusOf(agent, status))
    agent.hooks.stop.tapPromise(this.name, () => this.#stop(agent))
  }

  async #turn(agent: Agent, turn: Turn): Promise<void> {
    const permission = agent.mayObserve('presence')
    if (!permission.go) {
      this.#interrupt()
      return agent.setState(this.name, 'idle', `No activity now: not allowed by ${permission.by}.`)
    }
    const asked = agent.clock.monotonic()
    const look = await this.#look(agent, turn.signal)
    turn.signal.throwIfAborted()
    this.#note(look, agent, asked)
    await this.#record(agent)
    if (look === null) {
      const { state, message } = this.#missing ?? { state: 'unavailable', message: '' }
      agent.setState(this.name, state, message.slice(0, 500))
    } else {
      agent.setState(this.name, look.withheld?.state ?? 'ok', look.withheld?.reason ?? null)
    }
  }

  /** What the desktop shows; null where the machine gives no reading. */
  async #look(agent: Agent, signal: AbortSignal): Promise<Look | null> {
    if (this.#desktop === null && agent.clock.monotonic() < this.#askAgainAt) {
      return null
    }
    try {
      this.#desktop ??= await this.#open()
      return await this.#desktop.look(signal)
    } catch (error) {
      await this.#close()
      if (error instanceof Unavailable) {
        this.#missing = error
        this.#askAgainAt = agent.clock.monotonic() + ASK_AGAIN_MS
        return null
      }
      throw error
    }
  }

  #note(look: Look | null, agent: Agent, asked: number): void {
    const { flushSeconds } = this.options
    const reading = {
      at: agent.clock.now(),
      asked,
      answered: agent.clock.monotonic(),
      idleMs: look?.idleMs ?? null,
      isLocked: look?.isLocked ?? false,
    }
    const { values } = agent.policy
    this.#presence.afkMs = values['activity.afk_seconds'] * 1000
    const { spans, since } = this.#presence.see(reading)
    const window =
      look === null || look.isLocked ? null : this.#told(look.window, values['activity.titles'])
    this.#hold(
      [...spans, ...this.#presence.flush(flushSeconds * 1000)],
      [...this.#windows.see(window, reading.at, since), ...this.#windows.flush(flushSeconds * 1000)]
    )
  }

  /** What of a window is told: nothing where it is excluded, else no more than site and policy allow. */
  #told(window: ForegroundWindow | null, hasTitles: boolean) {
    return window === null || this.#isExcluded?.(window) !== null ? null : toldOf(window, hasTitles)
  }

  #hold(
    presence: ReturnType<PresenceTracker['end']>,
    windows: ReturnType<WindowTracker['end']>
  ): void {
    const { pollSeconds, pulsetimeSeconds } = this.options
    const about = { slotMs: Math.round(pollSeconds * 1000), pulsetimeMs: pulsetimeSeconds * 1000 }
    this.#held.push(
      ...presence.flatMap((span) => presenceDrafts(span, about)),
      ...windows.map((span) => windowDraft(span, about))
    )
    this.#held.splice(0, this.#held.length - MOST_HELD)
  }

  /** Ends what lasts. What was observed before is kept until something may be recorded again. */
  #interrupt(): void {
    this.#hold(this.#presence.end(), this.#windows.end())
  }

  /** Records what ended; what may not be recorded now waits. */
  async #record(agent: Agent): Promise<void> {
    const drafts = this.#held
    this.#held = []
    for (const draft of drafts) {
      if (agent.mayObserve(draft.kind).go) {
        await agent.record(draft)
      } else {
        this.#held.push(draft)
      }
    }
  }

  /** Adds whether the person is there, where a reading says so. */
  #statusOf(agent: Agent, status: AgentStatus): AgentStatus {
    const { state, inputAt } = this.#presence
    if (state === null || state === 'asleep' || state === 'unknown') {
      return status
    }
    const secondsSinceInput =
      inputAt === null ? null : Math.max(0, agent.clock.monotonic() - inputAt) / 1000
    return { ...status, state, secondsSinceInput }
  }

  async #stop(agent: Agent): Promise<void> {
    this.#interrupt()
    await this.#record(agent)
    await this.#close()
  }

  async #close(): Promise<void> {
    const desktop = this.#desktop
    this.#desktop = null
    await desktop?.close()
  }
}

function noticeOf({ titles, pollSeconds }: ActivityOptions): PluginNotice {
  const window = titles
    ? 'which program is in front, with the title of its window where the policy allows it'
    : 'which program is in front, without the title of its window'
  return {
    collects: `${window}; whether there was input at the keyboard or the pointer, never what it was`,
    every: every(pollSeconds),
  }
}
