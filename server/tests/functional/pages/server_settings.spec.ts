import { queueState } from '#services/jobs/state'
import { retentionPlans } from '#services/retention/plan'
import { publishVersion } from '#services/policy/store'
import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const DAY_MS = 86_400_000

async function publish(level: 'organisation' | 'team', id: number, days: number) {
  await publishVersion({
    subject: { level, id },
    values: { 'retention.screenshots_days': days },
    locked: [],
    reason: 'kept as long as the contract says',
    actor: 'command',
  })
}

const cellsOf = (html: string, kind: string) => {
  const row = new RegExp(`<th scope="row"[^>]*>\\s*${kind}\\s*</th>(.*?)</tr>`, 's').exec(html)?.[1]
  return [...(row ?? '').matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) =>
    cell
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
  )
}

test.group('Settings | retention', (group) => {
  cleanDatabase(group)

  test('says how long each kind is kept, and what goes next, without what is held', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member', 'Red')
    const luca = await makeUser('member', 'Blue')
    const [{ agent }, { agent: held }] = [await makeAgent(dana), await makeAgent(luca)]
    await publish('organisation', 0, 30)
    await publish('team', dana.teamId as number, 10)
    const old = Date.now() - 20 * DAY_MS
    await putScreenshot(agent, old, 2048)
    await putScreenshot(agent, Date.now() - DAY_MS, 2048)
    await putScreenshot(held, Date.now() - 40 * DAY_MS, 4096)
    await client
      .post('/settings/holds')
      .loginAs(owner)
      .withCsrfToken()
      .form({ person_id: luca.id, from: '', to: '', reason: 'a dispute' })

    const page = await client.get('/settings/retention').loginAs(owner)

    page.assertStatus(200)
    assert.deepEqual(cellsOf(page.text(), 'Screenshots'), [
      '30 days 10 to 30 days, by policies of teams, people and computers',
      '1',
      '1',
      '2.0 KB',
    ])
    assert.deepEqual(cellsOf(page.text(), 'Recordings').slice(1), ['0', '0', '0 B'])
    page.assertTextIncludes('1 hold')
  })

  test('plans for each computer what its own policies say', async ({ assert }) => {
    const now = Date.now()
    const dana = await makeUser('member', 'Red')
    const { agent } = await makeAgent(dana)
    const { agent: other } = await makeAgent(await makeUser('member', 'Blue'))
    const { agent: nobodys } = await makeAgent(null)
    await publish('organisation', 0, 30)
    await publish('team', dana.teamId as number, 10)

    const plans = await retentionPlans(now)

    const daysOf = ({ id }: { id: number }) =>
      (now - (plans.find((plan) => plan.agent.id === id)?.before.screenshots ?? 0)) / DAY_MS
    assert.deepEqual([agent, other, nobodys].map(daysOf), [10, 30, 30])
  })
})

test.group('Settings | system', (group) => {
  cleanDatabase(group)

  test('says versions, health and what repeats', async ({ client, assert }) => {
    const page = await client.get('/settings/system').loginAs(await makeUser('admin'))

    page.assertStatus(200)
    page.assertTextIncludes(process.versions.node)
    assert.match(page.text(), /SQLite 3\.|MariaDB 1\d\./)
    page.assertTextIncludes('none pending')
    page.assertTextIncludes('No job was given up')
    assert.equal((await queueState()).waiting, 0)
  })

  test('a job that was given up stands there, and taking it off the list is in the log', async ({
    client,
    assert,
  }) => {
    const admin = await makeUser('admin')
    await db.table('failed_jobs').insert({
      name: 'export',
      payload: '{"id":7}',
      error: '<b>the disk</b> is full',
      attempts: 5,
      failed_at: Date.now(),
    })
    const { id } = await db.from('failed_jobs').select('id').first()
    const page = await client.get('/settings/system').loginAs(admin)
    page.assertTextIncludes('&lt;b&gt;the disk&lt;/b&gt; is full')
    const take = () =>
      client.delete(`/settings/system/jobs/${id}`).loginAs(admin).withCsrfToken().redirects(0)

    ;(await take()).assertStatus(302)
    ;(await take()).assertStatus(302)

    assert.isNull(await db.from('failed_jobs').first())
    const rows = await db.from('audit_log').where('action', 'job.forget').select('object_id')
    assert.deepEqual(
      rows.map(({ object_id: object }) => object),
      [`job:${id}`]
    )
  })
})
