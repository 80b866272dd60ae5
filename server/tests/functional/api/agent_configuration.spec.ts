import Agent from '#models/agent'
import { agentChanges } from '#services/agent_changes'
import { publishVersion } from '#services/policy/store'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const publish = (values: object) =>
  publishVersion({
    subject: { level: 'organisation', id: 0 },
    values,
    locked: [],
    reason: 'a test',
    actor: 'command',
  })

const acknowledgement = (version: number) => ({
  version,
  text_sha256: 'a'.repeat(64),
  acknowledged_at: '2026-11-22T09:00:00.000Z',
  language: 'en',
})

test.group('GET /api/agents/me', (group) => {
  cleanDatabase(group)

  test('says who the agent is, what holds, and how far its numbers are here', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member')
    const { agent, token } = await makeAgent(person)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(4))

    const answer = await client.get('/api/agents/me').bearerToken(token)

    answer.assertStatus(200)
    assert.deepEqual(answer.body(), {
      agent: {
        id: agent.id,
        name: agent.name,
        site: 'default',
        person: person.fullName,
        time_zone: 'UTC',
      },
      policy: { version: 0, values: {} },
      acknowledged: null,
      paused_until: null,
      seq: 4,
    })
  })

  test('answers 304 while nothing changed, whatever was sent in between', async ({ client }) => {
    const { token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))

    const second = await client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))

    second.assertStatus(304)
  })

  test('holds the request for a change where it is asked to, and then says it at once', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)
    const waiting = client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=20')
      .then((answer) => answer)

    await new Promise((resolve) => setTimeout(resolve, 200))
    await publish({ 'screenshot.interval_seconds': 900 })
    const answer = await waiting

    answer.assertStatus(200)
    assert.equal(answer.header('preference-applied'), 'wait=20')
    assert.deepEqual(answer.body().policy.values, { 'screenshot.interval_seconds': 900 })
  })

  test('answers 304 when the time it was asked to wait is over', async ({ client }) => {
    const { token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)

    const answer = await client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=1')

    answer.assertStatus(304)
  })

  test('waits on after a change that is none to it, so that the next one is there at once', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)
    const waiting = client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=20')
      .then((answer) => answer)
    await new Promise((resolve) => setTimeout(resolve, 200))

    await agentChanges.announce(agent.id)
    await agentChanges.announce(null)
    await agent.merge({ pausedUntil: Date.now() + 3_600_000 }).save()
    const answer = await waiting

    answer.assertStatus(200)
    assert.isNotNull(answer.body().paused_until)
  })

  test('lets nobody wait on who was revoked', async ({ client }) => {
    const { agent, token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)
    const waiting = client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=20')
      .then((answer) => answer)
    await new Promise((resolve) => setTimeout(resolve, 200))

    await agent.merge({ revokedAt: Date.now() }).save()
    ;(await waiting).assertStatus(401)
  })

  test('hears of what another process wrote within a second', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const first = await client.get('/api/agents/me').bearerToken(token)
    const waiting = client
      .get('/api/agents/me')
      .bearerToken(token)
      .header('if-none-match', String(first.header('etag')))
      .header('prefer', 'wait=20')
      .then((answer) => answer)

    await new Promise((resolve) => setTimeout(resolve, 200))
    await db.from('agents').where('id', agent.id).update({ name: 'renamed elsewhere' })
    await db.table('agent_changes').insert({ agent_id: agent.id, at: Date.now() })

    assert.equal((await waiting).body().agent.name, 'renamed elsewhere')
  })
})

test.group('POST /api/agents/me/acknowledgements', (group) => {
  cleanDatabase(group)

  test('keeps who read which text and when, once', async ({ client, assert }) => {
    const person = await makeUser('member')
    const { agent, token } = await makeAgent(person)
    const send = () =>
      client.post('/api/agents/me/acknowledgements').bearerToken(token).json(acknowledgement(2))

    const answers = [await send(), await send()]

    assert.deepEqual(
      answers.map((answer) => answer.status()),
      [201, 200]
    )
    const rows = await db.from('acknowledgements')
    assert.lengthOf(rows, 1)
    assert.containSubset(rows[0], { agent_id: agent.id, person_id: person.id, version: 2 })
    const me = await client.get('/api/agents/me').bearerToken(token)
    assert.deepEqual(me.body().acknowledged, { version: 2, text_sha256: 'a'.repeat(64) })
  })

  test('refuses what is no acknowledgement', async ({ client }) => {
    const { token } = await makeAgent()
    const answer = await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json({ ...acknowledgement(1), text_sha256: 'no hash' })

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { field: 'text_sha256' } })
  })
})

test.group("An agent's token", (group) => {
  cleanDatabase(group)

  test('is refused at once after its agent was revoked, and changes nothing', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const send = (seq: number) =>
      client.post('/api/heartbeats').bearerToken(token).json(heartbeat(seq))
    const before = await send(1)
    await agent.merge({ revokedAt: Date.now() }).save()

    const after = await send(2)

    before.assertStatus(201)
    after.assertStatus(401)
    assert.lengthOf(await db.from('heartbeats'), 1)
  })

  test('is refused within a second after another process revoked it', async ({ client }) => {
    const { agent, token } = await makeAgent()
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    await db.from('agents').where('id', agent.id).update({ revoked_at: Date.now() })
    await db.table('agent_changes').insert({ agent_id: agent.id, at: Date.now() })

    await new Promise((resolve) => setTimeout(resolve, 600))
    const after = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))

    after.assertStatus(401)
  })

  test('that was believed asks the database nothing about itself', async ({ client, assert }) => {
    const { token } = await makeAgent()
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    const asked: string[] = []
    db.connection()
      .getWriteClient()
      .on('query', ({ sql }: { sql: string }) => asked.push(sql))

    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))
    db.connection().getWriteClient().removeAllListeners('query')

    assert.deepEqual(
      asked.filter((sql) => /access_tokens|from .agents/.test(sql)),
      []
    )
  })

  test('whose agent enrols again with it ends, and the agent stays the same', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member')
    const { agent, token } = await makeAgent(person)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(7))
    const { createEnrolmentCode } = await import('#services/enrolment')
    const { code } = await createEnrolmentCode({
      site: 'default',
      name: null,
      personId: person.id,
      createdBy: null,
      ttlMinutes: 10,
      uses: 1,
    })

    const answer = await client.post('/api/enrolments').json({
      code,
      host: agent.host,
      platform: 'linux',
      agent_version: '0.1.0',
      previous_token: token,
    })

    answer.assertStatus(201)
    assert.equal(answer.body().agent.id, agent.id)
    assert.equal(answer.body().seq, 7)
    assert.lengthOf(await Agent.all(), 1)
    const old = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(8))
    old.assertStatus(401)
    const fresh = await client
      .post('/api/heartbeats')
      .bearerToken(answer.body().token)
      .json(heartbeat(8))
    fresh.assertStatus(201)
  })
})
