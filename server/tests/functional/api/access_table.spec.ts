import { ACCESS, AUDIENCES, expected, type Audience } from '#tests/support/access_table'
import { AccessWorld } from '#tests/support/access_world'
import { emptyTables } from '#tests/support/clean'
import { makeAgent } from '#tests/support/people'
import { heartbeat } from '#tests/support/observations'
import { refusalRate } from '#services/rates'
import Agent from '#models/agent'
import User from '#models/user'
import router from '@adonisjs/core/services/router'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { randomBytes } from 'node:crypto'

const withoutQuery = (path: string) => path.replace(/\?.*/, '')

/** Lists that hold records of people, and how one finds those of `self` in them. */
const LISTS = [
  'agents',
  'heartbeats',
  'activities',
  'screenshots',
  'recordings',
  'gaps',
  'evictions',
  'deletions',
]

test.group('Routes and audiences', (group) => {
  let world: AccessWorld

  group.setup(async () => {
    await emptyTables()
    world = await AccessWorld.make()
  })

  test('the table names every route under /api', ({ assert }) => {
    const named = ACCESS.map(({ method, path }) => {
      return `${method} ${withoutQuery(path).replace(/\{\w+\}|(?<=policies\/)person/g, '*')}`
    })
    const missing = Object.values(router.toJSON())
      .flat()
      .filter(({ pattern }) => pattern.startsWith('/api/'))
      .flatMap(({ pattern, methods }) =>
        methods
          .filter((method) => method !== 'HEAD')
          .map((method) => `${method} ${pattern.replace(/:\w+/g, '*')}`)
      )
      .filter((route) => !named.includes(route))

    assert.deepEqual(missing, [], 'add a row to server/tests/support/access_table.ts')
    assert.isTrue(
      ACCESS.every(({ cells }) => cells.trim().split(/\s+/).length === AUDIENCES.length)
    )
  })

  test('{method} {path} answers each audience as the table says')
    .with([...ACCESS])
    .run(async ({ client, assert }, row) => {
      const found: Record<string, number> = {}
      const written: Record<string, number> = {}
      for (const audience of AUDIENCES) {
        const answer = await world.ask(client, row, audience)
        found[audience] = answer.status()
        written[audience] = expected(row, audience)
      }
      assert.deepEqual(found, written)
    })

  test('lists hold nothing of a person whom one may not see, whatever they are filtered by', async ({
    client,
    assert,
  }) => {
    await world.ask(client, { method: 'POST', path: '/api/screenshots', cells: '' }, 'agent')
    await world.ask(client, { method: 'POST', path: '/api/recordings', cells: '' }, 'agent')
    const strangers: Audience[] = ['other member', 'other manager']

    for (const list of LISTS) {
      for (const filter of [
        '',
        `?person=${world.self.id}`,
        `?team=${world.self.teamId}`,
        ...(list === 'agents' ? [] : [`?agent=${world.agentId}`]),
      ]) {
        for (const audience of strangers) {
          const path = `/api/${list}${filter}`
          const answer = await world.ask(client, { method: 'GET', path, cells: '' }, audience)
          answer.assertStatus(200)
          assert.deepEqual(answer.body().data, [], `${audience}: ${path}`)
        }
      }
    }
  })
})

/** What somebody without a valid token may send. */
function wrongTokens(token: string): string[] {
  const [prefix = '', identifier = '', secret = ''] = token.split(/[_.]/)
  return [
    token.slice(0, -1),
    token.slice(0, Math.floor(token.length / 2)),
    `${token}0`,
    `${prefix}_${identifier}.`,
    `${prefix}_${identifier}.${'A'.repeat(secret.length)}`,
    `${prefix}_${Buffer.from('999999').toString('base64url')}.${secret}`,
    `${prefix === 'wsa' ? 'wsu' : 'wsa'}_${identifier}.${secret}`,
    `${prefix}_.${secret}`,
    prefix,
    'null',
  ]
}

const ROWS = ['agent_access_tokens', 'user_access_tokens', 'agents', 'heartbeats', 'audit_log']

async function rows() {
  const found: Record<string, unknown> = {}
  for (const table of ROWS) {
    found[table] = await db.from(table)
  }
  return found
}

test.group('Wrong tokens', (group) => {
  group.each.setup(emptyTables)

  test('forged, truncated and swapped ones are refused on both sides, and no row changes', async ({
    client,
    assert,
  }) => {
    const owner = await User.create({
      email: 'owner@example.test',
      fullName: 'Owner',
      password: 'correct-horse-battery',
      role: 'owner',
      timeZone: 'UTC',
    })
    const person = (await User.accessTokens.create(owner, ['read', 'write'])).value?.release() ?? ''
    const { token } = await makeAgent(owner)
    const before = await rows()

    for (const wrong of [...wrongTokens(token), ...wrongTokens(person)]) {
      const sent = await client.post('/api/heartbeats').bearerToken(wrong).json(heartbeat(1))
      const read = await client.get('/api/agents').bearerToken(wrong)
      sent.assertStatus(401)
      read.assertStatus(401)
    }

    assert.deepEqual(await rows(), before)
  })

  test('a thousand guesses change no row, and from the six hundredth on wait a minute', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const [start = ''] = token.split('.')
    await refusalRate.clear()
    const before = await rows()
    const statuses: Record<number, number> = {}

    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          client
            .post('/api/heartbeats')
            .bearerToken(`${start}.${randomBytes(20).toString('hex')}`)
            .json(heartbeat(1))
        )
      )
      for (const answer of answers) {
        statuses[answer.status()] = (statuses[answer.status()] ?? 0) + 1
      }
    }
    await refusalRate.clear()

    assert.deepEqual(statuses, { 401: 600, 429: 400 })
    assert.deepEqual(await rows(), before)
  }).timeout(60_000)

  test('expired ones are refused, and no row changes', async ({ client, assert }) => {
    const { agent } = await makeAgent()
    const expired = await Agent.accessTokens.create(agent, ['ingest'], { expiresIn: '1 minute' })
    await db
      .from('agent_access_tokens')
      .where('id', Number(expired.identifier))
      .update({ expires_at: new Date(Date.now() - 1000) })
    const before = await rows()

    const answer = await client
      .post('/api/heartbeats')
      .bearerToken(expired.value?.release() ?? '')
      .json(heartbeat(1))

    answer.assertStatus(401)
    assert.deepEqual(await rows(), before)
  })

  test('one that was used and then revoked by another process is refused a second later', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const used = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    used.assertStatus(201)

    await db.from('agents').where('id', agent.id).update({ revoked_at: Date.now() })
    await db.table('agent_changes').insert({ agent_id: agent.id, at: Date.now() })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const before = await rows()
    const answer = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))

    answer.assertStatus(401)
    assert.deepEqual(await rows(), before)
  })
})
