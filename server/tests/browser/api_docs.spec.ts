import { launch, Visitor } from '#tests/support/visitor'
import { World } from '#tests/support/world'
import { test } from '@japa/runner'
import type { Browser } from 'playwright'

test.group('The page of the API in a browser', (group) => {
  let browser: Browser
  let world: World
  let token: string

  group.setup(async () => {
    world = await World.make()
    const { owner } = await world.setUp()
    token = (await world.run<{ token: string }>('token:create', '--email', owner.email)).token
    await world.startServer()
    browser = await launch()
    return async () => {
      await browser.close()
      await world.end()
    }
  })

  for (const [host, theme] of [
    ['127.0.0.1', 'light'],
    ['localhost', 'dark'],
  ] as const) {
    test(`tries a route with a token, under the content policy, on ${host} in ${theme}`, async ({
      assert,
    }) => {
      const url = world.url.replace('127.0.0.1', host)
      const visitor = await Visitor.open(await browser.newContext(), url)
      await visitor.theme(theme)
      await visitor.go('/docs/api')
      const { page } = visitor
      page.setDefaultTimeout(10_000)

      await page.click('button.authorize >> nth=0')
      const person = page.locator('.auth-container', { hasText: "A person's token" })
      await person.locator('input').fill(token)
      await person.locator('button[type=submit]').click()
      await person.locator('.btn-done').click()
      await page.click('#operations-tag-agents')
      const route = page.locator('.opblock-get', { has: page.locator('[data-path="/api/agents"]') })
      await route.locator('.opblock-summary-control').click()
      await route.locator('button.execute').click()

      const answer = route.locator('.live-responses-table')
      await answer.waitFor()
      const status = await answer.locator('tbody td.response-col_status').innerText()
      assert.equal(status.trim(), '200')
      assert.match(await answer.innerText(), /"data": \[\]/)
      assert.deepEqual(visitor.complaints, [])
    })
  }
})
