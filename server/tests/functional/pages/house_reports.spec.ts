import { givePurpose } from '#services/purpose'
import { markEverything } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { putGap, putPresence, putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import type User from '#models/user'
import { test } from '@japa/runner'

const at = (clock: string) => Date.parse(`2026-11-19T${clock}:00Z`)
const PERIOD = 'from=2026-11-18&to=2026-11-20'

async function aDay(person: User) {
  const { agent } = await makeAgent(person)
  await putPresence(agent, 'active', at('09:00'), at('12:00'))
  await putScreenshot(agent, at('09:30'), 3 * 1024 ** 2)
  await putScreenshot(agent, at('10:30'), 2 * 1024 ** 2)
  await putGap(agent, 'no_permission', at('11:00'), at('11:10'))
  await putGap(agent, 'paused', at('11:20'), at('11:30'))
  await markEverything()
  await settleRollups()
  return agent
}

test.group('Reports about computers, looks and storage', (group) => {
  cleanDatabase(group)

  test('health counts what a computer sent, and the gaps somebody can mend', async ({
    client,
    assert,
  }) => {
    const manager = await makeUser('manager', 'Red')
    const dana = await makeUser('member', 'Red')
    const agent = await aDay(dana)
    const foreign = await aDay(await makeUser('member', 'Blue'))

    const page = await client.get(`/reports/health?${PERIOD}`).loginAs(manager)
    const json = await client.get(`/reports/health/table.json?${PERIOD}`).loginAs(manager)

    page.assertStatus(200)
    page.assertTextIncludes(agent.name)
    assert.notInclude(page.text(), foreign.name)
    assert.deepEqual(json.body().data, [
      {
        computer: agent.name,
        person: dana.fullName,
        heartbeats: 0,
        screenshots: 2,
        nothing_new: 0,
        segments: 0,
        gaps: 1,
        evicted: 0,
      },
    ])
  })

  test('access counts looks of each viewer, as the log has them', async ({ client, assert }) => {
    const auditor = await makeUser('auditor')
    const manager = await makeUser('manager', 'Red')
    const dana = await makeUser('member', 'Red')
    await aDay(dana)
    await givePurpose(manager, dana.id, 'weekly 1:1')
    for (const day of ['2026-11-18', '2026-11-19']) {
      await client.get(`/people/${dana.id}/days/${day}`).loginAs(manager)
    }

    const json = await client.get('/reports/access/table.json').loginAs(auditor)

    const [row, ...others] = json.body().data
    assert.deepEqual(others, [])
    assert.include(row, { viewer: manager.fullName, person: dana.fullName, what: 'day', looks: 2 })
  })

  test('storage sums what came in a day, by team', async ({ client, assert }) => {
    await aDay(await makeUser('member', 'Red'))
    await aDay(await makeUser('member', 'Red'))

    const csv = await client
      .get(`/reports/storage/table.csv?${PERIOD}`)
      .loginAs(await makeUser('owner'))

    const [head, row] = csv.text().trim().split('\r\n')
    assert.equal(head, '"Day","Team","Screenshots","Segments","Bytes"')
    assert.equal(row, `"2026-11-19","Red","4","0","${10 * 1024 ** 2}"`)
  })

  test('are cards of those that a role may open; others are not found', async ({
    client,
    assert,
  }) => {
    const opens = {
      owner: ['health', 'access', 'storage'],
      admin: ['health', 'access', 'storage'],
      auditor: ['health', 'access', 'storage'],
      manager: ['health'],
      member: [],
    } as const
    for (const [role, names] of Object.entries(opens)) {
      const viewer = await makeUser(role as keyof typeof opens)
      const cards = await client.get('/reports').loginAs(viewer)
      cards.assertStatus(200)
      for (const name of ['health', 'access', 'storage']) {
        const isOpen = (names as readonly string[]).includes(name)
        assert.equal(cards.text().includes(`href="/reports/${name}"`), isOpen, `${role}, ${name}`)
        for (const end of ['', '/table.csv', '/table.json']) {
          const answer = await client.get(`/reports/${name}${end}`).loginAs(viewer)
          answer.assertStatus(isOpen ? 200 : 404)
        }
      }
    }
  })

  test('take a period that cannot be for the last week', async ({ client }) => {
    const owner = await makeUser('owner')
    for (const query of [
      'from=2026-13-01',
      'from=2020-01-01&to=2026-01-01',
      'to=x',
      'from=2027-01-01',
    ]) {
      const page = await client.get(`/reports/health?${query}`).loginAs(owner)
      page.assertStatus(200)
    }
  })
})
