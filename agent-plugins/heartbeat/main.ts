import { setTimeout as sleep } from 'node:timers/promises'
import {
  AgentError,
  every,
  everyInGerman,
  resolveOptions,
  timeZone,
  type Agent,
  type Clock,
  type Plugin,
  type PluginNotice,
  type Turn,
} from '@worksight/agent-core'
import type { HeartbeatSystem } from '@worksight/agent-core/contract/heartbeat'
import manifest from './package.json' with { type: 'json' }
import { MachineInformation, type SystemInformation } from './system_information.ts'

/** Options of the plugin. */
export type HeartbeatOptions = {
  /** Seconds between two heartbeats, 0.1 to 86 400; default 30. */
  readonly intervalSeconds: number
  /** Share of the interval by which a heartbeat moves at random to either side, 0 to 0.5; default 0.1. */
  readonly jitter: number
}

/** What the plugin touches the world through; a spec brings its own. */
export type HeartbeatWorld = {
  readonly system?: SystemInformation
  readonly env?: Readonly<Record<string, string | undefined>>
}

const DEFAULTS: HeartbeatOptions = { intervalSeconds: 30, jitter: 0.1 }

/** What each option may be, both ends included. */
const RANGES = { intervalSeconds: [0.1, 86_400], jitter: [0, 0.5] } as const

/** Over how long facts measure the load, in milliseconds; heartbeats take what lies between two. */
const LOAD_MS = 500

/** The longest idle time the wire carries: a year, in seconds. */
const YEAR = 31_536_000

/** Says at an interval that the agent lives, how its parts are, and what machine it runs on. */
export class Heartbeat implements Plugin {
  readonly name = 'heartbeat'
  readonly version = manifest.version
  readonly options: HeartbeatOptions
  readonly notice: PluginNotice
  readonly #system: SystemInformation
  #last: { readonly wall: number; readonly monotonic: number } | null = null

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<HeartbeatOptions> = {}, world: HeartbeatWorld = {}) {
    this.options = checked(
      resolveOptions(this.name, DEFAULTS, options, world.env ?? process.env).values
    )
    this.notice = {
      collects:
        'that the agent runs and how its parts are; name, system, load, memory, disk, battery, ' +
        'time zone and displays of this machine; the seconds since the last input',
      every: every(this.options.intervalSeconds),
      inLanguages: {
        de: {
          collects:
            'dass das Programm läuft und wie es seinen Teilen geht; Name, System, Last, Speicher, ' +
            'Platte, Akku, Zeitzone und Bildschirme dieses Rechners; die Sekunden seit der letzten Eingabe',
          every: everyInGerman(this.options.intervalSeconds),
        },
      },
    }
    this.#system = world.system ?? new MachineInformation()
  }

  /**
   * What a heartbeat says of this machine but for the displays, which those know that look at them; the
   * load is that of the half second it takes.
   */
  async facts(): Promise<Omit<HeartbeatSystem, 'displays'>> {
    await this.#system.read()
    await sleep(LOAD_MS)
    const { displays, ...facts } = await this.#system.read()
    return facts
  }

  apply(agent: Agent): void {
    const { intervalSeconds, jitter } = this.options
    agent.hooks.start.tap(this.name, () => {
      const interval = { seconds: intervalSeconds, jitter }
      agent.every(this.name, interval, (turn) => this.#beat(agent, turn))
    })
  }

  async #beat(agent: Agent, turn: Turn): Promise<void> {
    const permission = agent.mayObserve('heartbeat')
    if (!permission.go) {
      return agent.setState(
        this.name,
        'idle',
        `No heartbeats now: not allowed by ${permission.by}.`
      )
    }
    const lateSeconds = turn.lateSeconds + this.#secondsAsleep(agent.clock)
    const system = await this.#system.read()
    this.#tellUnread(agent)
    const status = await agent.status()
    await agent.record({
      kind: 'heartbeat',
      state: status.state,
      seconds_since_input: bounded(status.secondsSinceInput),
      interval_seconds: this.options.intervalSeconds,
      late_seconds: bounded(lateSeconds) ?? 0,
      time_zone: timeZone(),
      agent_version: agent.version,
      clock_skew_ms: status.clockSkewMs,
      system,
      plugins: [...status.plugins],
      spool: status.spool,
    })
  }

  /** Before the heartbeat is made, so that it says so itself. */
  #tellUnread(agent: Agent): void {
    const { unread } = this.#system
    if (unread.length === 0) {
      return agent.setState(this.name, 'ok', null)
    }
    const text = `This machine does not let ${unread.join(' and ')} be read; heartbeats come without.`
    agent.setState(this.name, 'degraded', text)
  }

  /** Seconds since the last heartbeat that the schedule's clock did not see: the machine slept. */
  #secondsAsleep(clock: Clock): number {
    const now = { wall: clock.now(), monotonic: clock.monotonic() }
    const last = this.#last ?? now
    this.#last = now
    const unseenMs = now.wall - last.wall - (now.monotonic - last.monotonic)
    return unseenMs >= SLEEP_MS ? unseenMs / 1000 : 0
  }
}

/** By how much the date must run ahead of the monotonic clock to say that the machine slept. */
const SLEEP_MS = 5_000

/** Seconds as the wire carries them: to the millisecond, from 0 to a year. */
function bounded(seconds: number | null): number | null {
  return seconds === null ? null : Math.min(YEAR, Math.max(0, Math.round(seconds * 1000) / 1000))
}

function checked(options: HeartbeatOptions): HeartbeatOptions {
  for (const option of Object.keys(RANGES) as (keyof HeartbeatOptions)[]) {
    const [least, most] = RANGES[option]
    const value: unknown = options[option]
    if (!(typeof value === 'number' && value >= least && value <= most)) {
      const expected = `a number from ${least} to ${most}`
      const text = `heartbeat.${option}: expected ${expected}, found ${JSON.stringify(value)}`
      throw new AgentError('E_INVALID_OPTION', text)
    }
  }
  return options
}
