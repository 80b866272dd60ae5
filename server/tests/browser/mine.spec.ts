import { sharedBrowser } from '#tests/support/browsing'
import { Visitor } from '#tests/support/visitor'
import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import type { Browser } from 'playwright'

const PAGES = ['/me/pause', '/me/notice', '/me/data', '/requests']

test.group('One`s own pages in a browser', (group) => {
  let browser: Browser
  let world: World
  let owner: { email: string; password: string }
  let code: string

  group.setup(async () => {
    world = await World.make()
    const setUp = await world.setUp()
    owner = setUp.owner
    code = setUp.enrolment_code
    await world.startServer()
    browser = await sharedBrowser()
    return () => world.end()
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  const signedIn = async (width: number) => {
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    const visitor = await Visitor.open(context, world.url)
    await visitor.signIn(owner.email, owner.password)
    return visitor
  }

  /** Every page in both themes and two widths: nothing for axe, nothing that overflows. */
  const lookAtAll = async (name: string) => {
    const found: string[] = []
    for (const width of [1280, 390]) {
      const visitor = await signedIn(width)
      for (const path of PAGES) {
        await visitor.go(path)
        const overflow = await visitor.page.evaluate(
          'document.documentElement.scrollWidth - window.innerWidth'
        )
        const where = `${name} ${path} ${width}`
        found.push(
          ...(await visitor.axeInBothThemes()).map((complaint) => `${where}: ${complaint}`)
        )
        found.push(...(Number(overflow) > 0 ? [`${where}: ${overflow} px too wide`] : []))
      }
      found.push(...visitor.complaints)
    }
    return found
  }

  test('read well when there is nothing yet', async ({ assert }) => {
    assert.deepEqual(await lookAtAll('empty'), [])
  }).timeout(120_000)

  test('a pause on the dashboard and one on the local page stop the agent, and end there', async ({
    assert,
  }) => {
    await world.startDisplay()
    await world.enrol(code)
    world.startAgent()
    const status = async () =>
      JSON.parse((await world.agentCommand('status', '--json')).stdout) as {
        running: boolean
        trust?: { page: string; pause: { from: string } | null }
      }
    await until(async () => (await status()).trust?.page !== undefined, 'the agent runs')
    const isPaused = async (from: string | null) =>
      ((await status()).trust?.pause?.from ?? null) === from

    const visitor = await signedIn(1280)
    await visitor.go('/me/pause')
    await visitor.page.click('button:has-text("15 minutes")')
    await until(() => isPaused('dashboard'), 'the pause of the dashboard holds')
    await visitor.page.click('main button:has-text("Go on")')
    await until(() => isPaused(null), 'it goes on')

    const local = await (await browser.newContext()).newPage()
    await local.goto((await status()).trust?.page ?? '')
    await local.click('button:has-text("Pause 15 min")')
    assert.include(await local.textContent('h1'), 'Paused until')
    await until(() => isPaused('page'), 'the pause of the page holds')
    await local.click('button:has-text("Go on")')
    await until(() => isPaused(null), 'it goes on again')

    assert.deepEqual(visitor.complaints, [])
  }).timeout(120_000)

  test('read well when they are filled', async ({ assert }) => {
    const visitor = await signedIn(1280)
    await visitor.go('/me/data')
    await visitor.page.check('input[value=erasure]')
    await visitor.page.fill('#note', 'I leave; <b>please</b> erase "everything"')
    await visitor.page.click('button:has-text("Ask")')
    await visitor.page.waitForSelector('text=Your request is written down')

    assert.deepEqual(await lookAtAll('filled'), [])
  }).timeout(120_000)
})
