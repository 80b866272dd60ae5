import { launch, Visitor } from '#tests/support/visitor'
import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright'

type Status = { trust: { page: string; indicators: string[]; pause: { from: string } | null } }
type Sent = {
  sent: { observation: { kind: string; captured_at: string } }[]
}

/** Looks twice a second, so that a second without one says something. */
const EVERY_SECONDS = '0.5'
const TRAY = ['--edge', 'top', '--align', 'right', '--widthtype', 'request', '--height', '24']
/** Lines of the menu from the icon down, in pixels, and which of them does what. */
const LINE = 25
const FIRST_PAUSE = 1
const GO_ON = 1

/** Whose window it is: an X server gives each of its clients the ids from a multiple of 2²¹ on. */
const clientOf = (window: number) => Math.floor(window / 2 ** 21)

const run = promisify(execFile)

test.group('A pause', (group) => {
  let world: World
  let browser: Browser
  let me: Page
  let local: Page
  let endTray = async () => {}

  group.setup(async () => {
    world = await World.make({ WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: EVERY_SECONDS })
    const { owner, enrolment_code: code } = await world.setUp()
    await world.startDisplay(1280, 720)
    await world.startServer()
    endTray = await startTray(world)
    await world.enrol(code)
    world.startAgent()
    browser = await launch()
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    await visitor.go('/me/pause')
    me = visitor.page
    await until(() => world.screenshots().length > 0, 'a screenshot is on the server')
    await until(async () => (await status()).trust.indicators.includes('tray'), 'the icon is shown')
    local = await (await browser.newContext()).newPage()
    await local.goto((await status()).trust.page)
    return async () => {
      await browser.close()
      await endTray()
      await world.end()
    }
  })

  const status = async () =>
    JSON.parse((await world.agentCommand('status', '--json')).stdout) as Status

  /** When the agent looked at the screen, by its own record, in milliseconds. */
  const looks = async () => {
    const { stdout } = await world.agentCommand('what', '--json')
    return (JSON.parse(stdout) as Sent).sent
      .filter(({ observation: { kind } }) => ['screenshot', 'unchanged_screen'].includes(kind))
      .map(({ observation }) => Date.parse(observation.captured_at))
  }

  /** Each answers when it was clicked. */
  const PLACES = {
    page: {
      pause: () => clickOn(local, 'button:has-text("Pause 15 min")'),
      resume: () => clickOn(local, 'button:has-text("Go on")'),
    },
    command: {
      pause: () => command('pause', '15m'),
      resume: () => command('resume'),
    },
    dashboard: {
      pause: () => clickOn(me, 'button:has-text("15 minutes")'),
      resume: () => clickOn(me, 'main button:has-text("Go on")'),
    },
    tray: {
      pause: () => choose(FIRST_PAUSE),
      resume: () => choose(GO_ON),
    },
  }

  /** Opens the menu of the icon and clicks a line of it; the heading is 0. */
  const choose = async (line: number) => {
    const env = { ...process.env, DISPLAY: world.display }
    const xdotool = async (...args: string[]) => (await run('xdotool', args, { env })).stdout.trim()
    const icon = (await xdotool('search', '--class', 'WorkSight')).split('\n').at(-1) ?? ''
    await xdotool('mousemove', '--window', icon, '4', '4', 'click', '1')
    await xdotool('mousemove_relative', '--', '-20', `${12 + LINE * line + LINE / 2}`)
    await until(async () => {
      const [, under] = /window:(\d+)/.exec(await xdotool('getmouselocation')) ?? []
      return clientOf(Number(under)) === clientOf(Number(icon))
    }, 'the menu is under the pointer')
    await wait(100)
    const clicked = Date.now()
    await xdotool('click', '1')
    return clicked
  }

  /** A command counts from when it said that it is done. */
  const command = async (...words: [string, ...string[]]) => {
    await world.agentCommand(...words)
    return Date.now()
  }

  test('from {$self}: no look at the screen later than a second, and it goes on')
    .with(['page', 'command', 'dashboard', 'tray'] as const)
    .run(async ({ assert }, place) => {
      const before = (await looks()).length

      const clicked = await PLACES[place].pause()
      await until(async () => (await status()).trust.pause !== null, 'the pause holds', 60)
      const { pause } = (await status()).trust
      await wait(4_000)
      const during = await looks()
      const resumed = await PLACES[place].resume()
      await until(
        async () => (await looks()).some((at) => at > resumed),
        'it looks at the screen again',
        60
      )

      assert.equal(pause?.from, place)
      assert.isAbove(before, 0)
      assert.deepEqual(
        during.filter((at) => at > clicked + 1_000),
        []
      )
    })
    .timeout(180_000)

  test('is not needed where the icon is lost: nothing is captured, and the server is told why', async ({
    assert,
  }) => {
    await endTray()
    const lost = Date.now()
    await until(async () => {
      await me.goto(`${world.url}/agents/1`)
      return ((await me.textContent('main')) ?? '').includes('indicator: none')
    }, 'the page of the agent says why')
    const during = await looks()
    endTray = await startTray(world)
    const back = Date.now()
    await until(async () => (await looks()).some((at) => at > back), 'it goes on')

    assert.deepEqual(
      during.filter((at) => at > lost + 1_000),
      []
    )
  }).timeout(120_000)
})

async function startTray(world: World): Promise<() => Promise<void>> {
  const env = { ...process.env, DISPLAY: world.display }
  const child = spawn('trayer', TRAY, { env, stdio: 'ignore' })
  await once(child, 'spawn')
  return async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
  }
}

async function clickOn(page: Page, button: string): Promise<number> {
  await page.bringToFront()
  await page.reload()
  const clicked = Date.now()
  await page.click(button)
  return clicked
}
