import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from '@japa/runner'
import type { PolicyValues } from '../contract/policy.ts'
import { defineSite } from '../src/define_site.ts'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import type { Agent, Plugin } from '../src/plugin.ts'
import type { Policy } from '../src/policy.ts'
import { AgentRuntime } from '../src/runtime.ts'
import { aHeartbeat, aScreenshot, FakeServer, temporaryFolder } from '../testing/main.ts'

const PICTURE = Buffer.from('a picture')

type Cleanup = (work: () => Promise<void>) => void

/** A plugin that says its interval, as the screenshot does, and counts its turns. */
function source(turns: { count: number; seconds: number[] }): Plugin {
  return {
    name: 'screenshot',
    version: '1',
    bounds: { 'screenshot.interval_seconds': 60, 'screenshot.enabled': true },
    apply(agent: Agent) {
      agent.hooks.start.tap('screenshot', () => {
        const intervalOf = ({ values }: Policy) => {
          turns.seconds.push(values['screenshot.interval_seconds'])
          return { seconds: values['screenshot.interval_seconds'] }
        }
        agent.every('screenshot', intervalOf, async () => {
          turns.count += 1
        })
      })
    },
  }
}

async function setUp(cleanup: Cleanup, isAcknowledged = true) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const turns = { count: 0, seconds: [] as number[] }
  const site = defineSite({
    name: 'test',
    plugins: [source(turns)],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
    poll: { seconds: 1 },
  })
  const identity = {
    server: server.url,
    agentId: 7,
    name: 'desk',
    site: 'test',
    person: null,
    token: server.token,
  }
  const identities = new IdentityStore(path)
  identities.save(identity, isAcknowledged ? acknowledge(noticeOf(site), Date.now()) : null)
  const runtimes: AgentRuntime[] = []
  cleanup(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.stop()))
    await server.stop()
    await remove()
  })
  const started = async () => {
    const runtime = new AgentRuntime({ site, dataDir: path, random: () => 0 })
    runtimes.push(runtime)
    await runtime.start()
    return runtime
  }
  return { server, site, dataDir: path, identities, turns, started }
}

/** Resolves when the agent knows of `version`, in force or waiting. */
async function knows(runtime: AgentRuntime, version: number): Promise<void> {
  while (!(await isKnown(runtime, version))) {
    await setTimeout(10)
  }
}

async function isKnown(runtime: AgentRuntime, version: number): Promise<boolean> {
  const { policy } = await runtime.report()
  return policy.version === version || policy.pending?.version === version
}

const every = (seconds: number): Partial<PolicyValues> => ({
  'screenshot.interval_seconds': seconds,
})

