import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { test } from '@japa/runner'
import { createHooks, effectivePolicy, silentLogger, SITE_ALONE } from '@worksight/agent-core'
import type {
  Agent,
  AgentStatus,
  Draft,
  Interval,
  Permission,
  RecordOutcome,
  Turn,
} from '@worksight/agent-core'
import {
  heartbeatValidator,
  type HeartbeatSystem,
  type PluginState,
} from '@worksight/agent-core/contract/heartbeat'
import { pluginContract } from '@worksight/agent-core/testing/plugin_contract'
import { Heartbeat, type HeartbeatOptions } from './main.ts'
import { MachineInformation, type Machine } from './system_information.ts'

const SYSTEM: HeartbeatSystem = {
  os: { platform: 'linux', name: 'Debian GNU/Linux', release: '12', arch: 'x64' },
  host: 'desk-7',
  cpu: { model: 'Some CPU', cores: 4, load_percent: 12.5 },
  memory: { total_bytes: 8_000_000_000, used_bytes: 3_000_000_000 },
  disk: null,
  battery: null,
  uptime_seconds: 3600,
  displays: [],
}

const STATUS: AgentStatus = {
  state: 'active',
  secondsSinceInput: 1.23456,
  clockSkewMs: -42,
  plugins: [{ name: 'screenshot', version: '0.1.0', state: 'degraded', reason: 'black' }],
  spool: {
    accepted: 5,
    delivered: 3,
    evicted: 0,
    dead: 0,
    queued: 2,
    spool_bytes: 4096,
    oldest_age_s: 1.5,
    seq: 5,
  },
}

/** An agent with this one plugin: `beat` runs a turn of it, `drafts` is what it recorded. */
class BeatingAgent implements Agent {
  readonly hooks = createHooks()
  /** Milliseconds on both clocks; a test moves them. */
  wall = 1_800_000_000_000
  monotonic = 0
  readonly clock = { now: () => this.wall, monotonic: () => this.monotonic }
  readonly logger = silentLogger
  readonly version = '1.2.3'
  readonly site = 'spec'
  readonly identity = null
  readonly policy = effectivePolicy({}, SITE_ALONE)
  readonly dataDir = '/nonexistent'
  readonly drafts: Draft[] = []
  readonly states: [PluginState, string | null][] = []
  readonly intervals: Interval[] = []
  permission: Permission = { go: true }
  readonly #status: AgentStatus
  #work = async (_turn: Turn) => {}

  constructor(status: AgentStatus) {
    this.#status = status
  }

  async beat(lateSeconds = 0): Promise<void> {
    await this.#work({ lateSeconds, signal: AbortSignal.timeout(50_000) })
  }

  every(_plugin: string, interval: Interval, work: (turn: Turn) => Promise<void>): () => void {
    this.intervals.push(interval)
    this.#work = work
    return () => {}
  }

  mayObserve(): Permission {
    return this.permission
  }

  async record(draft: Draft): Promise<RecordOutcome> {
    this.drafts.push(draft)
    return { status: 'refused', reason: 'a spec keeps nothing' }
  }

  async openUpload() {
    return { status: 'server' as const }
  }

  setState(_plugin: string, state: PluginState, reason: string | null): void {
    this.states.push([state, reason])
  }

  async status(): Promise<AgentStatus> {
    return this.#status
  }
}

async function started(
  options: Partial<HeartbeatOptions> = {},
  status = STATUS
): Promise<BeatingAgent> {
  const agent = new BeatingAgent(status)
  new Heartbeat(options, { system: { read: async () => SYSTEM, unread: [] }, env: {} }).apply(agent)
  await agent.hooks.start.promise()
  return agent
}

/** A draft as the runtime sends it. */
function sent(draft: Draft | undefined): unknown {
  return {
    id: '0192f000-0000-7000-8000-000000000001',
    seq: 1,
    captured_at: '2026-11-22T10:00:00.000Z',
    utc_offset_minutes: 60,
    policy_version: 0,
    ...draft,
  }
}

