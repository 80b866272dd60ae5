import { sharedBrowser } from '#tests/support/browsing'
import { Visitor } from '#tests/support/visitor'
import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import type { Browser } from 'playwright'

test.group('Pages in a browser', (group) => {
  let browser: Browser
  let world: World
  let owner: { email: string; password: string }
  let code: string
  let key: string

  group.setup(async () => {
    world = await World.make()
    const setUp = await world.setUp()
    owner = setUp.owner
    code = setUp.enrolment_code
    key = setUp.sign_in_key
    await world.startServer()
    browser = await sharedBrowser()
    return () => world.end()
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  test('say one neutral line to a wrong password, with the form ready again', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.go('/login')
    await visitor.page.fill('#email', owner.email)
    await visitor.page.fill('#password', 'wrong-password')

    await visitor.page.click('button:has-text("Sign in")')

    await visitor.page.waitForSelector('[role=alert]')
    assert.include(
      await visitor.page.textContent('[role=alert]'),
      'E-mail or password is not right.'
    )
    assert.equal(await visitor.page.inputValue('#email'), owner.email)
    assert.deepEqual(visitor.complaints, [])
  })

  test('show what is typed into a password, count down a wait, and follow the theme of the system', async ({
    assert,
  }) => {
    const { page } = await Visitor.open(await browser.newContext(), world.url)
    await page.goto(`${world.url}/login`)
    const shows = page.locator('[data-reveals=password]')
    const type = () => page.getAttribute('#password', 'type')

    await shows.click()
    const shown = await type()
    await shows.click()
    assert.deepEqual([shown, await type()], ['text', 'password'])

    for (let time = 0; time < 6; time += 1) {
      await page.fill('#email', 'nobody@example.test')
      await page.fill('#password', 'wrong')
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
    }
    const left = await page.textContent('[data-counts]')
    await page.locator('[data-counts]', { hasNotText: `${left}` }).waitFor()

    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('html.dark').waitFor({ state: 'attached' })
    await page.emulateMedia({ colorScheme: 'light' })
    await page.locator('html:not(.dark)').waitFor({ state: 'attached' })
  })

  test('work without JavaScript: sign in, overview, sign out', async ({ assert }) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const visitor = await Visitor.open(context, world.url)

    await visitor.signInByForm(owner.email, owner.password)
    assert.equal(await visitor.page.textContent('h1'), 'Overview')
    await visitor.page.click('button:has-text("Dark theme")')
    assert.equal(await visitor.page.getAttribute('html', 'data-theme'), 'dark')
    await visitor.page.click('button:has-text("Sign out")')

    assert.equal(new URL(visitor.page.url()).pathname, '/login')
  })

  test('are free of axe violations before anybody signed in, in their theme', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)

    for (const theme of ['light', 'dark'] as const) {
      await visitor.theme(theme)
      for (const path of ['/login', '/transparency', '/nowhere']) {
        await visitor.go(path)
        assert.deepEqual(await visitor.axe(), [], `${path} in ${theme}`)
        assert.equal(await visitor.page.getAttribute('html', 'data-theme'), theme, path)
      }
    }
    assert.deepEqual(
      visitor.complaints.filter((complaint) => !/ 404 /.test(complaint)),
      []
    )
  })

  test('welcome whoever follows the link of the first start', async ({ assert }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)

    await visitor.go(`/welcome?key=${key}`)

    assert.equal(await visitor.page.textContent('h1'), 'Overview')
    assert.deepEqual(await visitor.axe(), [])
    assert.deepEqual(visitor.complaints, [])
  })

  test('are free of axe violations, policy reports and foreign requests when empty', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.go('/login')
    assert.deepEqual(await visitor.axe(), [])
    await visitor.signIn(owner.email, owner.password)

    for (const path of [
      '/',
      '/agents',
      '/agents/new',
      '/enrol',
      '/screenshots',
      '/me/access',
      '/transparency',
    ]) {
      await visitor.go(path)
      assert.deepEqual(await visitor.axeInBothThemes(), [], path)
    }
    assert.deepEqual(visitor.complaints, [])
  })

  test('of settings, policies, reports and of oneself are free of them too', async ({ assert }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)

    for (const path of [
      '/people',
      '/live',
      '/people/1',
      '/recordings',
      '/reports/trends',
      '/reports/trends?person=1',
      '/categories',
      '/search',
      '/policies',
      '/policies/organisation/0',
      '/policies/explain',
      '/requests',
      '/settings',
      '/settings/users',
      '/settings/users/1',
      '/settings/teams',
      '/settings/tokens',
      '/settings/codes',
      '/settings/holds',
      '/records',
      '/settings/two-factor',
      '/settings/profile',
      '/settings/security',
      '/me',
      '/me/pause',
      '/me/notice',
      '/me/data',
    ]) {
      const answer = await visitor.go(path)
      assert.equal(answer?.status(), 200, path)
      assert.deepEqual(await visitor.axeInBothThemes(), [], path)
    }
    assert.deepEqual(visitor.complaints, [])
  }).timeout(240_000)

  test('show the first screenshot of a new agent, and those after it, by themselves', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    await visitor.page.waitForSelector('[data-live][data-state=live]')
    const shown = () => visitor.page.locator('a.shot').count()
    assert.equal(await shown(), 0)
    await visitor.page.evaluate('window.neverReloaded = true')

    await world.startDisplay()
    world.startDemo()
    await world.enrol(code)
    world.startAgent()

    await until(async () => (await shown()) > 0, 'the first screenshot is in the page')
    const newest = () => visitor.page.locator('a.shot').first().getAttribute('href')
    const first = await newest()
    await until(async () => (await newest()) !== first, 'a newer one has come before it', 10)
    await until(
      () => visitor.page.evaluate('document.querySelector("a.shot img").naturalWidth > 0'),
      'its picture is painted',
      10
    )
    assert.isTrue(await visitor.page.evaluate('window.neverReloaded'))
    assert.deepEqual(visitor.complaints, [])
  })

  test('are free of axe violations, policy reports and foreign requests when full', async ({
    assert,
  }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    const [shot] = world.screenshots()

    for (const path of [
      '/',
      '/agents',
      '/agents/1',
      '/screenshots',
      `/screenshots/${shot?.id}`,
      '/me/access',
    ]) {
      await visitor.go(path)
      assert.deepEqual(await visitor.axeInBothThemes(), [], path)
    }
    assert.deepEqual(visitor.complaints, [])
  })

  test('do not show a member the agents and pictures of others', async ({ assert }) => {
    const { email, password } = await world.makeUser('member')
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(email, password)
    const shot = world.screenshots().at(-1)

    for (const path of ['/agents/1', `/screenshots/${shot?.id}`, '/agents/999']) {
      const answer = await visitor.go(path)
      assert.equal(answer?.status(), 404, path)
      assert.equal(await visitor.page.textContent('h1'), 'Nothing here', path)
      assert.deepEqual(await visitor.axe(), [], path)
    }
    for (const path of ['/', '/agents', '/screenshots', '/me/access']) {
      const answer = await visitor.go(path)
      assert.equal(answer?.status(), 200, path)
      assert.equal(await visitor.page.locator('a.shot').count(), 0, path)
      assert.deepEqual(await visitor.axe(), [], path)
    }
    assert.deepEqual(
      visitor.complaints.filter((complaint) => !/ 404 /.test(complaint)),
      []
    )
  })

  test('open a picture in the lightbox, by mouse and back by Escape', async ({ assert }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    await visitor.go('/screenshots')

    await visitor.page.locator('a.shot').first().click()
    await visitor.page.waitForSelector('.pswp--ui-visible .pswp__img')
    await until(async () => {
      await visitor.page.keyboard.press('Escape')
      return (await visitor.page.locator('.pswp').count()) === 0
    }, 'Escape closes the lightbox, once it is open')

    assert.equal(new URL(visitor.page.url()).pathname, '/screenshots')
    assert.deepEqual(visitor.complaints, [])
  })

  test('go by keys: g s, g a, and the sheet of keys', async ({ assert }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)

    await visitor.page.waitForSelector('[data-live][data-state=live]')
    await visitor.page.keyboard.press('g')
    await visitor.page.keyboard.press('s')
    await visitor.page.waitForURL('**/screenshots')
    await visitor.page.waitForSelector('[data-live][data-state=live]')
    await visitor.page.keyboard.press('g')
    await visitor.page.keyboard.press('a')
    await visitor.page.waitForURL('**/agents')
    await visitor.page.waitForSelector('[data-live][data-state=live]')
    await visitor.page.keyboard.press('?')

    assert.isTrue(await visitor.page.isVisible('#keys-title'))
    await visitor.page.setViewportSize({ width: 390, height: 600 })
    const close = visitor.page.locator('#keys [data-closes]')
    await close.scrollIntoViewIfNeeded()
    const box = await close.boundingBox()
    assert.isBelow((box?.y ?? Infinity) + (box?.height ?? 0), 600)
  })

  test('fit a screen of 390 pixels', async ({ assert }) => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 } })
    const visitor = await Visitor.open(context, world.url)
    await visitor.signIn(owner.email, owner.password)

    for (const path of ['/', '/agents/1', '/agents/new', '/screenshots', '/me/access']) {
      await visitor.go(path)
      const width = await visitor.page.evaluate('document.documentElement.scrollWidth')
      assert.isAtMost(Number(width), 390, path)
    }
  })

  test('let a computer in that shows a code, once somebody signed in and compared it, without JavaScript', async ({
    assert,
  }) => {
    const enrolling = world.secondAgentCommand('enrol', '--server', world.url)
    await until(() => world.shownCodes().length > 0, 'a computer shows a code')
    const [shown = ''] = world.shownCodes()
    const small = await browser.newContext({ viewport: { width: 390, height: 800 } })
    const visitor = await Visitor.open(small, world.url)
    await visitor.signIn(owner.email, owner.password)
    await visitor.go(`/enrol/${shown}`)
    assert.deepEqual(await visitor.axeInBothThemes(), [])
    const width = await visitor.page.evaluate('document.documentElement.scrollWidth')
    assert.isAtMost(Number(width), 390)

    const plain = await browser.newContext({ javaScriptEnabled: false })
    const { page } = await Visitor.open(plain, world.url)
    await page.goto(`${world.url}/enrol/${shown}`)
    await page.fill('#email', owner.email)
    await page.fill('#password', owner.password)
    await page.click('button[type=submit]:has-text("Sign in")')
    assert.equal(await page.textContent('#user-code'), shown)
    await page.selectOption('#person_id', { index: 1 })
    await page.click('button:has-text("Confirm")')
    assert.include(await page.innerText('main'), 'It is confirmed')

    const { code: exit, stdout } = await enrolling
    assert.equal(exit, 0)
    assert.include(stdout, `/enrol/${shown}`)
    await visitor.go(`/enrol/${shown}`)
    assert.include(await visitor.page.innerText('main'), 'is here')
    assert.deepEqual(await visitor.axeInBothThemes(), [])
    assert.deepEqual(visitor.complaints, [])
  })

  test('say that the server is away, and come back by themselves', async ({ assert }) => {
    const visitor = await Visitor.open(await browser.newContext(), world.url)
    await visitor.signIn(owner.email, owner.password)
    await visitor.page.waitForSelector('[data-live][data-state=live]')

    await world.killServer()
    await visitor.page.waitForSelector('[data-live][data-state=reconnecting]')
    await world.startServer()
    await visitor.page.waitForSelector('[data-live][data-state=live]')

    const newest = () => visitor.page.locator('a.shot').first().getAttribute('href')
    const before = await newest()
    await until(
      () => `/screenshots/${world.screenshots().at(-1)?.id}` !== before,
      'the agent sends again'
    )
    await until(async () => (await newest()) !== before, 'the page shows it')
    assert.notEqual(await newest(), before)
  })
})
