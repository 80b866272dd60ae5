import { test } from '@japa/runner'
import { effectivePolicy, SITE_ALONE, Unavailable, type Observation } from '@worksight/agent-core'
import type { PolicyValues } from '@worksight/agent-core/contract/policy'
import { activityValidators } from '@worksight/agent-core/contract/activity'
import { DEAD_DISPLAY, FakeAgent, onClosedDesktop, startXvfb } from '@worksight/agent-core/testing'
import { pluginContract } from '@worksight/agent-core/testing/plugin_contract'
import { Activity, type ActivityOptions, type ActivityWorld } from './main.ts'
import { openDesktop } from './open_desktop.ts'
import { ScriptedDesktop } from './testing/scripted_desktop.ts'

/** A started agent with this one plugin, on a desktop that a test scripts. */
async function started(options: Partial<ActivityOptions> = {}, world: ActivityWorld = {}) {
  const desktop = new ScriptedDesktop()
  const agent = new FakeAgent()
  const plugin = new Activity(options, { open: async () => desktop, env: {}, ...world })
  agent.policy = effectivePolicy(plugin.bounds, SITE_ALONE)
  plugin.apply(agent)
  await agent.start()
  return {
    agent,
    desktop,
    /** Puts a policy in force that the server published. */
    follow: (values: Partial<PolicyValues>) =>
      agent.follow(effectivePolicy(plugin.bounds, { version: 1, values, timeZone: null })),
    /** Looks once a second, `count` times; `typing` makes each look see new input. */
    async pass(count: number, { typing = true } = {}) {
      for (let second = 0; second < count; second++) {
        agent.seconds += 1
        desktop.idleMs = typing ? 100 : (desktop.idleMs ?? 0) + 1000
        await agent.turn()
      }
    },
    async events() {
      await agent.stop()
      return agent.recorded.map(({ observation }) => observation)
    },
  }
}

const windows = (events: readonly Observation[]) =>
  events.flatMap((event) =>
    event.kind === 'window' ? [[event.app, event.title, event.duration_ms / 1000]] : []
  )
const presences = (events: readonly Observation[]) =>
  events.flatMap((event) =>
    event.kind === 'presence' ? [[event.state, event.duration_ms / 1000]] : []
  )

