import type { PluginState } from '../contract/heartbeat.ts'
import type { UploadPermit } from './api_client.ts'
import type { AgentHooks, AgentStatus, Identity, SpooledItem } from './hooks.ts'
import type { LocalCopies } from './local_copies.ts'
import type { Logger } from './logger.ts'
import type { Draft, ObservationKind, RecordOutcome } from './observation.ts'
import type { Policy, PolicyBounds } from './policy.ts'

/** Time as the agent reads it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, UTC; may jump. */
  now(): number
  /** Milliseconds since some moment; never jumps back. */
  monotonic(): number
}

/** How often work is due. */
export type Interval = {
  /** Seconds between two turns; more than 0. */
  readonly seconds: number
  /** Share of `seconds` by which a turn moves at random to either side, 0 to 0.5; default 0. */
  readonly jitter?: number
  /** Whether the first turn comes at once instead of after one interval; default true. */
  readonly immediately?: boolean
}

/** One turn of scheduled work. */
export type Turn = {
  /** How much later than due this turn began, in seconds; 0 when on time. */
  readonly lateSeconds: number
  /** Aborted when the agent stops, or when the turn takes longer than it may. */
  readonly signal: AbortSignal
}

/**
 * A finished file on the file system of the agent's data folder that becomes the payload of an
 * observation, without being read into memory. The description must carry its `bytes` and `sha256`.
 */
export type PayloadFile = { readonly path: string }

/** What belongs to an observation beside its description. */
export type Payload = Uint8Array | PayloadFile

/** Whether `kind` may be observed now, and if not, which tap said no. */
export type Permission = { readonly go: true } | { readonly go: false; readonly by: string }

/**
 * What a plugin sees of the agent. It never sees the network, the spool or another plugin: it asks
 * whether it may look, looks, and records.
 */
export interface Agent {
  readonly hooks: AgentHooks
  readonly clock: Clock
  readonly logger: Logger
  /** Version of agent-core. */
  readonly version: string
  /** Name of the site this agent runs. */
  readonly site: string
  /** Who this agent is to the server, without its token; null before an enrolment. */
  readonly identity: Omit<Identity, 'token'> | null
  /** The policy in force now, every value of it; `policyChanged` says when it is another one. */
  readonly policy: Policy
  /** Folder of the agent on this machine. A plugin keeps its files in a folder there that has its name. */
  readonly dataDir: string

  /**
   * Runs `work` every interval until the agent stops, or every interval that a function takes from
   * the policy, asked again whenever the policy changes: never two turns at once, a turn that is due
   * while the last one works is left out, at most one turn after a suspend. What `work` throws
   * becomes `failed` and the plugin's state; the next turn comes all the same. Returns a function
   * that ends the schedule.
   */
  every(
    plugin: string,
    interval: Interval | ((policy: Policy) => Interval),
    work: (turn: Turn) => Promise<void>
  ): () => void

  /** Asks `shouldObserve`; a tap that fails counts as a no. */
  mayObserve(kind: ObservationKind): Permission

  /**
   * Makes an observation of the draft and puts it, with its payload, durably into the spool. When
   * the promise resolves with `accepted`, it will arrive, whatever happens to the process. A file is
   * moved into the spool: accepted, it is gone from its path; refused, it is still there. After a
   * crash between the two it has two names until its plugin removes the first.
   */
  record(draft: Draft, payload?: Payload): Promise<RecordOutcome>

  /**
   * Asks the server where the bytes of an item go: for plugins that store. A session that it grants is
   * good for that one file; asked again, also after a restart, the same file has the same key.
   */
  openUpload(item: SpooledItem, signal: AbortSignal): Promise<UploadPermit>

  /** Says how a plugin is, for the heartbeat; `reason` is a sentence for a person, or null when ok. */
  setState(plugin: string, state: PluginState, reason: string | null): void

  /**
   * The state of the agent as the heartbeat carries it: what `status` taps add to the plugins' states,
   * the spool's counters and the clock skew, which the runtime fills in.
   */
  status(): Promise<AgentStatus>
}

/** What a plugin says about itself in the notice that the person reads before anything is captured. */
export type PluginNotice = {
  /** What leaves the machine, as half a sentence: `a picture of every display, scaled to …`. */
  readonly collects: string
  /** How often, as half a sentence: `every 5 minutes`. */
  readonly every?: string
  /** The same in other languages, by their BCP 47 tag: `de`. What is missing stands in English. */
  readonly inLanguages?: Readonly<
    Record<string, { readonly collects: string; readonly every?: string }>
  >
}

/**
 * A plugin of the agent. The constructor normalises its options and does nothing else; `apply` taps
 * hooks and does nothing else.
 */
export interface Plugin {
  /** Short and unique in a site: `heartbeat`, `screenshot`. */
  readonly name: string
  readonly version: string
  /** Optional: what the notice says about this plugin. Without it, the notice says that nothing is declared. */
  readonly notice?: PluginNotice
  /**
   * Optional: what this plugin's options say of the values that a policy tunes. They are the bound:
   * a policy can make them observe less, never more.
   */
  readonly bounds?: PolicyBounds
  /** Optional: which copies of what it captured stay on this machine, so that they can be cleaned up. */
  readonly localCopies?: LocalCopies
  /** Optional: the options in force, for `config` and `plugins info`. They hold no secret. */
  readonly options?: Readonly<Record<string, unknown>>
  apply(agent: Agent): void
  /** Optional: what `doctor` asks of this plugin: binaries, permissions, a probe shot. It records nothing. */
  doctor?(signal: AbortSignal): Promise<readonly Check[]>
  /**
   * Optional: what `capture` writes to a file of this disk and nowhere else: one picture a display, in
   * the format that was asked for (`png`). Throws E_INVALID_ANSWER for one that it does not know.
   */
  capture?(signal: AbortSignal, format?: string): Promise<readonly CapturedFile[]>
  /**
   * Optional: records so many seconds into `file`, on this disk and nowhere else. Answers how many it
   * recorded: fewer where `signal` ended it, or what it records went away.
   */
  recordTo?(file: string, seconds: number, signal: AbortSignal): Promise<number>
  /** Optional: facts about this machine as they leave it, for `sysinfo`. */
  facts?(): Promise<Readonly<Record<string, unknown>>>
}

/** One finding of `doctor`. */
export type Check = {
  /** What was looked at: `screen`, `ffmpeg`. */
  readonly name: string
  /** `warn`: works badly; `fail`: does not work. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, as a sentence; no secret, no title of a window. */
  readonly found: string
  /** What to do about it, where there is something. */
  readonly help?: string
  /** What cannot be done while it fails; default `degraded`. */
  readonly means?: 'capture' | 'configuration' | 'degraded'
}

/** A picture that stays on this disk. */
export type CapturedFile = {
  readonly display: string
  readonly mediaType: string
  readonly data: Uint8Array
}
