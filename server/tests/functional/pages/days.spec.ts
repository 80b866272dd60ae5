import { putGap, putPresence, putScreenshot, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import type Agent from '#models/agent'
import type User from '#models/user'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const at = (clock: string) => Date.parse(`2026-11-19T${clock}:00Z`)

async function dayOfWork(agent: Agent) {
  await putPresence(agent, 'active', at('09:00'), at('12:00'))
  await putPresence(agent, 'afk', at('12:00'), at('12:30'))
  await putPresence(agent, 'active', at('12:30'), at('17:00'))
  await putWindow(agent, { app: 'Editor', title: 'a secret title' }, at('09:00'), at('12:00'))
  await putGap(agent, 'paused', at('15:00'), at('15:20'))
}

test.group('The page of a day', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User
  let agent: Agent

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    manager = await makeUser('manager', 'Red')
    agent = (await makeAgent(dana)).agent
    await dayOfWork(agent)
  })

  const address = () => `/people/${dana.id}/days/2026-11-19`

  async function giveReason(
    client: Parameters<Parameters<typeof test>[1] & {}>[0]['client'],
    viewer: User,
    purpose = 'weekly 1:1'
  ) {
    return client
      .post(`/people/${dana.id}/purposes`)
      .loginAs(viewer)
      .withCsrfToken()
      .redirects(0)
      .form({ purpose, back: address() })
  }

  test('shows a manager nothing before the manager said why', async ({ client, assert }) => {
    const page = await client.get(address()).loginAs(manager)

    page.assertStatus(200)
    page.assertTextIncludes('Why do you look')
    assert.notInclude(page.text(), 'a secret title')
    assert.notInclude(page.text(), '09:00')
    assert.lengthOf(await db.from('audit_log'), 0)
  })

  test('shows a manager who said why the day, and the person who looked and why', async ({
    client,
    assert,
  }) => {
    const given = await giveReason(client, manager)
    given.assertStatus(302)
    given.assertHeader('location', address())

    const page = await client.get(address()).loginAs(manager)
    const log = await client.get('/me/access').loginAs(dana)

    page.assertTextIncludes('Reason: <em>weekly 1:1</em>')
    page.assertTextIncludes('a secret title')
    page.assertTextIncludes('7 h 10 m')
    const [look] = await db.from('audit_log')
    assert.include(look, { actor_id: manager.id, person_id: dana.id, action: 'day' })
    log.assertTextIncludes('Your day 2026-11-19')
    log.assertTextIncludes('Reason: weekly 1:1')
  })

  test('asks for a reason that says something', async ({ client, assert }) => {
    await giveReason(client, manager, ' ab ')

    assert.lengthOf(await db.from('purposes'), 0)
  })

  test('is the same for the person, without a reason and without a line in the log', async ({
    client,
    assert,
  }) => {
    await giveReason(client, manager)
    const theirs = await client.get(address()).loginAs(manager)

    const own = await client.get('/me/days/2026-11-19').loginAs(dana)

    const day = (text: string) =>
      text.match(/<dl class="facts[\s\S]*?<\/dl>|<table[\s\S]*?<\/table>/g)
    own.assertTextIncludes('This is the page that your manager sees')
    assert.lengthOf(day(own.text()) ?? [], 2)
    assert.deepEqual(day(own.text()), day(theirs.text()))
    assert.lengthOf(await db.from('audit_log').where('actor_id', dana.id), 0)
  })

  test('does not exist for those who may not see it', async ({ client }) => {
    const others = [
      await makeUser('manager', 'Blue'),
      await makeUser('member', 'Red'),
      await makeUser('admin'),
      await makeUser('auditor'),
    ]
    for (const viewer of others) {
      for (const path of [address(), `/people/${dana.id}`, `${address()}/table.csv`]) {
        const answer = await client.get(path).loginAs(viewer)
        answer.assertStatus(404)
      }
      const given = await giveReason(client, viewer)
      given.assertStatus(404)
    }
  })

  test('answers a day that cannot be with "not found"', async ({ client }) => {
    for (const date of ['2026-02-30', '2026-13-01', 'today', '1999-01-01']) {
      const answer = await client.get(`/me/days/${date}`).loginAs(dana)
      answer.assertStatus(404)
    }
  })

  test('says that a day without data has none, and where there is some', async ({ client }) => {
    const before = await client.get('/me/days/2026-11-10').loginAs(dana)
    const future = await client.get('/me/days/2090-01-01').loginAs(dana)

    before.assertTextIncludes('Nothing was captured on this day')
    before.assertTextIncludes('Later day with data: 2026-11-19')
    future.assertTextIncludes('This day has not begun yet')
  })

  test('leads to the screenshot nearest to 10:30', async ({ client }) => {
    await putScreenshot(agent, at('10:20'))
    const near = await putScreenshot(agent, at('10:32'))
    await putScreenshot(agent, at('11:00'))

    const answer = await client
      .get('/me/days/2026-11-19/nearest?at=10:30')
      .loginAs(dana)
      .redirects(0)

    answer.assertHeader('location', `/screenshots/${near}`)
  })

  test('exports the table with formulas made harmless and its zone beside each time', async ({
    client,
    assert,
  }) => {
    await putWindow(agent, { app: '=HYPERLINK("x")', title: '@sum' }, at('16:00'), at('17:00'))

    const answer = await client.get('/me/days/2026-11-19/table.csv').loginAs(dana)

    answer.assertHeader('content-type', 'text/csv; charset=utf-8')
    assert.include(answer.text(), `"UTC","app","'=HYPERLINK(""x"")","'@sum"`)
    assert.notMatch(answer.text(), /"[=+\-@]/)
  })

  test('writes its times in the zone that is asked for', async ({ client }) => {
    await dana.merge({ timeZone: 'Asia/Kolkata' }).save()
    await giveReason(client, manager)

    const member = await client.get(address()).loginAs(manager)
    const mine = await client.get(`${address()}?tz=mine`).loginAs(manager)

    member.assertTextIncludes('<dd>14:30</dd>')
    mine.assertTextIncludes('<dd>09:00</dd>')
  })

  test('leads a date field and /me to the day', async ({ client }) => {
    const chosen = await client.get('/me/days?date=2026-11-18').loginAs(dana).redirects(0)
    const today = await client.get('/me').loginAs(dana)

    chosen.assertHeader('location', '/me/days/2026-11-18')
    today.assertStatus(200)
  })
})
