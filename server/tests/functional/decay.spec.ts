import { createCategory, createRule } from '#services/categories/store'
import { publishVersion } from '#services/policy/store'
import { runRetention } from '#services/retention/run'
import { rebuildRollups } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { addDays } from '#services/timeline/calendar'
import { putPresence, putScreenshot, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import type User from '#models/user'
import type { ApiClient } from '@japa/api-client'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const TODAY = new Date().toISOString().slice(0, 10)
/** Days whose titles and pictures are over, and whose events are. */
const FADED = addDays(TODAY, -40)
const GONE = addDays(TODAY, -100)
const FRESH = addDays(TODAY, -3)

/** Somebody who worked on each of the days, whose title alone says on what. */
async function worker(): Promise<User> {
  const person = await makeUser('member')
  const { agent } = await makeAgent(person)
  const work = await createCategory({ name: 'Planning', value: 'productive', parentId: null })
  await createRule(work, { app: null, title: '*plan*', domain: null, priority: 50 })
  for (const day of [GONE, FADED, FRESH]) {
    const at = (clock: string) => Date.parse(`${day}T${clock}:00Z`)
    await putPresence(agent, 'active', at('09:00'), at('12:00'))
    await putPresence(agent, 'afk', at('12:00'), at('12:30'))
    await putPresence(agent, 'active', at('12:30'), at('17:00'))
    await putWindow(agent, { app: 'Editor', title: 'the plan' }, at('09:00'), at('12:00'))
    await putWindow(agent, { app: 'Browser', title: 'news' }, at('12:30'), at('17:00'))
    for (const clock of ['09:10', '13:10']) {
      await putScreenshot(agent, at(clock))
    }
  }
  await rebuildRollups()
  return person
}

/** Every figure that is said about these days: of statistics, and on each day's own page. */
async function figures(client: ApiClient, person: User, token: string) {
  const period = `from=${GONE}&to=${TODAY}`
  const [trends, sessions] = await Promise.all([
    client.get(`/api/stats/trends?${period}`).bearerToken(token),
    client.get(`/api/sessions?person=${person.id}`).bearerToken(token),
  ])
  const facts: Record<string, string | undefined> = {}
  for (const day of [GONE, FADED, FRESH]) {
    const page = await client.get(`/me/days/${day}`).loginAs(person)
    facts[day] = /<dl class="facts[\s\S]*?<\/dl>/.exec(page.text())?.[0]
  }
  return { trends: trends.body(), sessions: sessions.body(), facts }
}

test.group('What becomes of an old day', (group) => {
  cleanDatabase(group)

  test('titles become categories and events become sums; no figure of a day or of a trend changes', async ({
    assert,
    client,
  }) => {
    const person = await worker()
    const token = await tokenOf(person)
    const before = await figures(client, person, token)

    const report = await runRetention()
    await settleRollups()
    const after = await figures(client, person, token)
    await rebuildRollups()

    assert.containSubset(report, {
      ...{ titles: { rows: 4 }, heartbeats: { rows: 5 } },
      screenshots: { rows: 4 },
    })
    const windows = await db.from('activities').where('kind', 'window').orderBy('captured_at')
    assert.deepEqual(
      windows.map(({ title }) => title),
      [null, null, 'the plan', 'news']
    )
    assert.deepEqual(after, before)
    assert.deepEqual(await figures(client, person, token), before)
    assert.include(before.facts[GONE], '7 h 30 m')
    const [{ categories }] = before.trends.data
    assert.deepEqual(Object.values(categories).sort(), [3 * 3_600_000, 4.5 * 3_600_000])
  })

  test('its page says in words what is not there any more, and what is left', async ({
    assert,
    client,
  }) => {
    const person = await worker()
    await runRetention()

    const [gone, faded, fresh, empty] = await Promise.all(
      [GONE, FADED, FRESH, addDays(GONE, -1)].map(async (day) =>
        (await client.get(`/me/days/${day}`).loginAs(person)).text()
      )
    )

    assert.include(gone, 'Of this day only sums are left')
    assert.include(gone, 'presence and heartbeats are kept for 90 days')
    assert.include(gone, 'of 2 that were taken, 0 are left')
    assert.match(gone ?? '', /<td>Planning<\/td><td[^>]*>3 h/)
    assert.notInclude(gone, 'Nothing was captured on this day')
    assert.include(gone, `Later day with data: ${FADED}`)
    assert.include(faded, 'Some of this day is not kept any more')
    assert.include(faded, 'Titles of windows are kept for 30 days')
    assert.notInclude(faded, 'the plan')
    assert.match(faded ?? '', /<td>Editor<\/td>\s*<td[^>]*>Planning/)
    assert.notMatch(faded ?? '', /<td>Browser<\/td>\s*<td[^>]*>Planning/)
    assert.notInclude(faded, 'are kept for 90 days')
    assert.include(fresh, 'the plan')
    assert.notInclude(fresh, 'not kept any more')
    assert.include(empty, 'Nothing was captured on this day')
    assert.include(empty, `Later day with data: ${GONE}`)
  })

  test('its table as a file has the sums, and every row that is left of a day with many', async ({
    assert,
    client,
  }) => {
    const person = await worker()
    const { agent } = await makeAgent(person)
    const start = Date.parse(`${FADED}T09:00:00Z`)
    const minutes = Array.from({ length: 450 }, (_, index) => start + index * 60_000)
    for (const at of minutes) {
      await putWindow(agent, { app: `App ${at}`, title: null }, at, at + 30_000)
    }
    await rebuildRollups()
    await runRetention()

    const [gone, faded] = await Promise.all(
      [GONE, FADED].map(async (day) =>
        (await client.get(`/me/days/${day}/table.csv`).loginAs(person)).text()
      )
    )

    assert.include(gone, `"${GONE}T09:00:00.000Z"`)
    assert.include(gone, '"session","Session"')
    assert.include(gone, '"sum of the day","Active","450 min"')
    assert.include(gone, '"category","Planning","180 min"')
    assert.include(gone, '"sum of the day","Screenshots taken","2"')
    assert.notInclude(gone, '"app"')
    assert.lengthOf(
      minutes.filter((at) => faded?.includes(`"App ${at}"`) === false),
      0
    )
    assert.notInclude(faded, '"session"')
  })

  test('usual hours are the same before and after', async ({ assert, client }) => {
    const person = await worker()
    await publishVersion({
      subject: { level: 'person', id: person.id },
      values: { 'retention.heartbeats_days': 2, 'retention.titles_days': 2 },
      locked: [],
      reason: null,
      actor: 'command',
    })
    const heat = async () =>
      /<table class="heat">[\s\S]*?<\/table>/.exec(
        (await client.get(`/people/${person.id}`).loginAs(person)).text()
      )?.[0]
    const before = await heat()
    await runRetention()

    assert.lengthOf(
      await db.from('activities').where('captured_at', '<', Date.now() - 86_400_000 * 2),
      0
    )
    assert.equal(await heat(), before)
  })

  test('a day that is held says nothing of the kind', async ({ assert, client }) => {
    const person = await worker()
    await db.table('retention_holds').insert({
      ...{ person_id: person.id, from: 0, until: Date.parse(`${GONE}T23:59:00Z`) },
      ...{ reason: 'a court', created_at: Date.now() },
    })
    await runRetention()

    const page = await client.get(`/me/days/${GONE}`).loginAs(person)

    assert.include(page.text(), 'the plan')
    assert.notInclude(page.text(), 'not kept any more')
  })
})
