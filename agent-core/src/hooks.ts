import {
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncBailHook,
  SyncHook,
} from 'tapable'
import type { Heartbeat, PluginStatus, SpoolCounters } from '../contract/heartbeat.ts'
import type { Draft, Observation, ObservationKind } from './observation.ts'
import type { Policy } from './policy.ts'
import type { Verdict } from './verdict.ts'

/** Order of the taps of one hook: what must come before all, the usual, and the fallback. */
export const STAGE_EARLY = -100
export const STAGE_NORMAL = 0
export const STAGE_LAST = 100

/** Who the agent is to the server: what an enrolment gave. */
export type Identity = {
  readonly server: string
  readonly agentId: number
  readonly name: string
  readonly site: string
  readonly person: string | null
  readonly token: string
  /** Largest sequence number that the server had of this agent at its enrolment; 0 for a new one. */
  readonly seq?: number
}

/** A file that a plugin stored elsewhere, named in the description instead of bytes beside it. */
export type StoredFile = { readonly disk: string; readonly key: string }

/** One durable item of the spool as the courier carries it; `payload` is a path, or null for an event. */
export type SpooledItem = {
  readonly observation: Observation
  readonly payload: string | null
  /** Where the bytes are already; then only the description and this are sent to the server. */
  readonly stored?: StoredFile
}

/** The state of the agent as `status` collects it and the heartbeat carries it. */
export type AgentStatus = {
  readonly state: Heartbeat['state']
  readonly secondsSinceInput: number | null
  readonly clockSkewMs: number | null
  readonly plugins: readonly PluginStatus[]
  readonly spool: SpoolCounters
}

/**
 * The thirteen hooks of an agent, frozen. Every tap runs isolated: one that throws, rejects or hangs
 * becomes `failed` and never stops the others; what that means for its hook stands beside it.
 */
export function createHooks() {
  return Object.freeze({
    /** Options, binaries, permissions. A tap that fails switches its plugin off, with the reason. */
    validate: new AsyncSeriesHook<[]>([]),
    /** Exchanges what the machine has for an identity. A failure stops the start. */
    enrol: new AsyncSeriesBailHook<[{ host: string; platform: string }], Identity | undefined>([
      'machine',
    ]),
    /** Sources arm their schedule. A tap that fails switches its plugin off. */
    start: new AsyncSeriesHook<[]>([]),
    /** May this kind be observed now? `false` is no; a tap that fails counts as `false`. */
    shouldObserve: new SyncBailHook<[ObservationKind], false | undefined>(['kind']),
    /** Adds to or redacts a draft. A failure passes it on unchanged; a tap marked `fatal` drops it. */
    enrich: new AsyncSeriesWaterfallHook<[Draft]>(['draft']),
    /** An observation is durable. */
    recorded: new SyncHook<[Observation]>(['observation']),
    /**
     * Stores a payload elsewhere, before delivery: the file, or a verdict on an item that could not be
     * stored, or nothing where its bytes go to the server. A failure keeps the item and backs off.
     */
    store: new AsyncSeriesBailHook<[SpooledItem, AbortSignal], StoredFile | Verdict | undefined>([
      'item',
      'signal',
    ]),
    /** Brings items to the server. A failure keeps the batch and backs off. */
    deliver: new AsyncSeriesBailHook<
      [readonly SpooledItem[], AbortSignal],
      readonly Verdict[] | undefined
    >(['items', 'signal']),
    /** What became of an item in the end: delivered or rejected. */
    settled: new AsyncSeriesHook<[Observation, Verdict]>(['observation', 'verdict']),
    /** Each part adds its state. */
    status: new AsyncSeriesWaterfallHook<[AgentStatus]>(['status']),
    /** Another policy is in force, without a restart; what `every` armed by the policy is armed anew. */
    policyChanged: new AsyncSeriesHook<[Policy, Policy]>(['policy', 'previous']),
    /** A tap failed: plugin, hook, error. */
    failed: new SyncHook<[string, string, Error]>(['plugin', 'hook', 'error']),
    /** The agent ends: open things are closed, within a deadline. */
    stop: new AsyncSeriesHook<[]>([]),
  })
}

export type AgentHooks = ReturnType<typeof createHooks>
export type HookName = keyof AgentHooks