test.group('Heartbeat', () => {
  test('records what the contract describes', async ({ assert }) => {
    const agent = await started({ intervalSeconds: 5 })

    await agent.beat(0.25)

    assert.containSubset(await heartbeatValidator.validate(sent(agent.drafts[0])), {
      kind: 'heartbeat',
      state: 'active',
      seconds_since_input: 1.235,
      interval_seconds: 5,
      late_seconds: 0.25,
      agent_version: '1.2.3',
      clock_skew_ms: -42,
      system: SYSTEM,
      plugins: [...STATUS.plugins],
      spool: STATUS.spool,
    })
    assert.deepEqual(agent.states.at(-1), ['ok', null])
  })

  test('says unknown as null, and never how late it is by less than nothing', async ({
    assert,
  }) => {
    const agent = await started({}, { ...STATUS, secondsSinceInput: null, clockSkewMs: null })

    await agent.beat(-0.5)

    const heartbeat = await heartbeatValidator.validate(sent(agent.drafts[0]))
    assert.isNull(heartbeat.seconds_since_input)
    assert.isNull(heartbeat.clock_skew_ms)
    assert.equal(heartbeat.late_seconds, 0)
  })

  test('keeps seconds within what the wire carries', async ({ assert }) => {
    const agent = await started({}, { ...STATUS, secondsSinceInput: 1e12 })

    await agent.beat(1e12)

    const heartbeat = await heartbeatValidator.validate(sent(agent.drafts[0]))
    assert.equal(heartbeat.seconds_since_input, 31_536_000)
    assert.equal(heartbeat.late_seconds, 31_536_000)
  })

  test('after {slept} s of sleep, which its schedule does not see, it is {late} s late')
    .with([
      { slept: 28_800, late: 28_800.5 },
      { slept: 5, late: 5.5 },
      { slept: 1, late: 0.5 },
      { slept: -3600, late: 0.5 },
    ])
    .run(async ({ assert }, { slept, late }) => {
      const agent = await started()
      await agent.beat()
      agent.monotonic += 30_500
      agent.wall += 30_500 + slept * 1000

      await agent.beat(0.5)
      agent.monotonic += 30_000
      agent.wall += 30_000
      await agent.beat()

      const lateness = agent.drafts.map((draft) => draft.kind === 'heartbeat' && draft.late_seconds)
      assert.deepEqual(lateness, [0, late, 0])
    })

  test('what cannot be read is null in the heartbeat, and said in the same one', async ({
    assert,
  }) => {
    const agent = new BeatingAgent(STATUS)
    const failing = { disk: () => Promise.reject(new Error('EACCES')), processors: () => [] }
    heartbeatOf(failing).apply(agent)
    await agent.hooks.start.promise()

    await agent.beat()

    const { system } = await heartbeatValidator.validate(sent(agent.drafts[0]))
    assert.isNull(system.disk)
    assert.isNull(system.cpu.load_percent)
    assert.equal(system.cpu.cores, availableParallelism())
    assert.equal(agent.states[0]?.[0], 'degraded')
  })

  test('records nothing while something says no', async ({ assert }) => {
    const agent = await started()

    agent.permission = { go: false, by: 'policy' }
    await agent.beat()

    assert.isEmpty(agent.drafts)
    assert.deepEqual(agent.states.at(-1), ['idle', 'No heartbeats now: not allowed by policy.'])
  })

  test('comes every 30 seconds with a tenth of jitter by default', async ({ assert }) => {
    const agent = await started()

    assert.deepEqual(agent.intervals, [{ seconds: 30, jitter: 0.1 }])
  })

  test('takes its options from the environment before the site file', ({ assert }) => {
    const env = { WORKSIGHT_HEARTBEAT_INTERVAL_SECONDS: '2', WORKSIGHT_HEARTBEAT_JITTER: '0' }

    const heartbeat = new Heartbeat({ intervalSeconds: 60 }, { env })

    assert.deepEqual(heartbeat.options, { intervalSeconds: 2, jitter: 0 })
    assert.equal(heartbeat.notice.every, 'every 2 seconds')
  })
})

/** The plugin on a machine that keeps something of itself from its programs. */
function heartbeatOf(kept: Partial<Machine>): Heartbeat {
  const machine = { processors: cpus, disk: () => statfs('/'), ...kept }
  return new Heartbeat({}, { system: new MachineInformation(machine), env: {} })
}

pluginContract({
  name: 'heartbeat',
  make: (options) =>
    new Heartbeat(options, { system: { read: async () => SYSTEM, unread: [] }, env: {} }),
  wrong: [
    { options: { intervalSeconds: 0 }, named: 'intervalSeconds', expected: 'a number from 0.1' },
    { options: { intervalSeconds: 'soon' }, named: 'intervalSeconds', expected: 'a number from' },
    { options: { intervalSeconds: 90_000 }, named: 'intervalSeconds', expected: 'a number from' },
    { options: { jitter: 0.51 }, named: 'jitter', expected: 'a number from 0 to 0.5' },
    { options: { jitter: -0.1 }, named: 'jitter', expected: 'a number from 0 to 0.5' },
  ],
  missing: [
    {
      what: 'no readable /proc',
      make: () => heartbeatOf({ processors: () => [] }),
      state: 'degraded',
      reason: /let the processors be read; heartbeats come without/,
    },
    {
      what: 'no readable disk',
      make: () => heartbeatOf({ disk: () => Promise.reject(new Error('EACCES')) }),
      state: 'degraded',
      reason: /let the disk be read/,
    },
    {
      what: 'neither of them',
      make: () =>
        heartbeatOf({
          processors: () => [],
          disk: () => Promise.reject(new Error('EACCES')),
        }),
      state: 'degraded',
      reason: /let the processors and the disk be read/,
    },
  ],
})
