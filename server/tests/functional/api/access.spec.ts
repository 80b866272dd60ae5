import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import Agent from '#models/agent'
import router from '@adonisjs/core/services/router'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

/** Routes of people under /api, with the ids that a path needs. */
const PEOPLE = [
  ['GET', '/api/agents'],
  ['GET', '/api/agents/1'],
  ['GET', '/api/agents/1/gaps'],
  ['POST', '/api/agents'],
  ['GET', '/api/heartbeats'],
  ['GET', '/api/heartbeats/01a205a0-169d-7ed2-a685-a54551665e1c'],
  ['GET', '/api/screenshots'],
  ['GET', '/api/screenshots/01a205a0-169d-7ed2-a685-a54551665e1c'],
  ['DELETE', '/api/screenshots/01a205a0-169d-7ed2-a685-a54551665e1c'],
  ['GET', '/api/screenshots/01a205a0-169d-7ed2-a685-a54551665e1c/image'],
  ['GET', '/api/screenshots/01a205a0-169d-7ed2-a685-a54551665e1c/thumbnail'],
] as const

const INGEST = ['/api/observations', '/api/heartbeats', '/api/screenshots']

const WRONG_TOKENS = [
  'wsa_',
  'wsa_x',
  'wsa_MQ.AAAA',
  'wsu_MQ.AAAA',
  `wsa_${'A'.repeat(5000)}`,
  'wsa_OTk5OTk5OTk5OTk5OTk5OTk5OTk5.AAAA',
  'wsa_JyBvciAxPTE.AAAA',
]

test.group('Access', (group) => {
  cleanDatabase(group)

  test('every route declares who may use it', ({ assert }) => {
    router.commit()
    const undeclared = Object.values(router.toJSON())
      .flat()
      .filter((route) => {
        const declared = [...route.middleware.all()].some(
          (entry) => typeof entry === 'object' && entry.name === 'allow'
        )
        return !declared
      })
      .map((route) => route.pattern)

    assert.deepEqual(undeclared, [])
  })

  test('refuses everybody without a token with 401', async ({ client }) => {
    for (const [method, path] of [...PEOPLE, ...INGEST.map((route) => ['POST', route] as const)]) {
      const answer = await client.request(path, method)
      answer.assertStatus(401)
      answer.assertBodyContains({ error: { code: 'E_UNAUTHORIZED', field: 'authorization' } })
      answer.assertHeader('www-authenticate', 'Bearer realm="worksight"')
    }
  })

  test("refuses an agent's token on every route of people with 403", async ({ client }) => {
    const { token } = await makeAgent()

    for (const [method, path] of PEOPLE) {
      const answer = await client.request(path, method).bearerToken(token)
      answer.assertStatus(403)
    }
  })

  test("refuses a person's token on every route of agents with 403", async ({ client }) => {
    const bearer = await tokenOf(await makeUser('owner'))

    for (const path of INGEST) {
      const answer = await client.post(path).bearerToken(bearer)
      answer.assertStatus(403)
    }
  })

  test('refuses wrong tokens with 401 and changes no row', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const before = await db.from('agent_access_tokens')

    for (const wrong of [...WRONG_TOKENS, `${token}0`, token.slice(0, -1)]) {
      const answer = await client.post('/api/heartbeats').bearerToken(wrong).json(heartbeat(1))
      answer.assertStatus(401)
    }

    assert.deepEqual(await db.from('agent_access_tokens'), before)
    assert.lengthOf(await db.from('heartbeats'), 0)
  })

  test('writes the last use of a token once in five minutes', async ({ client, assert }) => {
    const { token } = await makeAgent()
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    const [first] = await db.from('agent_access_tokens')

    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))

    const [second] = await db.from('agent_access_tokens')
    assert.isNotNull(first.last_used_at)
    assert.deepEqual(second.last_used_at, first.last_used_at)
  })

  test('refuses a revoked agent, and what it sends is not stored', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    await agent.merge({ revokedAt: Date.now() }).save()

    const answer = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))

    answer.assertStatus(401)
    assert.lengthOf(await db.from('heartbeats'), 0)
  })

  test('refuses a disabled person', async ({ client }) => {
    const user = await makeUser('owner')
    const bearer = await tokenOf(user)
    await user.merge({ disabledAt: Date.now() }).save()

    const answer = await client.get('/api/agents').bearerToken(bearer)

    answer.assertStatus(401)
  })

  test('takes whose an observation is from the token, never from the body', async ({
    client,
    assert,
  }) => {
    const [mine, other] = [await makeAgent(), await makeAgent()]

    const answer = await client
      .post('/api/heartbeats')
      .bearerToken(mine.token)
      .json({ ...heartbeat(1), agent_id: other.agent.id })

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { code: 'E_INVALID', field: 'agent_id' } })
    assert.lengthOf(await db.from('heartbeats'), 0)
  })

  test('hides agents of other people behind 404', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const mine = await makeAgent(dana)
    const other = await makeAgent(await makeUser('member'))
    const bearer = await tokenOf(dana)

    const list = await client.get('/api/agents').bearerToken(bearer)
    const shown = await client.get(`/api/agents/${mine.agent.id}`).bearerToken(bearer)
    const hidden = await client.get(`/api/agents/${other.agent.id}`).bearerToken(bearer)
    const gaps = await client.get(`/api/agents/${other.agent.id}/gaps`).bearerToken(bearer)

    assert.deepEqual(
      list.body().data.map(({ id }: { id: number }) => id),
      [mine.agent.id]
    )
    shown.assertStatus(200)
    hidden.assertStatus(404)
    gaps.assertStatus(404)
  })

  test('lets owners and admins make an agent by hand, and nobody else', async ({
    client,
    assert,
  }) => {
    for (const role of ['owner', 'admin', 'manager', 'auditor', 'member'] as const) {
      const answer = await client
        .post('/api/agents')
        .bearerToken(await tokenOf(await makeUser(role)))
        .json({ name: `made by ${role}`, site: 'default' })
      answer.assertStatus(role === 'owner' || role === 'admin' ? 201 : 403)
    }
    assert.lengthOf(await Agent.all(), 2)
  })

  test('an agent made by hand can send with the token it was given', async ({ client }) => {
    const made = await client
      .post('/api/agents')
      .bearerToken(await tokenOf(await makeUser('owner')))
      .json({ name: 'kiosk', site: 'default' })

    const answer = await client
      .post('/api/heartbeats')
      .bearerToken(made.body().token)
      .json(heartbeat(1))

    answer.assertStatus(201)
  })

  test('accepts a trailing slash on every list', async ({ client }) => {
    const bearer = await tokenOf(await makeUser('owner'))

    for (const path of ['/api/agents/', '/api/heartbeats/', '/api/screenshots/']) {
      const answer = await client.get(path).bearerToken(bearer)
      answer.assertStatus(200)
    }
  })
})
