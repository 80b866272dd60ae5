import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import type { PluginState, PluginStatus } from '../contract/heartbeat.ts'
import { defineSite } from '../src/define_site.ts'
import { AgentError, asError } from '../src/errors.ts'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import type { Plugin } from '../src/plugin.ts'
import { AgentRuntime } from '../src/runtime.ts'
import { LIVENESS } from '../src/trust/trust.ts'
import { FakeServer } from './fake_server.ts'
import { temporaryFolder } from './temporary_spool.ts'

/** Options as a site might hand them over, wrong ones included. */
export type SomeOptions = Readonly<Record<string, unknown>>

/** What the contract needs to know of a plugin. */
export type PluginUnderTest = {
  readonly name: string
  /** The plugin as a site makes it; with `options` that are wrong it may throw. */
  readonly make: (options: SomeOptions) => Plugin
  /**
   * Options that are wrong, each with the option that must be named and how the form it should
   * have begins.
   */
  readonly wrong: readonly {
    readonly options: SomeOptions
    readonly named: string
    readonly expected: string
  }[]
  /** Every world that lacks something the plugin looks at, and how it then says that it is. */
  readonly missing: readonly MissingWorld[]
}

/** A machine on which something is not there, not allowed or does not work. */
export type MissingWorld = {
  /** As the title says it after `with`: `no display`. */
  readonly what: string
  /** The plugin in that world; `cleanup` takes what must be put back after the test. */
  readonly make: (cleanup: Cleanup) => Plugin | Promise<Plugin>
  /** Optional: gives the agent something to do, where the plugin finds out by its work alone. */
  readonly work?: (agent: AgentRuntime, server: FakeServer) => Promise<void>
  readonly state: PluginState
  /** What the reason must say. */
  readonly reason: RegExp
}

export type Cleanup = (work: () => Promise<void> | void) => void

/** Longest until a plugin has found out how its world is, in milliseconds. */
const FINDS_OUT_MS = 20_000

/** A whole agent with one plugin that has one turn, or goes on, and a server for it. */
async function agentWith(
  plugin: Plugin,
  cleanup: Cleanup,
  { isAcknowledged = true, once = true } = {}
) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const site = defineSite({
    name: 'contract',
    plugins: [plugin],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const identity = {
    server: server.url,
    agentId: 7,
    name: 'desk',
    site: site.name,
    person: null,
    token: server.token,
  }
  new IdentityStore(path).save(identity, isAcknowledged ? acknowledge(noticeOf(site), 0) : null)
  const runtime = new AgentRuntime({ site, dataDir: path, once, random: () => 0 })
  const failures: string[] = []
  runtime.hooks.failed.tap('contract', (name, hook, error) => {
    failures.push(`${name} failed in ${hook}: ${error.message}`)
  })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  return {
    runtime,
    server,
    failures,
    /** The kinds that reached the server. */
    arrived: () => [...server.received.values()].map(({ observation }) => observation.kind),
    state: async (): Promise<PluginStatus | undefined> =>
      (await runtime.status()).plugins.find(({ name }) => name === plugin.name),
  }
}

/**
 * What every plugin owes the agent, as one group of tests: a wrong option is named with the form it
 * should have before anything starts, `stop` may come before `start`, a world that lacks something
 * is a state and no crash, and without the person's acknowledgement nothing is observed.
 *
 *     pluginContract({ name: 'heartbeat', make: (options) => new Heartbeat(options), … })
 */
export function pluginContract(under: PluginUnderTest): void {
  test.group(`Plugin contract | ${under.name}`, () => {
    test('has the name, a version, and says what it collects', ({ assert }) => {
      const { name, version, notice } = under.make({})

      assert.equal(name, under.name)
      assert.match(version, /^\d+\.\d+\.\d+/)
      assert.match(notice?.collects ?? '', /^[^\s].{9,}[^.]$/)
    })

    test('names {named}, which is wrong, and the form it should have, before the start')
      .with([...under.wrong])
      .run(async ({ assert, cleanup }, { options, named, expected }) => {
        const error = await refusalOf(() => under.make(options), cleanup)

        assert.instanceOf(error, AgentError)
        assert.equal((error as AgentError).code, 'E_INVALID_OPTION')
        assert.include(error?.message, `${under.name}.${named}: expected ${expected}`)
        assert.match(error?.message ?? '', /, found ./)
      })

    test('takes its hooks and nothing else before the start, and may be stopped then', async ({
      assert,
      cleanup,
    }) => {
      const { runtime, failures, arrived } = await agentWith(under.make({}), cleanup)

      await runtime.hooks.stop.promise()
      await runtime.stop()

      assert.isEmpty(failures)
      assert.isEmpty(arrived())
    })

    test('with {what} it says how it is, and why')
      .with([...under.missing])
      .run(async ({ assert, cleanup }, { make, work, state: expected, reason }) => {
        const plugin = await make(cleanup)
        const agent = await agentWith(plugin, cleanup, { once: false })
        const { runtime, failures, state } = agent

        await runtime.start()
        await work?.(runtime, agent.server)
        const isSaid = (found: PluginStatus | undefined) =>
          found?.state === expected && reason.test(found.reason ?? '')
        const limit = AbortSignal.timeout(FINDS_OUT_MS)
        while (!isSaid(await state()) && !limit.aborted) {
          await sleep(50)
        }

        const found = await state()
        assert.equal(found?.state, expected)
        assert.match(found?.reason ?? '', reason)
        await runtime.stop()
        assert.isEmpty(failures)
      })
      .timeout(30_000)

    test('observes nothing without an acknowledgement, and says so', async ({
      assert,
      cleanup,
    }) => {
      const { runtime, failures, arrived, state } = await agentWith(under.make({}), cleanup, {
        isAcknowledged: false,
      })

      await runtime.start()
      await runtime.settled(AbortSignal.timeout(15_000))

      assert.isEmpty(failures)
      assert.isEmpty(arrived().filter((kind) => !LIVENESS.includes(kind)))
      if (arrived().length === 0) {
        const { state: now, reason } = (await state()) ?? {}
        assert.equal(now, 'idle')
        assert.match(reason ?? '', /notice/)
      }
    }).timeout(30_000)
  })
}

/** What making, or else starting, the plugin throws. */
async function refusalOf(make: () => Plugin, cleanup: Cleanup): Promise<Error | null> {
  try {
    const { runtime } = await agentWith(make(), cleanup)
    await runtime.start()
    return null
  } catch (error) {
    return asError(error)
  }
}