test.group('Policy of a running agent', () => {
  test('a narrower one holds at once: hook, schedule, observations', async ({
    assert,
    cleanup,
  }) => {
    const { server, turns, started } = await setUp(cleanup)
    const runtime = await started()
    const changes: [number, number][] = []
    runtime.hooks.policyChanged.tap('spec', (policy, previous) => {
      changes.push([policy.version, previous.version])
    })

    server.configuration.publish(3, every(600))
    await knows(runtime, 3)
    await runtime.record(aHeartbeat())
    await server.has(1)

    assert.deepEqual(changes, [[3, 0]])
    assert.deepEqual(turns.seconds, [60, 600])
    const [received] = [...server.received.values()]
    assert.equal(received?.observation.policy_version, 3)
  })

  test('the site is the bound, whatever the policy says', async ({ assert, cleanup }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()

    server.configuration.publish(1, every(5))
    await knows(runtime, 1)

    assert.equal(runtime.policy.values['screenshot.interval_seconds'], 60)
    assert.isNull((await runtime.report()).policy.pending)
  })

  test('one that is switched off is not observed, and says who says so', async ({
    assert,
    cleanup,
  }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()

    server.configuration.publish(1, { 'screenshot.enabled': false })
    await knows(runtime, 1)

    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'policy' })
    assert.deepEqual(runtime.mayObserve('heartbeat'), { go: true })
  })

  test('a wider one waits for its own notice; what it narrows holds at once', async ({
    assert,
    cleanup,
  }) => {
    const { server, site, identities, started } = await setUp(cleanup)
    const runtime = await started()
    server.configuration.publish(1, every(600))
    await knows(runtime, 1)

    server.configuration.publish(2, { ...every(120), 'screenshot.blur': 'strong' })
    await knows(runtime, 2)

    assert.deepEqual((await runtime.report()).policy, {
      version: 1,
      pending: { version: 2, wider: ['screenshot.interval_seconds'] },
      lastFailure: null,
    })
    const { acknowledged, coversPolicy } = (await runtime.report()).notice
    assert.deepEqual({ acknowledged, coversPolicy }, { acknowledged: false, coversPolicy: true })
    assert.containSubset(runtime.policy.values, { ...every(600), 'screenshot.blur': 'strong' })
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    assert.isFalse((await runtime.report()).notice.acknowledged)

    assert.notEqual(runtime.notice.sha256, noticeOf(site).sha256)
    assert.include(runtime.notice.text, 'screenshots: every 2 minutes')
    identities.saveAcknowledgement(acknowledge(runtime.notice, Date.now()))
    await runtime.reload()

    assert.containSubset(runtime.policy, { version: 2, values: every(120) })
    assert.isNull((await runtime.report()).policy.pending)
    assert.isTrue((await runtime.report()).notice.acknowledged)
  })

  test('a new kind stays unobserved until its notice is read on the local page', async ({
    assert,
    cleanup,
  }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()
    server.configuration.publish(1, { 'screenshot.enabled': false })
    await knows(runtime, 1)

    server.configuration.publish(2, { 'screenshot.enabled': true })
    await knows(runtime, 2)
    const before = [
      runtime.mayObserve('screenshot'),
      (await runtime.record(aScreenshot(PICTURE), PICTURE)).status,
    ]
    const page = runtime.trust.report().page ?? ''
    const asked = await (await fetch(page)).text()
    const answer = await fetch(new URL('acknowledge', page), {
      method: 'POST',
      headers: { origin: new URL(page).origin },
      body: new URLSearchParams({ sha256: runtime.notice.sha256 }),
    })

    assert.deepEqual(before, [{ go: false, by: 'policy' }, 'refused'])
    assert.include(asked, 'This is new and observes more.')
    assert.equal(answer.status, 200)
    assert.include(await answer.text(), 'Acknowledged on this machine.')
    assert.equal((await runtime.record(aScreenshot(PICTURE), PICTURE)).status, 'accepted')
  })

  test('the server is told what was acknowledged, also when it did not take it the first time', async ({
    assert,
    cleanup,
  }) => {
    const { server, started, site } = await setUp(cleanup)
    server.configuration.refusals = 1
    await started()

    while (server.configuration.acknowledgements.length === 0) {
      await setTimeout(10)
    }

    assert.containSubset(server.configuration.acknowledgements, [
      { version: 1, text_sha256: noticeOf(site).sha256 },
    ])
  })

  test('it holds after a restart, also when the server is away', async ({ assert, cleanup }) => {
    const { server, dataDir, started } = await setUp(cleanup)
    const first = await started()
    server.configuration.publish(1, every(600))
    await knows(first, 1)
    server.configuration.publish(2, every(120))
    await knows(first, 2)
    await first.stop()
    await server.stop()

    const second = await started()

    assert.containSubset((await second.report()).policy, {
      version: 1,
      pending: { version: 2 },
    })
    assert.equal(second.policy.values['screenshot.interval_seconds'], 600)
    assert.equal((await stat(join(dataDir, 'policy.json'))).mode & 0o777, 0o600)
    await server.listen()
  })

  test('outside its hours nothing is observed', async ({ assert, cleanup }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()
    const hour = 3_600_000
    const clock = (at: number) => `${new Date(at).toISOString().slice(11, 13)}:00`

    const away = { from: clock(Date.now() + 6 * hour), until: clock(Date.now() + 7 * hour) }
    server.configuration.publish(1, { hours: { days: [1, 2, 3, 4, 5, 6, 7], ...away } })
    await knows(runtime, 1)

    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'working hours' })
    assert.equal((await runtime.status()).state, 'outside_hours')
  })

  test('one that cannot be read changes nothing', async ({ assert, cleanup }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()
    server.configuration.publish(1, every(600))
    await knows(runtime, 1)

    server.configuration.publish(2, { 'screenshot.interval_seconds': 'soon' } as never)
    while ((await runtime.report()).policy.lastFailure === null) {
      await setTimeout(10)
    }

    assert.equal(runtime.policy.version, 1)
    assert.match((await runtime.report()).policy.lastFailure ?? '', /Policy 2 is not as/)
  })

  test('another agent starts without the policy of the one before', async ({ assert, cleanup }) => {
    const { server, dataDir, identities, started } = await setUp(cleanup)
    const first = await started()
    server.configuration.publish(1, every(600))
    await knows(first, 1)
    await first.stop()
    await server.stop()
    const identity = identities.identity()
    identities.save({ ...identity!, agentId: 8 }, null)

    const second = await started()

    assert.include(await readFile(join(dataDir, 'policy.json'), 'utf8'), '"7@')
    assert.equal(second.policy.version, 0)
    await server.listen()
  })

  test('questions are held by the server, and none is asked meanwhile', async ({
    assert,
    cleanup,
  }) => {
    const { server, started } = await setUp(cleanup)
    const runtime = await started()
    while (server.configuration.questions.length < 2) {
      await setTimeout(10)
    }

    server.configuration.publish(1, every(600))
    await knows(runtime, 1)

    assert.deepEqual(server.configuration.questions.slice(0, 2), [0, 25])
    assert.isAtMost(server.configuration.questions.length, 5)
  })
})
