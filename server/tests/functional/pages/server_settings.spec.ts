import { sha256 } from '#services/acknowledgement_ledger'
import { organisation, organisationZone } from '#services/organisation'
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

test.group('Settings | notices', (group) => {
  cleanDatabase(group)
  const text = 'Notice of monitoring\n\nA picture every 5 minutes.\n'

  test('names the computers that report and whose notice nobody acknowledged, until it is', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const { agent, token } = await makeAgent(await makeUser('member', 'Red'))
    const [{ agent: silent }, { agent: gone }] = [await makeAgent(), await makeAgent()]
    await agent.merge({ lastSeenAt: Date.now() }).save()
    await gone.merge({ lastSeenAt: Date.now(), revokedAt: Date.now() }).save()
    const page = async (path: string) => (await client.get(path).loginAs(owner)).text()
    const named = async () => {
      const html = await page('/settings/notices')
      return [agent, silent, gone].map(({ name }) => html.includes(`>${name}<`))
    }

    assert.deepEqual(await named(), [true, false, false])
    assert.include(await page('/'), 'waits for its notice to be acknowledged')

    const read = await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json({
        version: 1,
        text_sha256: sha256(text),
        acknowledged_at: '2026-11-22T09:00:00.000Z',
        language: 'en',
        text,
      })
    read.assertStatus(201)

    assert.deepEqual(await named(), [false, false, false])
    assert.notInclude(await page('/'), 'waits for its notice')
    const html = await page('/settings/notices')
    for (const words of ['A picture every 5 minutes.', sha256(text), 'Site default, version 1']) {
      assert.include(html, words)
    }
    assert.match(html, /1 line of the ledger is as it was sealed/)
  })

  test('says when the ledger was changed', async ({ client }) => {
    const { token } = await makeAgent(await makeUser('member'))
    await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json({
        version: 1,
        text_sha256: sha256(text),
        acknowledged_at: '2026-11-22T09:00:00.000Z',
        language: 'en',
        text,
      })
    await db.from('acknowledgements').update({ version: 2 })

    const page = await client.get('/settings/notices').loginAs(await makeUser('admin'))

    page.assertTextIncludes('The ledger of acknowledgements is not as it was written down')
    page.assertTextIncludes('is not what was sealed')
  })
})

test.group('Settings | organisation', (group) => {
  cleanDatabase(group)

  test('its name stands on what everybody may read, and its zone is that of days', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const save = (form: object) =>
      client.post('/settings/organisation').loginAs(owner).withCsrfToken().form(form).redirects(0)

    ;(await save({ name: 'Grey & Sons', time_zone: 'Asia/Tokyo' })).assertStatus(302)
    ;(await client.get('/transparency')).assertTextIncludes('computers of Grey &amp; Sons.')
    assert.equal(await organisationZone(), 'Asia/Tokyo')
    const [row] = await db.from('audit_log').where('action', 'settings.update')
    assert.include(row.details, 'Asia/Tokyo')

    await save({ name: '', time_zone: '' })
    assert.equal(await organisationZone(), owner.timeZone)
    ;(await client.get('/transparency')).assertTextIncludes('computers of this organisation.')
  })

  test('a zone that does not exist changes nothing, and what was typed stays', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')

    const answer = await client
      .post('/settings/organisation')
      .withGuard('web')
      .loginAs(owner)
      .withCsrfToken()
      .header('referer', 'http://127.0.0.1/settings/organisation')
      .header('host', '127.0.0.1')
      .form({ name: 'Grey & Sons', time_zone: 'Europe/Atlantis' })
      .redirects(0)

    answer.assertHeader('location', 'http://127.0.0.1/settings/organisation')
    assert.equal(answer.flashMessage('name'), 'Grey & Sons')
    assert.deepEqual(answer.flashMessage('inputErrorsBag'), {
      time_zone: ['The time zone must be one of the IANA list, such as Europe/Berlin'],
    })
    assert.deepEqual(await organisation(), { name: null, zone: null })
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