test.group('Activity', () => {
  test('records what the contract describes', async ({ assert }) => {
    const { pass, events } = await started()

    await pass(3)
    const [presence, window] = await events()

    assert.containSubset(await activityValidators.presence.validate(presence), {
      state: 'active',
      active_ms: 2000,
      duration_ms: 2000,
      slot_ms: 1000,
    })
    assert.containSubset(await activityValidators.window.validate(window), {
      app: 'Editor',
      title: null,
      domain: null,
      pid: 42,
      duration_ms: 2000,
      pulsetime_ms: 5000,
    })
  })

  test('tells each window with how long it was in front', async ({ assert }) => {
    const { desktop, pass, events } = await started({ titles: true })

    await pass(5)
    desktop.window = { app: 'Mail', title: 'Inbox', pid: 43 }
    await pass(3)
    desktop.window = null
    await pass(3)

    assert.deepEqual(windows(await events()), [
      ['Editor', 'notes', 5],
      ['Mail', 'Inbox', 3],
    ])
  })

  test('gives out what lasts at least every flushSeconds', async ({ assert }) => {
    const { agent, pass } = await started({ flushSeconds: 10 })

    await pass(30)

    const seconds = agent.recorded.map(({ observation }) =>
      observation.kind === 'window' ? observation.duration_ms / 1000 : 0
    )
    assert.deepEqual(
      seconds.filter((duration) => duration > 0),
      [10, 10]
    )
    assert.equal(agent.kinds.filter((kind) => kind === 'presence').length, 2)
  })

  test('titles leave the machine with {site} of the site and {policy} of the policy: {title}')
    .with([
      { site: true, policy: true, title: 'notes' },
      { site: true, policy: undefined, title: 'notes' },
      { site: true, policy: false, title: null },
      { site: false, policy: true, title: null },
      { site: false, policy: undefined, title: null },
    ])
    .run(async ({ assert }, { site, policy, title }) => {
      const { follow, pass, events } = await started({ titles: site })
      await follow(policy === undefined ? {} : { 'activity.titles': policy })

      await pass(3)

      assert.deepEqual(windows(await events()), [['Editor', title, 2]])
    })

  test('follows the policy on when a person is away, from the next look on', async ({ assert }) => {
    const { follow, pass, events } = await started()
    await follow({ 'activity.afk_seconds': 5 })

    await pass(3)
    await pass(10, { typing: false })

    assert.deepEqual(presences(await events()), [
      ['active', 1.9],
      ['afk', 10.1],
    ])
  })

  test('what is excluded is never recorded, that the person is there is', async ({ assert }) => {
    const { desktop, pass, events } = await started({ titles: true })
    desktop.window = { app: 'KeePassXC', title: 'Passwords.kdbx', pid: 44 }

    await pass(3)
    desktop.window = { app: 'Firefox', title: 'Account overview - Online Banking', pid: 45 }
    await pass(3)
    desktop.window = { app: 'Editor', title: 'notes', pid: 42 }
    await pass(3)

    const recorded = await events()
    assert.deepEqual(windows(recorded), [['Editor', 'notes', 2]])
    assert.deepEqual(presences(recorded), [['active', 8]])
    assert.notMatch(JSON.stringify(recorded), /KeePass|Banking|Firefox/)
  })

  test('an exclusion by title holds although titles stay on the machine', async ({ assert }) => {
    const { desktop, pass, events } = await started(
      { titles: false },
      { isExcluded: ({ title }) => (title === 'secret' ? 'a spec' : null) }
    )
    desktop.window = { app: 'Editor', title: 'secret', pid: 42 }

    await pass(3)

    assert.isEmpty(windows(await events()))
  })

  test('no window is told while the screen is locked', async ({ assert }) => {
    const { desktop, pass, events } = await started()
    await pass(3)
    desktop.isLocked = true
    await pass(5)

    const recorded = await events()
    assert.deepEqual(windows(recorded), [['Editor', null, 3]])
    assert.deepEqual(presences(recorded), [
      ['active', 2.9],
      ['locked', 4.1],
    ])
  })

  test('keeps what was seen before a break until something may be recorded again', async ({
    assert,
  }) => {
    const { agent, desktop, pass, events } = await started()
    await pass(4)
    agent.permission = { go: false, by: 'pause' }
    await pass(4)
    assert.isEmpty(agent.recorded)
    assert.equal(desktop.looks, 4)
    assert.equal(agent.states.at(-1)?.reason, 'No activity now: not allowed by pause.')

    agent.permission = { go: true }
    await pass(3)

    assert.deepEqual(windows(await events()), [
      ['Editor', null, 3],
      ['Editor', null, 2],
    ])
  })

  test('is {state} without a desktop, presence is unknown, and it is asked again later')
    .with([
      { state: 'unavailable', error: new Unavailable('unavailable', 'No desktop.') },
      { state: 'permission', error: new Unavailable('permission', 'Not allowed.') },
    ] as const)
    .run(async ({ assert }, { state, error }) => {
      const { agent, desktop, pass, events } = await started()
      desktop.error = error
      await pass(12, { typing: false })
      assert.deepEqual(agent.states.at(-1), {
        plugin: 'activity',
        state,
        reason: error.message,
      })
      assert.equal(desktop.looks, 2)

      desktop.error = null
      await pass(12)

      assert.equal(agent.state, 'ok')
      const [[first] = []] = presences(await events())
      assert.equal(first, 'unknown')
    })

  test('says what the system keeps back', async ({ assert }) => {
    const { agent, desktop, pass } = await started()
    desktop.withheld = { state: 'permission', reason: 'Titles are kept back.' }

    await pass(1)

    assert.deepEqual(agent.states.at(-1), {
      plugin: 'activity',
      state: 'permission',
      reason: 'Titles are kept back.',
    })
  })

  test('tells the heartbeat {state}, and the seconds since the last input')
    .with([
      { state: 'active', seconds: 4, isLocked: false, idleMs: 0 },
      { state: 'afk', seconds: 200, isLocked: false, idleMs: 0 },
      { state: 'locked', seconds: 4, isLocked: true, idleMs: 0 },
      { state: 'unknown', seconds: 4, isLocked: false, idleMs: null },
    ])
    .run(async ({ assert }, { state, seconds, isLocked, idleMs }) => {
      const { agent, desktop } = await started()
      desktop.isLocked = isLocked
      for (let second = 0; second <= seconds; second++) {
        agent.seconds += 1
        desktop.idleMs = idleMs === null ? null : second * 1000
        await agent.turn()
      }

      const status = await agent.hooks.status.promise(await agent.status())

      assert.equal(status.state, state)
      assert.equal(status.secondsSinceInput, idleMs === null ? null : seconds)
    })

  test('a title may hold anything and be as long as it likes', async ({ assert }) => {
    const { desktop, pass, events } = await started({ titles: true })
    desktop.window = { app: null, title: `a\0\uD800${'😀'.repeat(1000)}`, pid: 2 ** 40 }

    await pass(3)

    const [, window] = await events()
    const { app, title, pid } = await activityValidators.window.validate(window)
    assert.equal(app, 'unknown')
    assert.isAtMost(title?.length ?? 0, 1024)
    assert.isTrue(title?.isWellFormed())
    assert.isNull(pid)
  })

  test('closes its desktop at the stop', async ({ assert }) => {
    const { agent, desktop, pass } = await started()
    await pass(1)

    await agent.stop()

    assert.equal(desktop.closed, 1)
  })
})

