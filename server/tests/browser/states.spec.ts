import { sharedBrowser, sharedDemo, type Demo } from '#tests/support/browsing'
import { Visitor } from '#tests/support/visitor'
import { test } from '@japa/runner'
import type { Browser, BrowserContextOptions } from 'playwright'

type List = {
  readonly path: string
  /** What a full list shows, at least once. */
  readonly row: string
  /** A filter that nothing fits, and what it then says. */
  readonly empty?: readonly [query: string, words: string]
  /** The table without which the list cannot be made. */
  readonly table: string
  /** Who gets "nothing here", where there is somebody. */
  readonly hiddenFrom?: 'member'
}

/** Lists as the owner sees them. */
const LISTS: readonly List[] = [
  {
    path: '/people',
    row: 'tbody tr',
    empty: ['?q=nobody', 'Nobody fits this filter'],
    table: 'teams',
    hiddenFrom: 'member',
  },
  {
    path: '/agents',
    row: 'tbody tr',
    empty: ['?q=nowhere', 'No computer fits this filter'],
    table: 'agents',
  },
  {
    path: '/screenshots',
    row: 'a.shot img',
    empty: ['?from=2020-01-01&to=2020-01-01', 'No screenshot here'],
    table: 'screenshots',
  },
  {
    path: '/recordings',
    row: 'tbody tr',
    empty: ['?before=1', 'No recording here'],
    table: 'recordings',
  },
  {
    path: '/audit',
    row: 'tbody tr',
    empty: ['?from=2020-01-01&to=2020-01-01', 'Nothing fits this filter'],
    table: 'audit_log',
    hiddenFrom: 'member',
  },
  {
    path: '/policies',
    row: 'main .panel li',
    table: 'policies',
    hiddenFrom: 'member',
  },
  {
    path: '/settings/users',
    row: 'tbody tr',
    empty: ['?q=nobody', 'Nobody fits this filter'],
    table: 'teams',
    hiddenFrom: 'member',
  },
  { path: '/settings/teams', row: 'tbody tr', table: 'teams', hiddenFrom: 'member' },
  {
    path: '/settings/holds',
    row: 'tbody tr',
    empty: ['?state=released', 'Nothing fits this filter'],
    table: 'retention_holds',
    hiddenFrom: 'member',
  },
  {
    path: '/records',
    row: 'tbody tr',
    empty: ['?from=2020-01-01&to=2020-01-01', 'Nothing fits this filter'],
    table: 'heartbeats',
  },
  { path: '/settings/codes', row: 'tbody tr', table: 'enrolment_codes', hiddenFrom: 'member' },
  { path: '/categories', row: 'main ul li', table: 'categories' },
  {
    path: '/search?q=dana',
    row: '.found li',
    empty: ['', 'Nothing fits'],
    table: 'former_zones',
  },
  { path: '/requests', row: 'main .panel', table: 'subject_requests', hiddenFrom: 'member' },
  { path: '/exports', row: 'main .panel', table: 'exports' },
]

