import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import { systemClock } from '../src/clock.ts'
import { defineSite, type SiteConfig } from '../src/define_site.ts'
import { nodeDisk } from '../src/disk.ts'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import type { Agent, Plugin, PluginNotice } from '../src/plugin.ts'
import { AgentRuntime, type RuntimeOptions } from '../src/runtime.ts'
import { aHeartbeat, aScreenshot, FakeServer, temporaryFolder } from '../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void
type Setup = Partial<SiteConfig> & {
  readonly isAcknowledged?: boolean
  readonly runtime?: Partial<RuntimeOptions>
}

const PICTURE = Buffer.from('a picture')

function plugin(
  name: string,
  apply: (agent: Agent) => void = () => undefined,
  notice?: PluginNotice
): Plugin {
  return { name, version: '1.2.3', apply, ...(notice === undefined ? {} : { notice }) }
}

async function setUp(
  cleanup: Cleanup,
  { isAcknowledged = true, runtime: options, ...config }: Setup
) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const site = defineSite({
    name: 'test',
    plugins: [],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
    ...config,
  })
  const identity = {
    server: server.url,
    agentId: 7,
    name: 'desk',
    site: 'test',
    person: 'Dana Reyes',
    token: server.token,
  }
  new IdentityStore(path).save(identity, isAcknowledged ? acknowledge(noticeOf(site), 0) : null)
  const runtime = new AgentRuntime({ site, dataDir: path, random: () => 0, ...options })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  return { server, runtime, dataDir: path, identity }
}

