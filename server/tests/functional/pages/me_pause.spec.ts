import Agent from '#models/agent'
import { publishVersion } from '#services/policy/store'
import { givePurpose } from '#services/purpose'
import { putGap, putPresence } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

const allowAMinute = (minutes: number) =>
  publishVersion({
    subject: { level: 'organisation', id: 0 },
    values: { 'pause.minutes_per_day': minutes },
    locked: [],
    reason: 'a test',
    actor: 'command',
  })

test.group('Pause on the dashboard', (group) => {
  cleanDatabase(group)

  test('reaches the computers of the person, and of nobody else', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const own = await makeAgent(dana)
    const other = await makeAgent(await makeUser('member'))

    const answer = await client
      .post('/me/pause')
      .form({ minutes: 30 })
      .loginAs(dana)
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(302)
    const asked = await client.get('/api/agents/me').bearerToken(own.token)
    const until = Date.parse(asked.body().paused_until)
    assert.closeTo(until, Date.now() + 30 * 60_000, 60_000)
    const untouched = await client.get('/api/agents/me').bearerToken(other.token)
    assert.isNull(untouched.body().paused_until)
  })

  test('is ended there, and is over when its time is over', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { agent, token } = await makeAgent(dana)
    await agent.merge({ pausedUntil: Date.now() + 60_000 }).save()
    const paused = (await client.get('/api/agents/me').bearerToken(token)).body()

    await client.post('/me/pause/end').loginAs(dana).withCsrfToken().redirects(0)
    const ended = (await client.get('/api/agents/me').bearerToken(token)).body()
    await Agent.query().where('id', agent.id).update({ paused_until: 1 })
    const over = (await client.get('/api/agents/me').bearerToken(token)).body()

    assert.isString(paused.paused_until)
    assert.isNull(ended.paused_until)
    assert.isNull(over.paused_until)
  })

  test('a computer that waits for news hears of it at once', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    const first = await client.get('/api/agents/me').bearerToken(token)
    const held = client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=30')
      .send()

    await client.post('/me/pause').form({ minutes: 15 }).loginAs(dana).withCsrfToken().redirects(0)

    const news = await held
    news.assertStatus(200)
    assert.isString(news.body().paused_until)
  })

  test('never asks for more than the policy allows a day', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { agent } = await makeAgent(dana)
    const ask = () =>
      client.post('/me/pause').form({ minutes: 60 }).loginAs(dana).withCsrfToken().redirects(0)

    await allowAMinute(10)
    await ask()
    await agent.refresh()
    assert.closeTo(agent.pausedUntil ?? 0, Date.now() + 10 * 60_000, 60_000)

    await agent.merge({ pausedUntil: null }).save()
    await allowAMinute(0)
    await ask()
    await agent.refresh()
    assert.isNull(agent.pausedUntil)
  })

  test('refuses times that are none', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { agent } = await makeAgent(dana)

    for (const minutes of ['', '0', '-5', '1441', '1.5', 'soon']) {
      const answer = await client
        .post('/me/pause')
        .form({ minutes })
        .loginAs(dana)
        .withCsrfToken()
        .redirects(0)
      assert.isBelow(answer.status(), 500)
    }
    await agent.refresh()
    assert.isNull(agent.pausedUntil)
  })

  test('the page says what stands', async ({ client }) => {
    const dana = await makeUser('member')
    const empty = await client.get('/me/pause').loginAs(dana)
    empty.assertTextIncludes('No computer of yours is here')
    const { agent } = await makeAgent(dana)
    await agent.merge({ pausedUntil: Date.now() + 60_000, state: 'paused' }).save()

    const page = await client.get('/me/pause').loginAs(dana)

    page.assertTextIncludes(agent.name)
    page.assertTextIncludes('As long as you like')
    page.assertTextIncludes('Go on')
  })

  test('is nobody`s fault: named in plain words, in no colour of alarm, and nothing to attend to', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member', 'Red')
    const manager = await makeUser('manager', 'Red')
    const { agent, token } = await makeAgent(dana)
    const beat = heartbeat(1, { state: 'paused' })
    const sent = await client.post('/api/heartbeats').bearerToken(token).json(beat)
    sent.assertStatus(201)
    await agent.refresh()
    await agent.merge({ pausedUntil: Date.now() + 60_000 }).save()
    const at = Date.parse('2026-11-19T09:00:00Z')
    await putPresence(agent, 'active', at, at + 3_600_000)
    await putGap(agent, 'paused', at + 3_600_000, at + 7_200_000)
    await givePurpose(manager, dana.id, 'weekly 1:1')
    const day = '2026-11-19'

    for (const path of ['/', '/people', '/agents', `/people/${dana.id}/days/${day}`]) {
      const page = await client.get(path).loginAs(manager)
      page.assertStatus(200)
      const main = /<main[\s\S]*<\/main>/.exec(page.text())?.[0] ?? ''
      assert.notMatch(
        main,
        /destructive|Needs attention|missing|violation|unproductive|absent/i,
        path
      )
    }
    const page = await client.get(`/people/${dana.id}/days/${day}`).loginAs(manager)
    page.assertTextIncludes('Paused by the person')
  })
})
