import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { AgentRuntime, defineSite, IdentityStore, type Observation } from '@worksight/agent-core'
import { acknowledge, noticeOf } from '@worksight/agent-core'
import {
  FakeServer,
  isLong,
  startXvfb,
  temporaryFolder,
  type VirtualDisplay,
} from '@worksight/agent-core/testing'
import { Activity, type ActivityOptions } from './main.ts'
import { frontSpans, notedDesktop, type NotedLook } from './testing/noted_desktop.ts'
import { X11Desktop } from './x11_desktop.ts'

type Cleanup = (work: () => Promise<void> | void) => void

const run = promisify(execFile)
const NO_LOCK = { isLocked: () => false }

/** A display with a window manager, and what a person does on it. */
async function desktopFor(cleanup: Cleanup, { manager = true } = {}) {
  const xvfb = await startXvfb({ width: 1024, height: 768 })
  cleanup(() => xvfb.stop())
  // xterm reads its arguments in the locale.
  const env = { ...process.env, DISPLAY: xvfb.name, XAUTHORITY: '', LC_ALL: 'C.UTF-8' }
  const open = (program: string, args: readonly string[]) => {
    const child = spawn(program, [...args], { env, stdio: 'ignore' })
    cleanup(() => ended(child))
    return child
  }
  const xdotool = async (...args: string[]) =>
    (await run('xdotool', args, { env })).stdout.trim().split('\n')
  if (manager) {
    open('openbox', ['--sm-disable'])
    const isManaged = ['-root', '_NET_SUPPORTING_WM_CHECK']
    await until(async () => (await run('xprop', isManaged, { env })).stdout.includes('window id'))
  }
  /** The window with this title, as soon as it can be seen. */
  const find = async (title: string) => {
    let found = ''
    await until(async () => {
      found = (await xdotool('search', '--onlyvisible', '--name', title))[0] ?? ''
      return found !== ''
    })
    return found
  }
  return { xvfb, open, xdotool, find }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
}

/** Waits for something that comes; gives up after a minute. */
async function until(isThere: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  while (!(await isThere().catch(() => false))) {
    signal.throwIfAborted()
    await sleep(50)
  }
}

/** Whether a display still has the window of this number. */
async function exists(id: string, env: Readonly<Record<string, string | undefined>>) {
  return run('xwininfo', ['-id', id], { env }).then(
    () => true,
    () => false
  )
}