test.group('AgentRuntime', () => {
  test('a server that is away is shown as left alone, and later heartbeats tell of it', async ({
    assert,
    cleanup,
  }) => {
    const beating = plugin('beating', (agent) => {
      agent.hooks.start.tap('beating', () => {
        agent.every('beating', { seconds: 0.05 }, async () => {
          const { plugins } = await agent.status()
          await agent.record({ ...aHeartbeat(), plugins: [...plugins] })
        })
      })
    })
    const { server, runtime } = await setUp(cleanup, { plugins: [beating] })
    const destination = async () => (await runtime.report()).destinations[0]
    server.always = () => ({ status: 503, body: {}, headers: { 'retry-after': '1' } })
    await runtime.start()
    while ((await destination())?.state === 'closed') {
      await sleep(20)
    }
    const away = await destination()
    server.always = null
    while ((await destination())?.state !== 'closed') {
      await sleep(20)
    }
    const told = () =>
      [...server.received.values()].flatMap(({ observation }) =>
        observation.kind === 'heartbeat' ? observation.plugins : []
      )
    while (!told().some(({ name }) => name === 'destination server')) {
      await sleep(20)
    }

    assert.containSubset(away, { name: 'server' })
    assert.isAtLeast(away?.failures ?? 0, 3)
    assert.include(away?.reason ?? '', '503')
    assert.containSubset(told(), [{ name: 'destination server', state: 'degraded' }])
    assert.containSubset((await runtime.report()).plugins, [{ name: 'beating', state: 'ok' }])
  }).timeout(60_000)

  test('what a plugin records arrives, numbered, with what the runtime adds', async ({
    assert,
    cleanup,
  }) => {
    const { server, runtime } = await setUp(cleanup, {})
    await runtime.start()

    const event = await runtime.record(aHeartbeat())
    const medium = await runtime.record(aScreenshot(PICTURE), PICTURE)
    await server.has(2)

    assert.containsSubset(event, { status: 'accepted', observation: { seq: 1, policy_version: 0 } })
    assert.containsSubset(medium, { status: 'accepted', observation: { seq: 2 } })
    const [heartbeat] = [...server.received.values()].map(({ observation }) => observation)
    assert.match(heartbeat?.captured_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('without an acknowledgement nothing but liveness is taken', async ({ assert, cleanup }) => {
    const { runtime } = await setUp(cleanup, { isAcknowledged: false })
    await runtime.start()

    const permission = runtime.mayObserve('screenshot')
    const picture = await runtime.record(aScreenshot(PICTURE), PICTURE)
    const heartbeat = await runtime.record(aHeartbeat())

    assert.deepEqual(permission, { go: false, by: 'notice' })
    assert.equal(picture.status, 'refused')
    assert.equal(heartbeat.status, 'accepted')
  })

  test('a site whose notice changed asks for a new acknowledgement', async ({
    assert,
    cleanup,
  }) => {
    const { dataDir, identity } = await setUp(cleanup, {})
    const collects = { collects: 'a picture', every: 'every second' }
    const wider = new AgentRuntime({
      site: defineSite({ name: 'test', plugins: [plugin('screenshot', undefined, collects)] }),
      dataDir,
    })
    cleanup(() => wider.stop())
    await wider.start()

    assert.deepEqual(wider.mayObserve('screenshot'), { go: false, by: 'notice' })
    new IdentityStore(dataDir).save(identity, acknowledge(wider.notice, 0))
    await wider.reload()
    assert.deepEqual(wider.mayObserve('screenshot'), { go: true })
  })

  test('outside hours nothing is observed, and the status says so and no more', async ({
    assert,
    cleanup,
  }) => {
    const { runtime } = await setUp(cleanup, { workingHours: { days: {} } })
    await runtime.start()
    runtime.hooks.status.tap('heartbeat', (status) => ({
      ...status,
      state: 'active',
      secondsSinceInput: 3,
    }))

    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'working hours' })
    assert.deepEqual(runtime.mayObserve('heartbeat'), { go: true })
    assert.containsSubset(await runtime.status(), {
      state: 'outside_hours',
      secondsSinceInput: null,
    })
  })

  test('a plugin that says no is named', async ({ assert, cleanup }) => {
    const { runtime } = await setUp(cleanup, {})
    await runtime.start()
    runtime.hooks.shouldObserve.tap('exclusions', () => false)

    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'exclusions' })
  })

  test('a plugin that cannot work is off and says why, the others work', async ({
    assert,
    cleanup,
  }) => {
    const { runtime } = await setUp(cleanup, {
      plugins: [
        plugin('no-apply', () => {
          throw new Error('No apply')
        }),
        plugin('no-display', (agent) => {
          agent.hooks.validate.tap('no-display', () => {
            throw new Error('No display')
          })
          agent.hooks.start.tap('no-display', () => agent.setState('no-display', 'ok', null))
        }),
        plugin('works', (agent) =>
          agent.hooks.start.tap('works', () => agent.setState('works', 'degraded', 'Black'))
        ),
      ],
    })

    await runtime.start()

    assert.deepEqual((await runtime.status()).plugins, [
      { name: 'no-apply', version: '1.2.3', state: 'off', reason: 'No apply' },
      { name: 'no-display', version: '1.2.3', state: 'off', reason: 'No display' },
      { name: 'works', version: '1.2.3', state: 'degraded', reason: 'Black' },
    ])
  })

  test('a turn that throws is the state of its plugin until one ends well', async ({
    assert,
    cleanup,
  }) => {
    let isBroken = true
    const turns: (() => void)[] = []
    const { runtime } = await setUp(cleanup, {
      plugins: [
        plugin('flaky', (agent) =>
          agent.hooks.start.tap('flaky', () => {
            agent.every('flaky', { seconds: 0.01 }, async () => {
              turns.forEach((tell) => tell())
              if (isBroken) {
                throw new Error('Broken')
              }
            })
          })
        ),
      ],
    })
    const nextTurns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) {
        await new Promise<void>((resolve) => turns.push(resolve))
      }
    }
    await runtime.start()

    await nextTurns(2)
    const broken = (await runtime.status()).plugins
    isBroken = false
    await nextTurns(3)

    assert.containsSubset(broken, [{ state: 'failed', reason: 'Broken' }])
    assert.containsSubset((await runtime.status()).plugins, [{ state: 'ok', reason: null }])
  })

  test('the status counts what is in the spool', async ({ assert, cleanup }) => {
    const { server, runtime } = await setUp(cleanup, {})
    server.always = () => ({ status: 503 })
    await runtime.start()
    await runtime.record(aHeartbeat())

    const { spool } = await runtime.status()

    assert.containsSubset(spool, {
      accepted: 1,
      delivered: 0,
      queued: 1,
      dead: 0,
      evicted: 0,
      seq: 1,
    })
  })

  test('a redaction that fails drops what it would have hidden', async ({ assert, cleanup }) => {
    const { runtime } = await setUp(cleanup, {})
    await runtime.start()
    runtime.hooks.enrich.tap({ name: 'redaction', fatal: true } as { name: string }, () => {
      throw new Error('Broken')
    })

    const outcome = await runtime.record(aScreenshot(PICTURE), PICTURE)

    assert.deepEqual(outcome, {
      status: 'refused',
      reason: 'A redaction failed, so nothing was kept',
    })
    assert.equal(runtime.spool.counters().accepted, 0)
  })

  test('without an enrolment it does not start', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const runtime = new AgentRuntime({
      site: defineSite({ name: 'x', plugins: [] }),
      dataDir: path,
    })
    cleanup(() => runtime.stop())

    await assert.rejects(() => runtime.start(), /Expected an identity/)
  })

  test('a wrong option stops the start and names itself', async ({ assert, cleanup }) => {
    const { runtime } = await setUp(cleanup, {
      plugins: [
        plugin('greedy', (agent) =>
          agent.hooks.validate.tap('greedy', () => {
            agent.every('greedy', { seconds: 0 }, async () => undefined)
          })
        ),
      ],
    })

    await assert.rejects(() => runtime.start(), /Expected an interval/)
  })

  test('stops although a plugin hangs, and what was recorded stays in the spool', async ({
    assert,
    cleanup,
  }) => {
    const { server, runtime, dataDir } = await setUp(cleanup, {
      plugins: [
        plugin('hangs', (agent) =>
          agent.hooks.start.tap('hangs', () => {
            agent.every('hangs', { seconds: 60 }, () => new Promise(() => undefined))
          })
        ),
      ],
    })
    server.always = () => ({ status: 503 })
    await runtime.start()
    await runtime.record(aHeartbeat())

    await runtime.stop()
    const late = await runtime.record(aHeartbeat())

    assert.deepEqual(late, { status: 'refused', reason: 'The agent is not running' })
    await assert.rejects(() => readFile(join(dataDir, 'spool', 'lock')), /ENOENT/)
  })

  test('what a plugin records while it is stopped is brought, too', async ({ assert, cleanup }) => {
    const outcomes: string[] = []
    const { server, runtime } = await setUp(cleanup, {
      plugins: [
        plugin('heartbeat', (agent) =>
          agent.hooks.stop.tapPromise('heartbeat', async () => {
            await sleep(5)
            outcomes.push((await agent.record(aHeartbeat())).status)
          })
        ),
      ],
    })
    await runtime.start()

    await runtime.stop()

    assert.deepEqual(outcomes, ['accepted'])
    assert.equal(server.received.size, 1)
  })

  test('with once, each plugin has one turn and everything is brought', async ({
    assert,
    cleanup,
  }) => {
    const { server, runtime } = await setUp(cleanup, {
      plugins: [
        plugin('heartbeat', (agent) =>
          agent.hooks.start.tap('heartbeat', () => {
            agent.every('heartbeat', { seconds: 0.01, immediately: false }, async () => {
              await agent.record(aHeartbeat())
            })
          })
        ),
      ],
      runtime: { once: true },
    })
    await runtime.start()

    await runtime.settled(AbortSignal.timeout(50_000))

    assert.equal(server.received.size, 1)
    assert.containsSubset((await runtime.status()).spool, { delivered: 1, queued: 0 })
  })

  test('the report holds no token', async ({ assert, cleanup }) => {
    const { server, runtime } = await setUp(cleanup, {})
    await runtime.start()

    const report = JSON.stringify(await runtime.report())

    assert.include(report, '"name":"desk"')
    assert.notInclude(report, server.token)
  })

  test('a spool that an event made full stops pictures, and the gap is told after a start', async ({
    assert,
    cleanup,
  }) => {
    const full = { maxBytes: 1_000, minFreeBytes: 0 }
    const { server, runtime, dataDir } = await setUp(cleanup, { spool: full })
    server.always = () => ({ status: 503 })
    await runtime.start()
    for (let count = 0; count < 3; count++) {
      await runtime.record(aHeartbeat())
    }
    const permission = runtime.mayObserve('screenshot')
    await runtime.record(aHeartbeat())
    await runtime.stop()

    server.always = null
    const site = defineSite({
      name: 'test',
      plugins: [],
      spool: { maxBytes: 1e9, minFreeBytes: 0 },
    })
    const again = new AgentRuntime({ site, dataDir, random: () => 0 })
    cleanup(() => again.stop())
    await again.start()
    await again.record(aScreenshot(PICTURE), PICTURE)
    await server.has(6)

    const gap = [...server.received.values()].find(({ observation }) => observation.kind === 'gap')
    assert.deepEqual(permission, { go: false, by: 'spool' })
    assert.containsSubset(gap?.observation, { what: 'screenshot', cause: 'spool_full' })
  })

  test('a site of pictures alone goes on by itself when its disk was emptied', async ({
    assert,
    cleanup,
  }) => {
    let free = 0
    const { server, runtime } = await setUp(cleanup, {
      spool: { maxBytes: 1e9, minFreeBytes: 100_000 },
      runtime: {
        disk: { ...nodeDisk, freeBytes: async () => free },
        clock: { ...systemClock, after: (ms, wake) => systemClock.after(ms / 100, wake) },
      },
    })
    await runtime.start()
    await runtime.record(aScreenshot(PICTURE), PICTURE)
    const held = runtime.mayObserve('screenshot')

    free = 1_000_000
    while (!runtime.mayObserve('screenshot').go) {
      await sleep(5)
    }
    await runtime.record(aScreenshot(PICTURE), PICTURE)
    await server.has(2)

    assert.deepEqual(held, { go: false, by: 'spool' })
    assert.sameMembers(
      [...server.received.values()].map(({ observation }) => observation.kind),
      ['screenshot', 'gap']
    )
  })
})
