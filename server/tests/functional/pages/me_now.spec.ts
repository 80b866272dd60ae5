import type Agent from '#models/agent'
import type User from '#models/user'
import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import { test } from '@japa/runner'
import { DateTime } from 'luxon'

const MINUTE = 60_000
const plugin = (name: string, state: 'ok' | 'idle', reason: string | null = null) => ({
  ...{ name, version: '0.1.0', state, reason },
})

test.group('Captured right now', (group) => {
  cleanDatabase(group)

  let dana: User
  let agent: Agent
  let token: string

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    ;({ agent, token } = await makeAgent(dana))
  })

  test('says what works, what does not and why, the last look and the next', async ({
    client,
    assert,
  }) => {
    const last = Date.now() - MINUTE
    await putScreenshot(agent, last - 5 * MINUTE)
    await putScreenshot(agent, last)
    const plugins = [
      plugin('screenshot', 'ok'),
      plugin('recording', 'idle', 'switched off by the policy'),
    ]
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1, { plugins }))

    const page = await client.get('/me').loginAs(dana)
    const part = await client.get('/me/now').loginAs(dana)

    for (const answer of [page, part]) {
      answer.assertStatus(200)
      answer.assertTextIncludes('<li>pictures of the screen</li>')
      answer.assertTextIncludes('not now: recordings of the screen (switched off by the policy)')
      const next = DateTime.fromMillis(last + 5 * MINUTE, { zone: 'UTC' }).toFormat('HH:mm:ss')
      answer.assertTextIncludes(`the next at about ${next}`)
    }
    page.assertTextIncludes('Pause for 15 min')
    assert.notInclude(part.text(), '<html')
  })

  test('says that nothing is captured in a pause, and that nobody is heard when it is so', async ({
    client,
  }) => {
    const beat = heartbeat(1, { plugins: [plugin('screenshot', 'ok')] })
    await client.post('/api/heartbeats').bearerToken(token).json(beat)
    await client.post('/me/pause').form({ minutes: 15 }).loginAs(dana).withCsrfToken().redirects(0)
    const paused = await client.get('/me/now').loginAs(dana)
    paused.assertTextIncludes('nothing is captured')
    await client.post('/me/pause/end').loginAs(dana).withCsrfToken().redirects(0)
    await agent.refresh()
    await agent.merge({ lastSeenAt: Date.now() - 60 * MINUTE }).save()

    const silent = await client.get('/me/now').loginAs(dana)
    silent.assertTextIncludes('Not heard since')
  })

  test('sends the person to the computer for the end of a pause that nobody else was told', async ({
    client,
    assert,
  }) => {
    const beat = heartbeat(1, { state: 'paused', plugins: [plugin('screenshot', 'ok')] })
    await client.post('/api/heartbeats').bearerToken(token).json(beat)
    const own = await client.get('/me/now').loginAs(dana)
    await client.post('/me/pause').form({ minutes: 15 }).loginAs(dana).withCsrfToken().redirects(0)
    const asked = await client.get('/me/now').loginAs(dana)

    own.assertTextIncludes('Paused: nothing is captured.')
    own.assertTextIncludes('is known on the computer alone')
    asked.assertTextIncludes('Paused until ')
    assert.notInclude(asked.text(), 'on the computer alone')
  })

  test('is told to nobody else, nor of another day', async ({ client, assert }) => {
    const other = await makeUser('member')
    const nothing = await client.get('/me/now').loginAs(other)
    const yesterday = await client.get('/me/days/2026-11-19').loginAs(dana)

    nothing.assertTextIncludes('No computer is enrolled for you')
    assert.notInclude(nothing.text(), agent.name)
    assert.notInclude(yesterday.text(), 'Captured right now')
  })
})