/** A whole agent with this plugin alone, and what reached its server. */
async function agentOn(xvfb: VirtualDisplay, cleanup: Cleanup, options: Partial<ActivityOptions>) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const looks: NotedLook[] = []
  const open = async () => notedDesktop(new X11Desktop(xvfb.name, NO_LOCK), looks)
  const site = defineSite({
    name: 'spec',
    plugins: [new Activity(options, { open, env: {} })],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const identity = {
    server: server.url,
    agentId: 1,
    name: 'desk',
    site: 'spec',
    person: null,
    token: server.token,
  }
  new IdentityStore(path).save(identity, acknowledge(noticeOf(site), 0))
  const runtime = new AgentRuntime({ site, dataDir: path })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  await runtime.start()
  return {
    runtime,
    looks,
    /** Stops the agent; everything it recorded, as another agent's start would deliver it. */
    async events(): Promise<readonly Observation[]> {
      const { spool } = await runtime.status()
      await runtime.stop()
      const again = new AgentRuntime({
        site: defineSite({ name: 'spec', plugins: [] }),
        dataDir: path,
      })
      await again.start()
      await again.settled(AbortSignal.timeout(50_000))
      await again.stop()
      const events = [...server.received.values()].map(({ observation }) => observation)
      if (events.length < spool.accepted) {
        throw new Error(`Only ${events.length} of ${spool.accepted} events arrived`)
      }
      return events
    },
  }
}

const WINDOWS = ['-xrm', 'XTerm*allowTitleOps: false', '-geometry', '60x10']

test.group('X11Desktop', () => {
  test('names the window that its manager calls active: program, title, pid', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open, xdotool, find } = await desktopFor(cleanup)
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    assert.isNull((await desktop.look(signal)).window)

    const first = open('xterm', [...WINDOWS, '-T', 'Ledger – März'])
    await xdotool('windowactivate', '--sync', await find('Ledger'))
    const ledger = (await desktop.look(signal)).window
    open('xterm', [...WINDOWS, '-T', 'Inbox'])
    await xdotool('windowactivate', '--sync', await find('Inbox'))
    const inbox = (await desktop.look(signal)).window
    await ended(first)

    assert.deepEqual(ledger, { app: 'XTerm', title: 'Ledger – März', pid: first.pid ?? 0 })
    assert.equal(inbox?.title, 'Inbox')
  }).timeout(60_000)

  test('without a window manager it is the window with the keyboard', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open, xdotool, find } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    open('xterm', [...WINDOWS, '-T', 'Alone'])
    await xdotool('windowfocus', '--sync', await find('Alone'))

    const { window } = await desktop.look(AbortSignal.timeout(50_000))

    assert.equal(window?.app, 'XTerm')
    assert.equal(window?.title, 'Alone')
  }).timeout(60_000)

  test('counts the time without input', async ({ assert, cleanup }) => {
    const { xvfb, xdotool } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    await xdotool('mousemove', '10', '10')
    await xdotool('mousemove', '20', '20')
    const before = performance.now()
    await sleep(400)

    const { idleMs } = await desktop.look(AbortSignal.timeout(50_000))
    const atMost = performance.now() - before + 1000
    await xdotool('mousemove', '30', '30')
    const { idleMs: after } = await desktop.look(AbortSignal.timeout(50_000))

    assert.isAtLeast(idleMs ?? 0, 400)
    assert.isAtMost(idleMs ?? 0, atMost)
    assert.isBelow(after ?? 0, idleMs ?? 0)
  }).timeout(60_000)

  test('a screensaver covers the screen, and input takes it away', async ({ assert, cleanup }) => {
    const { xvfb, xdotool } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    const env = { ...process.env, DISPLAY: xvfb.name }
    assert.isFalse((await desktop.look(signal)).isLocked)

    await run('xset', ['s', 'activate'], { env })
    const covered = await desktop.look(signal)
    await xdotool('mousemove', '30', '30')
    await xdotool('mousemove', '40', '40')
    const free = await desktop.look(signal)

    assert.isTrue(covered.isLocked)
    assert.isFalse(free.isLocked)
  }).timeout(60_000)

  test('xscreensaver says by itself that it covers the screen', async ({ assert, cleanup }) => {
    const { xvfb } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    const env = { ...process.env, DISPLAY: xvfb.name }
    const says = async (status: string) => {
      const name = '_SCREENSAVER_STATUS'
      await run('xprop', ['-root', '-f', name, '32i', '-set', name, status], { env })
      return (await desktop.look(signal)).isLocked
    }

    assert.deepEqual([await says('0'), await says('372'), await says('0')], [false, true, false])
  }).timeout(60_000)

  test('a window that closes between two looks is no error', async ({ assert, cleanup }) => {
    const { xvfb, open, xdotool, find } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    const terminal = open('xterm', [...WINDOWS, '-T', 'Gone'])
    await xdotool('windowfocus', '--sync', await find('Gone'))

    const before = await desktop.look(signal)
    const gone = ended(terminal)
    let look = before
    while (look.window !== null) {
      look = await desktop.look(signal)
    }
    await gone

    assert.equal(before.window?.title, 'Gone')
  }).timeout(60_000)

  test('a window that was closed is not in front, although its manager goes on naming it', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open, find } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    const terminal = open('xterm', [...WINDOWS, '-T', 'Closed'])
    const id = await find('Closed')
    const env = { ...process.env, DISPLAY: xvfb.name }
    const name = '_NET_ACTIVE_WINDOW'
    await run('xprop', ['-root', '-f', name, '32x', '-set', name, id], { env })
    const before = await desktop.look(signal)

    await ended(terminal)
    await until(async () => !(await exists(id, env)))

    assert.equal(before.window?.title, 'Closed')
    assert.isNull((await desktop.look(signal)).window)
    assert.isNull((await desktop.look(signal)).window)
  }).timeout(60_000)

  test('a window that has the number of a closed one is told as what it is', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open, find } = await desktopFor(cleanup, { manager: false })
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    open('xterm', [...WINDOWS, '-T', 'First'])
    const id = await find('First')
    const env = { ...process.env, DISPLAY: xvfb.name }
    const set = (name: string, form: string, value: string, where: readonly string[]) =>
      run('xprop', [...where, '-f', name, form, '-set', name, value], { env })
    await set('_NET_ACTIVE_WINDOW', '32x', id, ['-root'])
    await desktop.look(signal)

    await set('WM_CLASS', '8s', 'other', ['-id', id])
    await set('_NET_WM_PID', '32c', '4711', ['-id', id])
    await set('_NET_WM_NAME', '8u', 'Second', ['-id', id])
    const { window } = await desktop.look(signal)

    assert.deepEqual(window, { app: 'other', title: 'Second', pid: 4711 })
  }).timeout(60_000)

  test('connects again when the X server was started anew', async ({ assert, cleanup }) => {
    const xvfb = await startXvfb()
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const signal = AbortSignal.timeout(50_000)
    await desktop.look(signal)
    await xvfb.stop()
    await assert.rejects(() => desktop.look(signal))

    const again = await startXvfb({ args: [xvfb.name] })
    cleanup(() => again.stop())
    const env = { ...process.env, DISPLAY: again.name }
    const terminal = spawn('xterm', [...WINDOWS, '-T', 'Again'], { env, stdio: 'ignore' })
    cleanup(() => ended(terminal))
    const find = ['search', '--sync', '--onlyvisible', '--name', 'Again', 'windowfocus', '--sync']
    await run('xdotool', find, { env })

    // this server numbers its atoms in another order than the first
    assert.equal((await desktop.look(signal)).window?.title, 'Again')
  }).timeout(60_000)
})

