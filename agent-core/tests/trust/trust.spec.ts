import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from '@japa/runner'
import { describePause } from '../../src/cli/pause.ts'
import { defineSite, type SiteConfig } from '../../src/define_site.ts'
import type { Identity } from '../../src/hooks.ts'
import { IdentityStore } from '../../src/identity.ts'
import { acknowledge, noticeOf } from '../../src/notice.ts'
import type { Agent, Plugin } from '../../src/plugin.ts'
import { AgentRuntime } from '../../src/runtime.ts'
import { addOwnExclusion } from '../../src/trust/own_exclusions.ts'
import { exclusionsOf } from '../../src/trust/exclusions.ts'
import {
  agentProcess,
  aHeartbeat,
  aPolicy,
  aScreenshot,
  FakeServer,
  ManualClock,
  temporaryFolder,
} from '../../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void

const PICTURE = Buffer.from('a picture')
const MINUTE = 60_000
const WINDOW = {
  kind: 'window',
  duration_ms: 1000,
  pulsetime_ms: 5000,
  app: 'diary',
  title: 'a title that nobody may read',
  domain: null,
  pid: null,
} as const
const BUSY = join(import.meta.dirname, '../../testing/sites/busy.ts')

const plugin = (name: string, apply: (agent: Agent) => void): Plugin => ({
  name,
  version: '1',
  apply,
})

async function setUp(cleanup: Cleanup, config: Partial<SiteConfig> = {}, clock?: ManualClock) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const spool = { minFreeBytes: 0, maxBytes: 1e12 }
  const site = defineSite({ name: 'test', plugins: [], spool, ...config })
  const { token, url } = server
  new IdentityStore(path).save(
    { server: url, agentId: 7, name: 'desk', site: 'test', person: null, token },
    acknowledge(noticeOf(site), 0)
  )
  const options = { site, dataDir: path, random: () => 0 }
  const runtime = new AgentRuntime(clock === undefined ? options : { ...options, clock })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  const received = (kind: string) =>
    [...server.received.values()]
      .map(({ observation }) => observation)
      .filter((o) => o.kind === kind)
  return { server, runtime, dataDir: path, site, received }
}

test.group('Trust | pause', () => {
  test('a pause refuses content, lets liveness through, and becomes a gap', async ({
    assert,
    cleanup,
  }) => {
    const clock = new ManualClock()
    const { runtime, server, received } = await setUp(cleanup, {}, clock)
    await runtime.start()

    runtime.trust.answer({ ask: 'pause', kind: 'pause', ms: 30 * MINUTE }, 'command')
    const picture = await runtime.record(aScreenshot(PICTURE), PICTURE)
    const beat = await runtime.record(aHeartbeat())
    const { state } = await runtime.status()
    const permission = runtime.mayObserve('screenshot')
    await clock.pass(30 * MINUTE)
    await server.has(2)

    assert.deepEqual(permission, { go: false, by: 'pause' })
    assert.containsSubset(picture, { status: 'refused' })
    assert.containsSubset(beat, { status: 'accepted' })
    assert.equal(state, 'paused')
    assert.containsSubset(received('gap'), [
      {
        what: 'all',
        cause: 'paused',
        from: '2026-03-02T09:00:00.000Z',
        until: '2026-03-02T09:30:00.000Z',
      },
    ])
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
  })

  test('a pause asked for on the dashboard comes with the configuration, and ends with it', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, server } = await setUp(cleanup)
    await runtime.start()
    const until = new Date(Date.now() + 30 * MINUTE).toISOString()

    server.configuration.change({ paused_until: until })
    while (runtime.trust.pause.current() === null) {
      await setTimeout(10)
    }
    assert.deepInclude(runtime.trust.pause.current(), {
      from: 'dashboard',
      until: Date.parse(until),
    })

    server.configuration.change({ paused_until: null })
    while (runtime.trust.pause.current() !== null) {
      await setTimeout(10)
    }
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
  })

  test('private time says its name and its end to the person, and to the server no more than a pause', async ({
    assert,
    cleanup,
  }) => {
    const told = async (kind: 'pause' | 'private') => {
      const clock = new ManualClock()
      const { runtime, server } = await setUp(cleanup, {}, clock)
      await runtime.start()
      const { policyChanged } = runtime.hooks
      await policyChanged.promise(aPolicy({ 'pause.minutes_per_day': 30 }), aPolicy())
      await runtime.trust.answer({ ask: 'pause', kind, ms: null }, 'tray')
      const { trust } = await runtime.report()
      const { state, plugins, secondsSinceInput } = await runtime.status()
      await clock.pass(30 * MINUTE)
      await server.has(1)
      const items = [...server.received.values()].map(({ observation }) => observation)
      const sent = items.map((item) => ({ ...item, id: '' }))
      return { said: describePause(trust), told: { state, plugins, secondsSinceInput, sent } }
    }

    const pause = await told('pause')
    const own = await told('private')

    assert.match(pause.said, /^Paused until \d\d:\d\d\./)
    assert.match(own.said, /^Private time until \d\d:\d\d\./)
    assert.deepEqual(own.told, pause.told)
    assert.equal(own.told.state, 'paused')
    assert.containSubset(own.told.sent, [{ kind: 'gap', cause: 'paused' }])
    assert.notInclude(JSON.stringify(own.told), 'private')
  })

  test('a turn that works is cut off, and that is no failure', async ({ assert, cleanup }) => {
    const began = Promise.withResolvers<void>()
    const cut = Promise.withResolvers<string>()
    const slow = plugin('slow', (agent) =>
      agent.hooks.start.tap('slow', () => {
        agent.every('slow', { seconds: 3600 }, async ({ signal }) => {
          began.resolve()
          await setTimeout(60_000, null, { signal }).catch((error: Error) => {
            cut.resolve(error.name)
            throw error
          })
        })
      })
    )
    const { runtime } = await setUp(cleanup, { plugins: [slow] })
    await runtime.start()
    await began.promise

    runtime.trust.answer({ ask: 'pause', kind: 'private', ms: null }, 'page')

    assert.equal(await cut.promise, 'AbortError')
    assert.containsSubset((await runtime.status()).plugins, [{ name: 'slow', state: 'ok' }])
  })

  test('the cap of the policy refuses, by its code', async ({ assert, cleanup }) => {
    const { runtime } = await setUp(cleanup)
    await runtime.start()
    await runtime.hooks.policyChanged.promise(aPolicy({ 'pause.minutes_per_day': 0 }), aPolicy())

    await assert.rejects(
      () => runtime.trust.answer({ ask: 'pause', kind: 'pause', ms: MINUTE }, 'page'),
      /0 minutes of pause a day/
    )
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
  })

  test('by command: no picture is taken any more, across a restart, until it is ended', async ({
    assert,
    cleanup,
  }) => {
    const { server, dataDir, received } = await setUp(cleanup)
    const start = (...args: string[]) =>
      agentProcess(['--data-dir', dataDir, '--config', BUSY, ...args])
    const command = async (...args: string[]) => (await start('--json', ...args).ended).stdout
    const { sha256 } = JSON.parse(await command('notice')) as { sha256: string }
    server.codes.add('wse_again')
    const enrolling = ['--yes', 'enrol', '--server', server.url, '--code', 'wse_again']
    await command(...enrolling, '--acknowledge', sha256)
    const pictures = () => received('screenshot').length
    const run = async () => {
      const agent = start('run')
      const before = received('heartbeat').length
      while (received('heartbeat').length < before + 5) {
        await setTimeout(20)
      }
      return async () => {
        agent.child.kill('SIGINT')
        await agent.ended
      }
    }

    const stop = await run()
    while (pictures() === 0) {
      await setTimeout(20)
    }
    const paused = JSON.parse(await command('pause', '10m')) as { paused: boolean }
    const pausedAt = Date.now()
    await setTimeout(1_000)
    await stop()
    const stopAgain = await run()
    const resumedAt = Date.now()
    const resumed = JSON.parse(await command('resume')) as { paused: boolean }
    const taken = () => received('screenshot').map(({ captured_at: at }) => Date.parse(at))
    while (!taken().some((at) => at >= resumedAt)) {
      await setTimeout(20)
    }
    await stopAgain()

    // a picture from before may arrive late; none was taken meanwhile
    assert.isEmpty(taken().filter((at) => at > pausedAt && at < resumedAt))
    assert.deepEqual([paused.paused, resumed.paused], [true, false])
    assert.containsSubset(received('gap'), [{ cause: 'paused' }])
  })
})

