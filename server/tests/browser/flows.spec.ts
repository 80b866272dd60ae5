import { sharedBrowser, sharedDemo, type Demo } from '#tests/support/browsing'
import { Visitor } from '#tests/support/visitor'
import { test } from '@japa/runner'
import type { Browser, BrowserContextOptions, Page } from 'playwright'

const DAY = '2026-11-19'

/** The most controls that one passes on a page before the one that is meant. */
const MOST_TABS = 150

/** How somebody fills in a field, ticks a choice and presses a control, each by its CSS selector. */
type Hands = {
  fill(page: Page, selector: string, text: string): Promise<void>
  choose(page: Page, name: string, value: string): Promise<void>
  press(page: Page, selector: string): Promise<void>
  /** Where a picture is shown after its link was pressed. */
  readonly picture: string
}

/** Nothing but keys: from where the focus is, on with Tab. */
const KEYS: Hands = {
  async fill(page, selector, text) {
    await reach(page, selector)
    await page.keyboard.press('Control+a')
    await page.keyboard.type(text)
  },
  async choose(page, name, value) {
    await reach(page, `input[name="${name}"]`)
    for (let step = 0; step < 5; step += 1) {
      const chosen = await page.evaluate('document.activeElement.value')
      if (chosen === value) {
        return
      }
      await page.keyboard.press('ArrowDown')
    }
    throw new Error(`E_UNREACHABLE: no arrow chooses ${value} of ${name}`)
  },
  async press(page, selector) {
    await reach(page, selector)
    await page.keyboard.press('Enter')
  },
  picture: '.pswp--ui-visible .pswp__img:not(.pswp__img--placeholder)',
}

/** A pointer, and pages whose scripts do not run. */
const NO_SCRIPTS: Hands = {
  fill: (page, selector, text) => page.locator(selector).first().fill(text),
  choose: (page, name, value) => page.check(`input[name="${name}"][value="${value}"]`),
  press: (page, selector) => page.locator(selector).first().click(),
  picture: 'main img[src^="/media/screenshots/"]:not([src$="/thumb"])',
}

async function reach(page: Page, selector: string) {
  const isThere = `document.activeElement?.matches(${JSON.stringify(selector)})`
  for (let tab = 0; tab <= MOST_TABS; tab += 1) {
    if (await page.evaluate(isThere)) {
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`E_UNREACHABLE: Tab does not reach ${selector} on ${page.url()}`)
}

test.group('Every flow', (group) => {
  let browser: Browser
  let demo: Demo

  group.setup(async () => {
    demo = await sharedDemo()
    browser = await sharedBrowser()
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  for (const [by, hands, options, name] of [
    ['by keys alone', KEYS, {}, 'Kim Keys'],
    ['without JavaScript', NO_SCRIPTS, { javaScriptEnabled: false }, 'Nora Noscript'],
  ] as const satisfies readonly (readonly [string, Hands, BrowserContextOptions, string])[]) {
    const open = async () => Visitor.open(await browser.newContext(options), demo.world.url)
    const enter = async (email: string, password: string) => {
      const visitor = await open()
      await visitor.signIn(email, password)
      return visitor
    }
    const enterOwner = () => enter(demo.owner.email, demo.owner.password)
    const says = (page: Page, words: string) =>
      page.waitForSelector(`main :text(${JSON.stringify(words)})`)

    test(`of a manager goes ${by}: sign in, say why, open a day and a picture, take the CSV`, async ({
      assert,
    }) => {
      demo.withDatabase((file) => file.exec('delete from purposes'))
      const luca = await open()
      const { page } = luca
      await luca.go('/login')
      await hands.fill(page, '#email', 'luca.moretti@demo.example')
      await hands.fill(page, '#password', demo.password)
      await hands.press(page, 'form[action="/login"] button[type=submit]')
      await page.waitForURL((url) => url.pathname === '/')

      await luca.go(`/people/${demo.idOf('Jonas Weber')}/days/${DAY}`)
      await hands.fill(page, '#purpose', `a question ${by}`)
      await hands.press(page, 'form[action$="/purposes"] button[type=submit]')
      await says(page, 'sees this same page')
      const download = page.waitForEvent('download')
      await hands.press(page, 'a[href$="/table.csv"]')
      assert.match((await download).suggestedFilename(), /\.csv$/)
      await hands.press(page, 'a.shot')
      await page.waitForSelector(hands.picture)

      assert.deepEqual(luca.complaints, [])
    })

    test(`of an admin goes ${by}: invite, enrol, publish a policy, approve an erasure`, async ({
      assert,
    }) => {
      const owner = await enterOwner()
      await owner.go('/settings/users/new')
      await hands.fill(owner.page, '#email', `${name.replace(' ', '.')}@example.test`)
      await hands.fill(owner.page, '#name', name)
      await hands.press(owner.page, 'form[action="/settings/users"] button[type=submit]')
      await says(owner.page, 'Pass this link on')
      const [link] = (await owner.page.innerText('main')).match(/\/invite\/[\w-]+/) ?? []

      const invited = await open()
      await invited.go(`${link}`)
      await hands.fill(invited.page, '#password', 'a long enough password')
      await hands.press(invited.page, `form[action="${link}"] button[type=submit]`)
      await invited.page.waitForURL((url) => url.pathname === '/')
      await invited.go('/me/data')
      await hands.choose(invited.page, 'kind', 'erasure')
      await hands.fill(invited.page, '#note', 'I leave')
      await hands.press(invited.page, 'form[action="/me/data/requests"] button[type=submit]')
      await says(invited.page, 'Your request is written down')

      await owner.go('/requests')
      await hands.press(owner.page, 'form[action^="/requests/"] button[value=approve]')
      await says(owner.page, 'Approved, and done')
      await owner.go(`/policies/person/${demo.idOf(name)}`)
      await hands.fill(owner.page, '#every', '0')
      await hands.press(owner.page, 'form.policy button[type=submit]:not([formaction])')
      await says(owner.page, 'between 5 and')
      await hands.fill(owner.page, '#every', '20')
      await hands.press(owner.page, 'form.policy button[type=submit]:not([formaction])')
      await says(owner.page, 'is published')
      await owner.go('/agents/new')
      await hands.press(owner.page, 'form[action="/agents/codes"] button[type=submit]')
      await says(owner.page, 'Run this on the computer')

      assert.match(await owner.page.innerText('main'), /enrol --server \S+ --code wse_/)
      const unexpected = [...owner.complaints, ...invited.complaints]
      assert.deepEqual(
        unexpected.filter((complaint) => !/ 422 /.test(complaint)),
        []
      )
    }).timeout(60_000)

    test(`of oneself goes ${by}: pause and go on`, async ({ assert }) => {
      const dana = await enter('dana.reyes@demo.example', demo.password)

      await dana.go('/me/pause')
      await hands.press(dana.page, 'button[name=minutes][value="15"]')
      await says(dana.page, 'Paused for 15 minutes')
      await hands.press(dana.page, 'form[action="/me/pause/end"] button')
      await says(dana.page, 'It goes on')

      assert.deepEqual(dana.complaints, [])
    })
  }
})