test.group('Demo display', () => {
  test('its windows have names, one is in front, and there is input', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open } = await desktopFor(cleanup, { manager: false })
    const demo = new URL('../screenshot/demo_display.ts', import.meta.url)
    open(process.execPath, [fileURLToPath(demo)])
    const desktop = new X11Desktop(xvfb.name, NO_LOCK)
    cleanup(() => desktop.close())
    const look = () => desktop.look(AbortSignal.timeout(50_000))

    await until(async () => (await look()).window !== null)
    const { window, idleMs } = await look()

    assert.deepEqual(window, { app: 'Editor', title: 'invoices.ts - Editor', pid: null })
    assert.isBelow(idleMs ?? Infinity, 3_000)
  }).timeout(60_000)
})

test.group('Activity | on a real display', () => {
  test('tells windows with their titles and for how long each was in front', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, open, xdotool, find } = await desktopFor(cleanup)
    const profile = await mkdtemp(join(tmpdir(), 'worksight-chromium-'))
    cleanup(() => rm(profile, { recursive: true, force: true }))
    open('xterm', [...WINDOWS, '-T', 'Ledger'])
    open('chromium', [
      '--no-sandbox',
      '--no-first-run',
      '--disable-gpu',
      '--password-store=basic',
      `--user-data-dir=${profile}`,
      '--new-window',
      'data:text/html,<title>Quarterly report</title>',
    ])
    const ledger = await find('^Ledger$')
    const report = await find('Quarterly report')
    await xdotool('windowactivate', '--sync', ledger)

    const agent = await agentOn(xvfb, cleanup, {
      pollSeconds: 0.1,
      pulsetimeSeconds: 20,
      titles: true,
    })
    for (const window of [ledger, report, ledger]) {
      await xdotool('windowactivate', '--sync', window)
      const changed = agent.looks.length
      await until(async () => agent.looks.length > changed + 10)
    }

    const windows = (await agent.events()).filter((event) => event.kind === 'window')
    const seen = windows.map(({ app, title }) => `${app}: ${title}`)
    assert.deepEqual(seen, [
      'XTerm: Ledger',
      'Chromium: Quarterly report - Chromium',
      'XTerm: Ledger',
    ])
    for (const [index, { from, until: end }] of frontSpans(agent.looks).entries()) {
      const { captured_at: at = '', duration_ms: ms = 0 } = windows[index] ?? {}
      assert.isTrue(Date.parse(at) >= from[0] && Date.parse(at) <= from[1], `${at} in ${from}`)
      const left = Date.parse(at) + ms
      assert.isTrue(left >= end[0] && left <= end[1], `${left} in ${end}`)
    }
    assert.isTrue(windows.every(({ pid }) => (pid ?? 0) > 1))
  }).timeout(120_000)

  test('with a threshold of 3 s being away starts at the last input', async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, xdotool } = await desktopFor(cleanup, { manager: false })
    await xdotool('mousemove', '1', '1')
    const agent = await agentOn(xvfb, cleanup, { pollSeconds: 0.1, afkSeconds: 3 })
    let lastInput = { after: 0, before: 0 }
    for (let step = 0; step < 15; step++) {
      const after = Date.now()
      await xdotool('mousemove', String(10 + step), '10')
      lastInput = { after, before: Date.now() }
      await sleep(100)
    }

    await until(async () => (await agent.runtime.status()).state === 'afk')
    const noticed = Date.now()
    await sleep(500)

    const presences = (await agent.events()).filter((event) => event.kind === 'presence')
    assert.deepEqual(
      presences.map(({ state }) => state),
      ['active', 'afk']
    )
    const from = Date.parse(presences[1]?.captured_at ?? '')
    // the system counts in milliseconds, and a busy server takes the last input a little later
    assert.isAtLeast(from, lastInput.after - 50)
    assert.isAtMost(from, lastInput.before + 1000)
    assert.isAtLeast(noticed - from, 2900)
    const [active] = presences
    assert.equal(Date.parse(active?.captured_at ?? '') + (active?.duration_ms ?? 0), from)
  }).timeout(60_000)

  // 30 s of 60 in the long form, as a person would check it; 3 s of 6 on every run
  const scale = isLong ? 10 : 1
  test(`${3 * scale} of ${6 * scale} seconds with input are half of them`, async ({
    assert,
    cleanup,
  }) => {
    const { xvfb, xdotool } = await desktopFor(cleanup, { manager: false })
    await xdotool('mousemove', '1', '1')
    const agent = await agentOn(xvfb, cleanup, { pollSeconds: 0.2, afkSeconds: 60 * scale })
    await until(async () => (await agent.runtime.status()).state === 'active')
    const steps = ['mousemove_relative', '1', '0', 'sleep', '0.04']
    const back = ['mousemove_relative', '--', '-1', '0', 'sleep', '0.04']
    const began = Date.now()
    while (Date.now() < began + 3000 * scale) {
      await xdotool(...steps, ...back)
    }
    const typedMs = Date.now() - began
    await sleep(Math.max(0, 6000 * scale - typedMs))

    const presences = (await agent.events()).filter((event) => event.kind === 'presence')

    assert.isTrue(presences.every(({ state }) => state === 'active'))
    const sum = (key: 'active_ms' | 'duration_ms') =>
      presences.reduce((total, presence) => total + presence[key], 0)
    const times = agent.looks.map(({ at }) => at)
    const slots = times.slice(1).map((at, index) => at - (times[index] ?? at))
    const widest = Math.max(...slots)
    const seenMs = (times.at(-1) ?? 0) - (times[0] ?? 0)
    assert.approximately(sum('duration_ms'), seenMs, widest)
    // a slot at either end of the typing may or may not be hit, and the first input may be from before
    assert.approximately(sum('active_ms'), typedMs, 2 * widest + 200)
  }).timeout(120_000)
})
