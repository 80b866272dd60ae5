import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { defineSite } from '../../src/define_site.ts'
import { IdentityStore } from '../../src/identity.ts'
import { acknowledge, noticeOf } from '../../src/notice.ts'
import { AgentRuntime } from '../../src/runtime.ts'
import { FakeServer, temporaryFolder } from '../../testing/main.ts'
import { startXvfb } from '../../testing/xvfb.ts'

type Cleanup = (work: () => Promise<void>) => void

const run = promisify(execFile)
const TRAY = ['--edge', 'top', '--align', 'right', '--widthtype', 'request', '--height', '24']
/** Lines of the menu from the icon down, in pixels. */
const LINE = 25

async function setUp(cleanup: Cleanup) {
  const display = await startXvfb()
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const site = defineSite({
    name: 'test',
    plugins: [],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const { token, url } = server
  new IdentityStore(path).save(
    { server: url, agentId: 7, name: 'desk', site: 'test', person: null, token },
    acknowledge(noticeOf(site), 0)
  )
  const options = { site, dataDir: path, pagePort: 0, trayDisplay: display.name }
  const runtime = new AgentRuntime(options)
  const trays = new Set<() => Promise<void>>()
  cleanup(async () => {
    await runtime.stop()
    await Promise.all([...trays].map((stop) => stop()))
    await server.stop()
    await display.stop()
    await remove()
  })
  await runtime.start()

  const env = { ...process.env, DISPLAY: display.name }
  const xdotool = async (...args: string[]) => (await run('xdotool', args, { env })).stdout.trim()
  const isShown = () => runtime.trust.report().indicators.includes('tray')
  const startTray = async () => {
    const child = spawn('trayer', TRAY, { env, stdio: 'ignore' })
    const ended = once(child, 'exit')
    const stop = async () => {
      child.kill()
      await ended
    }
    trays.add(stop)
    await becomes(isShown)
    return stop
  }
  const icon = async () =>
    (await xdotool('search', '--class', 'WorkSight')).split('\n').at(-1) ?? ''
  /** How many windows of the desktop's own can be seen. */
  const windows = async () =>
    (await run('xwininfo', ['-root', '-children', '-int'], { env })).stdout.match(/^ +\d+ /gm)
      ?.length ?? 0
  /** Opens the menu and clicks its line of this number; the heading is 0. */
  const choose = async (line: number) => {
    const before = await windows()
    await xdotool('mousemove', '--window', await icon(), '4', '4', 'click', '1')
    while ((await windows()) <= before) {
      await setTimeout(20)
    }
    await xdotool('mousemove_relative', '--', '-20', `${12 + LINE * line + LINE / 2}`)
    await xdotool('click', '1')
  }
  const picture = async () => {
    const args = ['-silent', '-window', await icon(), 'rgb:-']
    return (await run('import', args, { env, encoding: 'buffer' })).stdout.toString('base64')
  }
  /** The icon as soon as it is another than before. */
  const otherThan = async (before: string | undefined) => {
    let now = await picture()
    while (now === before) {
      await setTimeout(20)
      now = await picture()
    }
    return now
  }
  return { runtime, startTray, isShown, xdotool, icon, choose, picture, otherThan }
}

async function becomes(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await setTimeout(20)
  }
}

test.group('Tray icon', () => {
  test('without a tray the local page stands alone; a tray that starts later takes the icon', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, startTray, xdotool, icon } = await setUp(cleanup)

    assert.deepEqual(runtime.trust.report().indicators, ['page'])
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })

    await startTray()

    assert.deepEqual(runtime.trust.report().indicators, ['page', 'tray'])
    assert.equal(await xdotool('getwindowname', await icon()), 'WorkSight: Capturing now')
  })

  test('a click pauses, another goes on, and each state is another picture', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, startTray, choose, picture, otherThan, xdotool, icon } = await setUp(cleanup)
    await startTray()
    const isPaused = () => runtime.trust.pause.current() !== null
    const pictures = [await picture()]

    await choose(2)
    await becomes(isPaused)
    const { kind, from, since, until } = runtime.trust.pause.current() ?? {}
    pictures.push(await otherThan(pictures.at(-1)))
    const paused = await xdotool('getwindowname', await icon())
    await choose(1)
    await becomes(() => !isPaused())
    await otherThan(pictures.at(-1))
    await choose(4)
    await becomes(isPaused)
    pictures.push(await otherThan(pictures[0]))

    assert.deepEqual([kind, from], ['pause', 'tray'])
    assert.equal((until ?? 0) - (since ?? 0), 30 * 60_000)
    assert.match(paused, /^WorkSight: Paused until \d\d:\d\d: nothing is captured$/)
    assert.equal(runtime.trust.pause.current()?.kind, 'private')
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: false, by: 'pause' })
    assert.equal(new Set(pictures).size, 3)
  })

  test('a tray that ends takes capture with it, says why, and brings it back', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, startTray, isShown } = await setUp(cleanup)
    const stop = await startTray()

    await stop()
    await becomes(() => !isShown())
    const permission = runtime.mayObserve('screenshot')
    const { plugins } = await runtime.status()
    await startTray()

    assert.deepEqual(permission, { go: false, by: 'indicator' })
    assert.containSubset(plugins, [{ name: 'indicator', state: 'unavailable' }])
    assert.match(plugins.at(-1)?.reason ?? '', /^indicator: none; the icon in the tray/)
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    assert.notInclude(JSON.stringify((await runtime.status()).plugins), 'indicator')
  })

  test('{0}: noticed, and the icon comes back')
    .with([['windowclose'], ['windowkill']] as const)
    .run(async ({ assert, cleanup }, [command]) => {
      const { runtime, startTray, isShown, xdotool, icon } = await setUp(cleanup)
      await startTray()
      const answers: unknown[] = []
      const watch = setInterval(() => answers.push(runtime.mayObserve('screenshot').go), 5)

      await xdotool(command, await icon())
      await becomes(() => !isShown())
      await becomes(isShown)
      clearInterval(watch)

      assert.include(answers, false)
      assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    })

  test('what the policy refuses stands in the menu', async ({ assert, cleanup }) => {
    const { runtime, startTray, choose, picture } = await setUp(cleanup)
    await startTray()
    runtime.trust.pause.limit(0)
    const before = await picture()

    await choose(1)
    await setTimeout(300)

    assert.isNull(runtime.trust.pause.current())
    assert.deepEqual(runtime.mayObserve('screenshot'), { go: true })
    assert.equal(await picture(), before)
  })
})