test.group('Every list in a browser', (group) => {
  let browser: Browser
  let demo: Demo

  group.setup(async () => {
    demo = await sharedDemo()
    browser = await sharedBrowser()
  })

  group.each.teardown(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  async function visitor(
    name: string,
    password = demo.password,
    options: BrowserContextOptions = {}
  ) {
    const one = await Visitor.open(await browser.newContext(options), demo.world.url)
    await one.signIn(name.includes('@') ? name : `${name}@demo.example`, password)
    return one
  }

  const owner = () => visitor(demo.owner.email, demo.owner.password)

  /** Who else than `name` took what a page shows pictures of or leads to. */
  async function othersOn({ page }: Visitor, name: string) {
    const links = await page
      .locator('main :is(img, video, a[href*="/screenshots/"], a[href*="/recordings/"])')
      .evaluateAll((found) =>
        found.map((one) => one.getAttribute('src') ?? one.getAttribute('href'))
      )
    const ids = links.flatMap((link) => link?.match(/[0-9a-f-]{36}/)?.[0] ?? [])
    return demo.withDatabase((file) =>
      file
        .prepare(
          `select distinct full_name from users join agents on person_id = users.id
           where full_name <> ? and (
             agents.id in (select agent_id from screenshots where id in (select value from json_each(?)))
             or agents.id in (select agent_id from recordings where recording_id in (select value from json_each(?))))`
        )
        .all(name, JSON.stringify(ids), JSON.stringify(ids))
    )
  }

  const textOf = ({ page }: Visitor) => page.locator('main').innerText()

  test('of others is behind a purpose: without one nothing, with one all, and the person reads it', async ({
    assert,
  }) => {
    demo.withDatabase((file) => file.exec('delete from purposes'))
    const jonas = await visitor('jonas.weber')
    await jonas.go('/screenshots')
    const link = await jonas.page.locator('a.shot').first().getAttribute('href')
    const luca = await visitor('luca.moretti')

    for (const path of ['/', '/screenshots', '/recordings', `${link}`]) {
      await luca.go(path)
      assert.equal(await luca.page.locator('#purpose').count(), 1, path)
      assert.deepEqual(await othersOn(luca, 'Luca Moretti'), [], path)
      assert.deepEqual(await luca.axeInBothThemes(), [], path)
    }
    await luca.go('/screenshots')
    await luca.page.fill('#purpose', 'a question of Jonas')
    await luca.page.keyboard.press('Enter')
    await luca.page.waitForSelector('a.shot img')
    await luca.go(`${link}`)
    await luca.page.waitForFunction('document.querySelector("main img")?.naturalWidth > 0')
    await jonas.go('/me/access')

    const log = await textOf(jonas)
    assert.include(log, 'Luca Moretti')
    assert.include(log, 'Reason: a question of Jonas')
    assert.deepEqual([...luca.complaints, ...jonas.complaints], [])
  })

  test('of a manager is nothing for a member who types its address', async ({ assert }) => {
    const member = await visitor('priya.nair')
    const dana = demo.idOf('Dana Reyes')
    const addresses = [
      `/people/${dana}`,
      `/people/${dana}/days/2026-11-19`,
      `/people/${dana}/days/2026-11-19/table.csv`,
      '/live',
      ...LISTS.filter(({ hiddenFrom }) => hiddenFrom === 'member').map(({ path }) => path),
    ]

    for (const path of addresses) {
      const answer = await member.go(path)
      assert.equal(answer?.status(), 404, path)
      assert.equal(await member.page.textContent('h1'), 'Nothing here', path)
    }
    assert.deepEqual(await member.axeInBothThemes(), [])
    assert.deepEqual(
      member.complaints.filter((complaint) => !/ 404 /.test(complaint)),
      []
    )
  })

  test('says to an auditor why it holds no picture', async ({ assert }) => {
    const account = await demo.world.makeUser('auditor')
    const auditor = await visitor(account.email, account.password)

    for (const path of ['/', '/screenshots', '/recordings']) {
      await auditor.go(path)
      assert.include(await textOf(auditor), 'Your role sees no pictures of others', path)
      assert.deepEqual(await auditor.axeInBothThemes(), [], path)
    }
    assert.deepEqual(auditor.complaints, [])
  })

  test('reads well when it is full, and when nothing fits', async ({ assert }) => {
    const one = await owner()
    await one.go('/screenshots')
    await one.page.fill('#purpose', 'weekly 1:1')
    await one.page.click('button:has-text("Show them")')
    await one.page.waitForSelector('a.shot')
    await one.go('/me/data')
    await one.page.check('input[value=erasure]')
    await one.page.fill('#note', 'please')
    await one.page.click('button:has-text("Ask")')
    demo.withDatabase((file) => {
      file.exec(`insert into policies (level, subject_id, created_at) values ('organisation', 0, 0);
        insert into policy_versions (policy_id, "values", locked, published_at)
        select id, '{"screenshot.interval_seconds": 600}', '[]', 0
          from policies where level = 'organisation';
        insert into retention_holds (person_id, "from", until, reason, created_at)
        values (1, 0, 9007199254740991, 'A dispute', 0)`)
    })

    for (const { path, row, empty } of LISTS) {
      const answer = await one.go(path)
      assert.equal(answer?.status(), 200, path)
      assert.isAbove(await one.page.locator(row).count(), 0, path)
      assert.deepEqual(await one.axeInBothThemes(), [], path)
      if (empty) {
        const [query, words] = empty
        await one.go(query ? `${path}${query}` : '/search?q=xyzzy')
        assert.include(await textOf(one), words, path)
        assert.deepEqual(await one.axeInBothThemes(), [], `${path}, empty`)
      }
    }
    assert.deepEqual(one.complaints, [])
  }).timeout(90_000)

  test('of screenshots selects by keys, a range with Shift, and deletes with a reason', async ({
    assert,
  }) => {
    const luca = await visitor('luca.moretti')
    await luca.go('/screenshots')
    const { page } = luca
    await page.waitForSelector('#selection[data-idle]')
    const links = await page
      .locator('a.shot')
      .evaluateAll((shots) => shots.slice(0, 3).map((shot) => shot.getAttribute('href')))

    await page.locator('a.shot').nth(0).focus()
    await page.keyboard.press('x')
    await page.locator('a.shot').nth(2).focus()
    await page.keyboard.press('Shift+X')
    assert.equal(await page.textContent('[data-selected]'), '3 selected')
    assert.deepEqual(await luca.axeInBothThemes(), [])
    await page.keyboard.press('Delete')
    await page.keyboard.type('private mail')
    await page.locator('[data-deletes]').press('Enter')
    await page.waitForSelector('text=3 screenshots deleted')

    for (const link of links) {
      assert.equal(await page.locator(`a.shot[href="${link}"]`).count(), 0)
    }
    assert.deepEqual(luca.complaints, [])
  })

  test('of screenshots holds one without JavaScript', async ({ assert }) => {
    const { page } = await visitor('luca.moretti', demo.password, { javaScriptEnabled: false })
    await page.goto(`${demo.world.url}/screenshots`)

    await page.locator('[data-select]').last().check()
    await page.fill('#reason', 'a legal matter')
    await page.click('button:has-text("Hold")')

    assert.include(await page.locator('main').innerText(), '1 screenshot held')
    assert.equal(await page.locator('.badge:has-text("On hold")').count(), 1)
  })

  test('says what happened, what to do and a number when it cannot be made, and comes back', async ({
    assert,
  }) => {
    const one = await owner()

    for (const { path, table } of LISTS) {
      rename(table, `${table}_away`)
      try {
        const answer = await one.go(path)
        assert.equal(answer?.status(), 500, path)
        assert.equal(await one.page.textContent('h1'), 'Something went wrong', path)
        assert.match(await textOf(one), /Number \S{8}/, path)
      } finally {
        rename(`${table}_away`, table)
      }
      assert.equal((await one.go(path))?.status(), 200, path)
    }
  })

  /** Takes a table away, or gives it back; nothing that refers to it is changed. */
  function rename(from: string, to: string) {
    demo.withDatabase((file) => {
      file.exec(`pragma legacy_alter_table = on; alter table ${from} rename to ${to}`)
    })
  }
})
