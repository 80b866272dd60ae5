import { sharedBrowser, sharedDemo, type Demo } from '#tests/support/browsing'
import { HOSTILE, hostileTitles } from '#tests/support/hostile'
import { Visitor } from '#tests/support/visitor'
import { until } from '#tests/support/world'
import { test } from '@japa/runner'
import type { Browser, BrowserContextOptions } from 'playwright'

const DAY = '2026-11-19'

test.group('The day in a browser', (group) => {
  let browser: Browser
  let demo: Demo

  group.setup(async () => {
    demo = await sharedDemo()
    browser = await sharedBrowser()
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  async function dana(options: BrowserContextOptions = {}) {
    const visitor = await Visitor.open(await browser.newContext(options), demo.world.url)
    await visitor.signIn('dana.reyes@demo.example', demo.password)
    return visitor
  }

  async function manager(options: BrowserContextOptions = {}) {
    const visitor = await Visitor.open(await browser.newContext(options), demo.world.url)
    await visitor.signIn('luca.moretti@demo.example', demo.password)
    return visitor
  }

  async function giveReason(visitor: Visitor, path: string) {
    await visitor.go(path)
    if (await visitor.page.locator('#purpose').count()) {
      await visitor.page.fill('#purpose', 'weekly 1:1')
      await visitor.page.click('button:has-text("Show the page")')
      await visitor.page.waitForSelector('h1')
    }
  }

  test('asks a manager why, then shows what the person sees, and tells the person', async ({
    assert,
  }) => {
    const luca = await manager()
    const path = `/people/${demo.idOf('Dana Reyes')}/days/${DAY}`
    await luca.go(path)
    assert.equal(await luca.page.locator('.lanes, a.shot').count(), 0)
    assert.deepEqual(await luca.axe(), [])

    await giveReason(luca, path)
    const person = await dana()
    await person.go(`/me/days/${DAY}`)
    const facts = (visitor: Visitor) => visitor.page.locator('dl.facts').innerText()
    assert.equal(await facts(luca), await facts(person))
    await person.go('/me/access')

    assert.include(await person.page.locator('main').innerText(), `Your day ${DAY}`)
    assert.include(await person.page.locator('main').innerText(), 'Reason: weekly 1:1')
    assert.deepEqual([...luca.complaints, ...person.complaints], [])
  })

  test('opens the screenshot nearest to where the timeline is clicked', async ({ assert }) => {
    const { page, complaints } = await dana()
    await page.goto(`${demo.world.url}/me/days/${DAY}`)
    await page.waitForSelector('[data-lanes][role=slider]')
    const box = await page.locator('[data-lanes]').boundingBox()
    const chart = await page.locator('[data-timeline]').evaluate(({ dataset }) => ({ ...dataset }))
    const [from, end] = [Number(chart.from), Number(chart.until)]
    const moment = Date.parse(`${DAY}T10:30:00+01:00`)
    const x = (box?.x ?? 0) + ((moment - from) / (end - from)) * (box?.width ?? 0)

    await page.mouse.click(x, (box?.y ?? 0) + 10)

    await page.waitForSelector('.pswp--ui-visible .pswp__img')
    const times = await page
      .locator('#day a.shot')
      .evaluateAll((shots) => shots.map((shot) => [shot.dataset.at, shot.getAttribute('href')]))
    const [, nearest] = times
      .map(([at, href]) => [Math.abs(Number(at) - moment), href] as const)
      .sort((a, b) => a[0] - b[0])[0] as readonly [number, string]
    await until(
      async () => (await page.locator('.pswp__button--details').getAttribute('href')) === nearest,
      'the lightbox shows the nearest one'
    )
    assert.deepEqual(complaints, [])
  })

  test('goes by keys alone: the cursor speaks, z and 0 zoom, v is the table, arrows are days', async ({
    assert,
  }) => {
    const { page } = await dana()
    await page.goto(`${demo.world.url}/me/days/${DAY}`)
    await page.waitForSelector('[data-live][data-state=live]')

    await page.keyboard.press('.')
    const first = await page.locator('[data-lanes]').getAttribute('aria-valuetext')
    assert.match(first ?? '', /^\d\d:\d\d\. .*Active/)
    await page.keyboard.press('ArrowRight')
    assert.notEqual(await page.locator('[data-lanes]').getAttribute('aria-valuetext'), first)
    await page.keyboard.press('z')
    assert.equal(await page.locator('[data-zoomable]').getAttribute('width'), '200.000%')
    await page.keyboard.press('0')
    assert.equal(await page.locator('[data-zoomable]').getAttribute('width'), '100.000%')
    await page.keyboard.press('v')
    await page.waitForSelector('[data-day-table] table')
    await page.locator('h1').click()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL('**/me/days/2026-11-18')
  })

  test('shows hover what was at that moment, with its picture', async ({ assert }) => {
    const { page } = await dana()
    await page.goto(`${demo.world.url}/me/days/${DAY}`)
    await page.waitForSelector('[data-lanes][role=slider]')
    const box = await page.locator('[data-lanes]').boundingBox()

    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.3, (box?.y ?? 0) + 10)

    assert.isTrue(await page.isVisible('[data-preview]'))
    assert.match((await page.textContent('[data-preview-time]')) ?? '', /^\d\d:\d\d$/)
    assert.isNotEmpty(await page.textContent('[data-preview-text]'))
  })

  test('reads and works without JavaScript: day, date, zone, nearest screenshot, reason', async ({
    assert,
  }) => {
    const luca = await manager({ javaScriptEnabled: false })
    await giveReason(luca, `/people/${demo.idOf('Priya Nair')}/days/${DAY}`)
    assert.include(await luca.page.locator('main').innerText(), 'Asia/Kolkata')
    await luca.page.click('a:has-text("switch to yours")')
    assert.include(await luca.page.locator('main').innerText(), 'Europe/Rome')
    await luca.page.fill('#at', '10:30')
    await luca.page.click('button:has-text("Open")')
    assert.match(new URL(luca.page.url()).pathname, /^\/screenshots\//)
    await luca.go('/me/days')
    await luca.page.fill('#date', '2026-11-18')
    await luca.page.click('button:has-text("Go")')

    assert.equal(new URL(luca.page.url()).pathname, '/me/days/2026-11-18')
  })

  test('is free of axe violations in both themes: full, empty, future; with everything beside it', async ({
    assert,
  }) => {
    const luca = await manager()
    const id = demo.idOf('Dana Reyes')
    await giveReason(luca, `/people/${id}/days/${DAY}`)
    const [run] = demo.withDatabase(
      (file) =>
        file
          .prepare(
            'select recording_id as id from recordings join agents on agents.id = agent_id where person_id = ?'
          )
          .all(id) as [{ id: string }]
    )

    for (const path of [
      `/people/${id}/days/${DAY}`,
      `/people/${id}/days/2026-01-05`,
      `/people/${id}/days/2090-01-05`,
      `/people/${id}`,
      `/reports/trends?person=${id}&from=2026-11-16&to=2026-11-20`,
      '/reports/trends?from=2026-11-16&to=2026-11-20&by=week',
      `/recordings/${run.id}`,
    ]) {
      const answer = await luca.go(path)
      assert.equal(answer?.status(), 200, path)
      assert.deepEqual(await luca.axeInBothThemes(), [], path)
    }
    assert.deepEqual(luca.complaints, [])
  }).timeout(240_000)

  test('fits a screen of 390 pixels', async ({ assert }) => {
    const visitor = await dana({ viewport: { width: 390, height: 800 } })

    for (const path of [`/me/days/${DAY}`, '/reports/trends', '/categories', '/recordings']) {
      await visitor.go(path)
      const width = await visitor.page.evaluate('document.documentElement.scrollWidth')
      assert.isAtMost(Number(width), 390, path)
    }
  })

  test('goes by Ctrl K to a person’s day', async ({ assert }) => {
    const luca = await manager()
    await luca.go('/')
    await luca.page.waitForSelector('[data-live][data-state=live]')

    await luca.page.keyboard.press('Control+k')
    await luca.page.keyboard.type('dana')
    await luca.page.keyboard.press('Escape')
    assert.equal(await luca.page.locator('dialog[open]').count(), 0)

    await luca.page.keyboard.press('Control+k')
    await luca.page.keyboard.type(`dana ${DAY}`)
    await luca.page.waitForSelector(`#palette-found a[href$="/days/${DAY}"]`)
    await luca.page.keyboard.press('Enter')

    await luca.page.waitForURL(`**/days/${DAY}`)
    assert.deepEqual(luca.complaints, [])
  })

  test('draws the lines of a trend, with the table beneath', async ({ assert }) => {
    const visitor = await dana()
    await visitor.go('/reports/trends?from=2026-11-16&to=2026-11-20')

    await visitor.page.waitForSelector('[data-chart] canvas')
    assert.equal(await visitor.page.locator('#trends-table tbody tr').count(), 5)
    await visitor.page.locator('summary:has-text("How is this computed")').first().click()
    await visitor.page.waitForSelector('text=The length of the union of all spans')
    assert.deepEqual(visitor.complaints, [])
  })

  test('shows 200 hostile titles exactly as they are wherever titles stand, and runs none', async ({
    assert,
  }) => {
    const titles = hostileTitles()
    const from = Date.parse('2026-11-15T08:00:00Z')
    const run = '0199a000-0000-7000-9000-000000000000'
    demo.withDatabase((file) => {
      const [agent] = file
        .prepare('select id from agents where person_id = ? limit 1')
        .all(demo.idOf('Dana Reyes')) as [{ id: number }]
      const insert = file.prepare(`insert into activities
        (id, agent_id, seq, captured_at, utc_offset_minutes, policy_version, received_at,
         content_sha256, kind, duration_ms, pulsetime_ms, app, title)
        values (?, ?, ?, ?, 0, 0, 0, ?, 'window', 60000, 0, ?, ?)`)
      for (const [index, title] of titles.entries()) {
        const id = `0199a000-0000-7000-8000-${String(index).padStart(12, '0')}`
        const app = title.slice(0, 255)
        insert.run(id, agent.id, 9_000_000 + index, from + index * 60_000, id, app, title)
      }
      const [segment] = file
        .prepare('select * from recordings where agent_id = ? limit 1')
        .all(agent.id) as [Record<string, unknown>]
      const copy = {
        ...segment,
        ...{ id: run, recording_id: run, seq: 9_100_000, segment: 0 },
        ...{ captured_at: from, duration_ms: titles.length * 60_000 },
      }
      file
        .prepare(
          `insert into recordings (${Object.keys(copy).join(', ')})
           values (${Object.keys(copy).map(() => '?')})`
        )
        .run(...Object.values(copy))
    })
    const visitor = await dana()
    const { page } = visitor
    // There is no NUL in HTML: the parser leaves it out.
    const inHtml = (text: string) => text.replaceAll('\u0000', '')

    await visitor.go('/me/days/2026-11-15')
    const cells = (column: number) =>
      page
        .locator(`[data-day-table] tr[data-lane=app] :nth-last-child(${column})`)
        .allTextContents()
    assert.deepEqual(await cells(1), titles.map(inHtml))
    assert.deepEqual(
      await cells(2),
      titles.map((title) => inHtml(title.slice(0, 255)))
    )
    assert.deepEqual(await visitor.axe(), [])

    await visitor.go(`/recordings/${run}`)
    assert.deepEqual(
      await page.locator('[data-moment] span:last-child').allTextContents(),
      titles.map((title) => inHtml(`${title.slice(0, 255)}: ${title}`))
    )

    for (const word of HOSTILE.slice(0, 12)) {
      const query = new URLSearchParams({ app: word, title: word })
      await visitor.go(`/categories?${query}`)
      assert.equal(await page.inputValue('#app'), word)
      assert.equal(await page.inputValue('#title'), word)
    }
    assert.isUndefined(await page.evaluate('window.harmed'))
    assert.deepEqual(visitor.complaints, [])
  })

  test('plays the segments of a recording one after the other, from the moment of the address', async ({
    assert,
  }) => {
    const visitor = await dana()
    await visitor.go('/recordings')
    const address = await visitor.page.locator('table a').first().getAttribute('href')
    await visitor.go(`${address}?t=35`)

    await until(
      async () =>
        Number(await visitor.page.evaluate('document.querySelector("video").currentTime')) > 4,
      'the second segment stands at five seconds'
    )
    const current = await visitor.page.locator('[data-source][aria-current]').getAttribute('href')
    const all = await visitor.page
      .locator('[data-source]')
      .evaluateAll((links) => links.map((one) => one.getAttribute('href')))
    assert.equal(all.indexOf(current), 1)
    assert.deepEqual(visitor.complaints, [])
  })
})
