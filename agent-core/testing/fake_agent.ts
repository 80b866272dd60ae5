import { readFile, unlink } from 'node:fs/promises'
import type { PluginState } from '../contract/heartbeat.ts'
import type { UploadPermit } from '../src/api_client.ts'
import { createHooks, type AgentStatus, type SpooledItem } from '../src/hooks.ts'
import { silentLogger } from '../src/logger.ts'
import type { Draft, Observation, RecordOutcome } from '../src/observation.ts'
import type { Agent, Interval, Payload, Permission, Turn } from '../src/plugin.ts'
import { effectivePolicy, SITE_ALONE, type Policy } from '../src/policy.ts'

type Recorded = { readonly observation: Observation; readonly payload: Uint8Array | undefined }
type Work = (turn: Turn) => Promise<void>

/**
 * An agent of which only the plugin under test exists: `start` arms it, `turn` runs one of its
 * turns, and what it records and says of itself is kept.
 */
export class FakeAgent implements Agent {
  readonly hooks = createHooks()
  readonly logger = silentLogger
  readonly version = '1.2.3'
  readonly site = 'spec'
  identity: Agent['identity'] = null
  /** The policy in force; `follow` puts another one in force. */
  policy: Policy = effectivePolicy({}, SITE_ALONE)
  /** Where a plugin may keep files; a spec that needs one makes it. */
  dataDir = '/nonexistent'
  readonly recorded: Recorded[] = []
  readonly states: { plugin: string; state: PluginState; reason: string | null }[] = []
  readonly intervals: Interval[] = []
  /** Seconds on both clocks; a spec moves it. */
  seconds = 1_800_000_000
  /** Seconds by which somebody set the date, which the monotonic clock does not see. */
  dateStep = 0
  permission: Permission = { go: true }
  /** Why every draft is refused; null takes them. */
  refusal: string | null = null
  /** What the server says to the question where the bytes of an item go. */
  permit: (item: SpooledItem) => Promise<UploadPermit> = async () => ({ status: 'server' })
  readonly #works: Work[] = []

  readonly clock = {
    now: () => (this.seconds + this.dateStep) * 1000,
    monotonic: () => this.seconds * 1000,
  }

  async start(): Promise<void> {
    await this.hooks.start.promise()
  }

  /** Puts another policy in force, as a running agent does. */
  async follow(policy: Policy): Promise<void> {
    const previous = this.policy
    this.policy = policy
    await this.hooks.policyChanged.promise(policy, previous)
  }

  async stop(): Promise<void> {
    await this.hooks.stop.promise()
  }

  async turn(about: Partial<Turn> = {}): Promise<void> {
    for (const work of this.#works) {
      await work({ lateSeconds: 0, signal: AbortSignal.timeout(10_000), ...about })
    }
  }

  every(
    _plugin: string,
    interval: Interval | ((policy: Policy) => Interval),
    work: Work
  ): () => void {
    this.intervals.push(typeof interval === 'function' ? interval(this.policy) : interval)
    this.#works.push(work)
    return () => {}
  }

  mayObserve(): Permission {
    return this.permission
  }

  async record(draft: Draft, payload?: Payload): Promise<RecordOutcome> {
    if (this.refusal !== null) {
      return { status: 'refused', reason: this.refusal }
    }
    const seq = this.recorded.length + 1
    const observation = {
      captured_at: new Date(this.clock.now()).toISOString(),
      utc_offset_minutes: 0,
      policy_version: 0,
      ...draft,
      id: draft.id ?? `0192f000-0000-7000-8000-${String(seq).padStart(12, '0')}`,
      seq,
    } as Observation
    this.recorded.push({ observation, payload: await taken(payload) })
    return { status: 'accepted', observation }
  }

  openUpload(item: SpooledItem): Promise<UploadPermit> {
    return this.permit(item)
  }

  setState(plugin: string, state: PluginState, reason: string | null): void {
    this.states.push({ plugin, state, reason })
  }

  async status(): Promise<AgentStatus> {
    return {
      state: 'unknown',
      secondsSinceInput: null,
      clockSkewMs: null,
      plugins: [],
      spool: {
        accepted: 0,
        delivered: 0,
        evicted: 0,
        dead: 0,
        queued: 0,
        spool_bytes: 0,
        oldest_age_s: 0,
        seq: 0,
      },
    }
  }

  /** The kinds recorded so far, in order. */
  get kinds(): string[] {
    return this.recorded.map(({ observation }) => observation.kind)
  }

  /** What the plugin last said of itself. */
  get state(): PluginState | null {
    return this.states.at(-1)?.state ?? null
  }
}

/** The bytes of a payload; a file is gone then, as it is from a spool's point of view. */
async function taken(payload: Payload | undefined): Promise<Uint8Array | undefined> {
  if (payload === undefined || payload instanceof Uint8Array) {
    return payload
  }
  const bytes = await readFile(payload.path)
  await unlink(payload.path)
  return bytes
}