pluginContract({
  name: 'activity',
  make: (options) => new Activity(options, { open: async () => new ScriptedDesktop(), env: {} }),
  wrong: [
    { options: { pollSeconds: 0 }, named: 'pollSeconds', expected: 'a number from 0.05 to 60' },
    { options: { pollSeconds: '1' }, named: 'pollSeconds', expected: 'a number from' },
    { options: { afkSeconds: 0 }, named: 'afkSeconds', expected: 'a number from 1 to 86400' },
    { options: { flushSeconds: Number.NaN }, named: 'flushSeconds', expected: 'a number from 1' },
    { options: { titles: 'yes' }, named: 'titles', expected: 'true or false' },
    {
      options: { pollSeconds: 10, pulsetimeSeconds: 5 },
      named: 'pulsetimeSeconds',
      expected: 'at least pollSeconds, which is 10',
    },
  ],
  missing: [
    {
      what: 'no display',
      make: () => activityIn({}),
      state: 'unavailable',
      reason: /no desktop here: DISPLAY is not set/,
    },
    {
      what: 'a display that nobody serves',
      make: () => activityIn({ DISPLAY: DEAD_DISPLAY }),
      state: 'unavailable',
      reason: /^No X server answers on :59000\.$/,
    },
    {
      what: 'Wayland',
      make: () => activityIn({ WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' }),
      state: 'unavailable',
      reason: /Wayland session: no program is told which window is in front/,
    },
    {
      what: 'a wrong XAUTHORITY',
      make: async (cleanup) => activityIn({ DISPLAY: await onClosedDesktop(cleanup, 'wrong') }),
      state: 'permission',
      reason: /does not let this account in: set XAUTHORITY/,
    },
    {
      what: 'a cookie file that cannot be read',
      make: async (cleanup) =>
        activityIn({ DISPLAY: await onClosedDesktop(cleanup, 'unreadable') }),
      state: 'permission',
      reason: /cookie file .* cannot be read/,
    },
    {
      what: 'no MIT-SCREEN-SAVER',
      make: async (cleanup) => {
        const xvfb = await startXvfb({ args: ['-extension', 'MIT-SCREEN-SAVER'] })
        cleanup(() => xvfb.stop())
        return activityIn({ DISPLAY: xvfb.name })
      },
      state: 'degraded',
      reason: /lacks MIT-SCREEN-SAVER, so nobody can tell when there was input/,
    },
    {
      what: 'no permission of macOS',
      make: () => {
        const desktop = new ScriptedDesktop()
        desktop.withheld = { state: 'permission', reason: 'macOS gives no titles.' }
        return new Activity({}, { open: async () => desktop, env: {} })
      },
      state: 'permission',
      reason: /macOS gives no titles/,
    },
  ],
})

/** The plugin as it is in a session of Linux with this environment. */
function activityIn(env: Readonly<Record<string, string>>): Activity {
  return new Activity({ pollSeconds: 0.2 }, { open: () => openDesktop(env, 'linux'), env: {} })
}

test.group('openDesktop', () => {
  test('{what} gives no reading, and says why')
    .with([
      { what: 'Wayland', env: { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' }, why: /Wayland/ },
      { what: 'a console', env: { XDG_SESSION_TYPE: 'tty' }, why: /no desktop here/ },
    ])
    .run(async ({ assert }, { env, why }) => {
      await assert.rejects(() => openDesktop(env, 'linux'), why)
    })

  test('a platform whose libraries are not there is unavailable: {$self}')
    .with(['win32', 'darwin'] as const)
    .run(async ({ assert }, platform) => {
      const error = await openDesktop({}, platform).catch((thrown: unknown) => thrown)

      assert.instanceOf(error, Unavailable)
      assert.containSubset(error, { state: 'unavailable' })
    })
})