test.group('Trust | notice', () => {
  test('ten minutes before the notice is read: no capture, no title, only signs of life', async ({
    assert,
    cleanup,
  }) => {
    const clock = new ManualClock()
    let turns = 0
    const insistent = plugin('insistent', (agent) =>
      agent.hooks.start.tap('insistent', () => {
        agent.every('insistent', { seconds: 10 }, async () => {
          await agent.record(aScreenshot(PICTURE), PICTURE)
          await agent.record(WINDOW)
          await agent.record(aHeartbeat())
          turns += 1
        })
      })
    )
    const { runtime, server, dataDir } = await setUp(cleanup, { plugins: [insistent] }, clock)
    const identities = new IdentityStore(dataDir)
    identities.save(identities.identity() as Identity, null)
    await runtime.start()

    for (let expected = 1; expected <= 60; expected += 1) {
      await clock.pass(10_000)
      while (turns < expected) {
        await setTimeout(1)
      }
    }
    while (server.received.size < 60) {
      await clock.pass(1_000)
    }

    const kinds = new Set([...server.received.values()].map(({ observation }) => observation.kind))
    assert.deepEqual([...kinds], ['heartbeat'])
    assert.notInclude(JSON.stringify([...server.received.values()]), WINDOW.title)
    assert.equal((await runtime.status()).spool.dead, 0)
  })
})

test.group('Trust | exclusions', () => {
  test('what a person adds holds at once, and what a policy adds beside it', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, dataDir } = await setUp(cleanup, {
      exclusions: [{ app: 'till*', title: null, reason: 'customers' }],
    })
    await runtime.start()
    const { isExcluded } = exclusionsOf(runtime)

    addOwnExclusion(dataDir, { app: 'diary', title: null, reason: 'mine' })
    await runtime.reload()
    await runtime.hooks.policyChanged.promise(
      aPolicy({ exclusions: [{ app: 'hr', title: null, reason: null }] }),
      aPolicy()
    )

    const reasons = ['Diary', 'HR', 'Till 4', 'KeePassXC', 'Editor'].map((app) =>
      isExcluded({ app, title: null })
    )
    assert.deepEqual(reasons, ['mine', 'excluded', 'customers', 'password manager', null])
  })
})
