import { putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { HOSTILE, hostileTitles } from '#tests/support/hostile'
import { makeAgent, makeUser } from '#tests/support/people'
import { createCategory, createRule } from '#services/categories/store'
import { record } from '#services/audit'
import { test } from '@japa/runner'

const FROM = Date.parse('2026-11-19T06:00:00Z')

/** Rows of cells, as RFC 4180 has them. */
function parse(text: string): string[][] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = '']) =>
        cell.replaceAll('""', '"')
      )
    )
}

/** What a spreadsheet must find in the place of a text. */
const harmless = (text: string) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)

test.group('Hostile words', (group) => {
  cleanDatabase(group)

  test('the table of a day holds 200 titles, none of them a formula', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { agent } = await makeAgent(dana)
    const titles = hostileTitles()
    for (const [index, title] of titles.entries()) {
      const at = FROM + index * 60_000
      await putWindow(agent, { app: title.slice(0, 255), title }, at, at + 60_000)
    }

    const answer = await client.get('/me/days/2026-11-19/table.csv').loginAs(dana)

    const rows = parse(answer.text()).filter(([, , , lane]) => lane === 'app')
    assert.deepEqual(
      rows.map(([, , , , what, detail]) => [what, detail]),
      titles.map((title) => [harmless(title.slice(0, 255)), harmless(title)])
    )
  })

  test('the audit log holds purposes as text', async ({ client, assert }) => {
    const auditor = await makeUser('auditor')
    const dana = await makeUser('member')
    const purposes = HOSTILE.map((word) => word.slice(0, 200))
    for (const purpose of purposes) {
      await record({
        ...{ kind: 'look', action: 'day', actor: 'user', actor_id: auditor.id, address: '::1' },
        ...{ person_id: dana.id, agent_id: null, object_id: '2026-11-19', purpose, details: null },
      })
    }

    const answer = await client.get('/audit/log.csv').loginAs(auditor)

    const found = parse(answer.text()).map((row) => row[9])
    assert.includeMembers(found, purposes.map(harmless))
  })

  test('pages of trends and categories show names as text', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent } = await makeAgent(owner)
    const now = Date.now() - 3 * 3_600_000
    for (const [index, word] of HOSTILE.entries()) {
      const name = word.slice(0, 60)
      const app = `app ${index}`
      const id = await createCategory({ name, value: 'neutral', parentId: null })
      await createRule(id, { app, title: null, domain: null, priority: 50 })
      await putWindow(agent, { app }, now + index * 60_000, now + (index + 1) * 60_000)
      await putWindow(
        agent,
        { app: name, title: word },
        now - (index + 1) * 60_000,
        now - index * 60_000
      )
    }

    const trends = await client.get(`/reports/trends?person=${owner.id}`).loginAs(owner)
    const categories = await client.get('/categories').loginAs(owner)

    for (const page of [trends, categories]) {
      page.assertStatus(200)
      assert.notMatch(page.text(), /<script>window|<img src=x|<svg onload/)
    }
    assert.include(categories.text(), '{{ process.env }}')
  })
})
