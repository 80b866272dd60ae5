import { cleanDatabase } from '#tests/support/clean'
import { gap, heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { gzipSync } from 'node:zlib'

test.group('POST /api/observations', (group) => {
  cleanDatabase(group)

  test('answers for each event in order, and a bad one fails no other', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const [good, bad, other] = [heartbeat(1), { ...heartbeat(2), state: 'asleep' }, gap(3)]
    const events = [good, bad, other, { kind: 'keystrokes' }]

    const answer = await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: events })

    answer.assertStatus(200)
    assert.containSubset(answer.body().results, [
      { id: good.id, result: 'created' },
      { id: bad.id, result: 'rejected', code: 'E_INVALID', field: 'state' },
      { id: other.id, result: 'created' },
      { id: null, result: 'rejected', field: 'kind' },
    ])
    assert.lengthOf(await db.from('heartbeats'), 1)
    assert.lengthOf(await db.from('gaps'), 1)
  })

  test('stores an event that is sent three times once', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const event = heartbeat(1)

    const results = []
    for (let time = 0; time < 3; time += 1) {
      const answer = await client
        .post('/api/observations')
        .bearerToken(token)
        .json({ observations: [event] })
      results.push(answer.body().results[0].result)
    }

    assert.deepEqual(results, ['created', 'duplicate', 'duplicate'])
    assert.lengthOf(await db.from('heartbeats'), 1)
  })

  test('stores an event once when two requests bring it at the same time', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const event = heartbeat(1)
    const send = () =>
      client
        .post('/api/observations')
        .bearerToken(token)
        .json({ observations: [event, event] })

    const answers = await Promise.all(Array.from({ length: 8 }, send))

    const results = answers.flatMap((answer) =>
      answer.body().results.map(({ result }: { result: string }) => result)
    )
    assert.lengthOf(
      results.filter((result) => result === 'created'),
      1
    )
    assert.lengthOf(
      results.filter((result) => result === 'duplicate'),
      15
    )
    assert.lengthOf(await db.from('heartbeats'), 1)
  })

  test('says conflict where an id or a sequence number has other content', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const first = heartbeat(1)
    await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: [first] })

    const answer = await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: [{ ...first, state: 'afk' }, gap(1)] })

    assert.containSubset(answer.body().results, [
      { result: 'conflict', code: 'E_CONFLICT', field: 'id' },
      { result: 'conflict', code: 'E_CONFLICT', field: 'seq' },
    ])
    assert.lengthOf(await db.from('gaps'), 0)
  })

  test('lets two agents have the same sequence numbers', async ({ client }) => {
    for (const { token } of [await makeAgent(), await makeAgent()]) {
      const answer = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
      answer.assertStatus(201)
    }
  })

  test('inflates a gzip body', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const body = gzipSync(JSON.stringify({ observations: [heartbeat(1)] }))

    const answer = await client
      .post('/api/observations')
      .bearerToken(token)
      .header('content-type', 'application/json')
      .header('content-encoding', 'gzip')
      .setup((request) => {
        request.request.serialize((value: Buffer) => value as never)
      })
      .json(body)

    answer.assertStatus(200)
    assert.equal(answer.body().results[0].result, 'created')
  })

  test('refuses a gzip body that inflates beyond the limit', async ({ client }) => {
    const { token } = await makeAgent()
    const bomb = gzipSync(Buffer.alloc(20_000_000, ' '))

    const answer = await client
      .post('/api/observations')
      .bearerToken(token)
      .header('content-type', 'application/json')
      .header('content-encoding', 'gzip')
      .setup((request) => {
        request.request.serialize((value: Buffer) => value as never)
      })
      .json(bomb)

    answer.assertStatus(413)
    answer.assertBodyContains({ error: { code: 'E_TOO_LARGE', field: 'body' } })
  })

  test('takes a hundred events and refuses a hundred and one', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const events = Array.from({ length: 101 }, (_, index) => gap(index + 1))

    const refused = await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: events })
    const taken = await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: events.slice(0, 100) })

    refused.assertStatus(422)
    refused.assertBodyContains({ error: { field: 'observations' } })
    taken.assertStatus(200)
    assert.lengthOf(await db.from('gaps'), 100)
  })

  test('notes when the agent was heard and how it is', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const before = Date.now()

    await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: [heartbeat(1)] })

    await agent.refresh()
    assert.equal(agent.state, 'active')
    assert.equal(agent.intervalSeconds, 30)
    assert.isAtLeast(agent.lastSeenAt ?? 0, before)
    assert.equal(agent.presenceAt(Date.now()), 'online')
    assert.equal(agent.presenceAt(Date.now() + 91_000), 'offline')
  })
})

test.group('GET /api/heartbeats', (group) => {
  cleanDatabase(group)

  test('gives a heartbeat as it was sent, with its offset kept', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent, token } = await makeAgent(owner)
    const sent = heartbeat(1)
    await client.post('/api/heartbeats').bearerToken(token).json(sent)

    const answer = await client.get(`/api/heartbeats/${sent.id}`).bearerToken(await tokenOf(owner))

    answer.assertStatus(200)
    const { received_at: receivedAt, ...body } = answer.body()
    assert.deepEqual(body, {
      ...sent,
      agent_id: agent.id,
      captured_at: '2026-11-22T11:00:00.123+01:00',
    })
    assert.isAbove(Date.parse(receivedAt), 0)
  })

  test('pages through all of them by key, newest first, each once', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { token } = await makeAgent(owner)
    const start = Date.parse('2026-11-22T10:00:00.000Z')
    const sent = Array.from({ length: 25 }, (_, index) =>
      heartbeat(index + 1, {
        captured_at: new Date(start + Math.floor(index / 3) * 1000).toISOString(),
      })
    )
    await client.post('/api/observations').bearerToken(token).json({ observations: sent })
    const bearer = await tokenOf(owner)

    const seen: string[] = []
    let address: string | null = '/api/heartbeats?limit=4'
    let pages = 0
    while (address) {
      const page: { body(): { data: { id: string }[]; next: string | null } } = await client
        .get(address)
        .bearerToken(bearer)
      seen.push(...page.body().data.map(({ id }) => id))
      address = page.body().next
      pages += 1
    }

    assert.equal(pages, 7)
    assert.lengthOf(new Set(seen), 25)
    assert.sameMembers(
      seen,
      sent.map(({ id }) => id)
    )
  })

  test('filters by agent and by time, the end not included', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const [one, other] = [await makeAgent(), await makeAgent()]
    for (const [hour, { token }] of [one, one, other].entries()) {
      const captured = `2026-11-22T1${hour}:00:00.000Z`
      await client
        .post('/api/heartbeats')
        .bearerToken(token)
        .json(heartbeat(hour + 1, { captured_at: captured }))
    }
    const bearer = await tokenOf(owner)
    const count = async (query: string) => {
      const answer = await client.get(`/api/heartbeats?${query}`).bearerToken(bearer)
      return answer.body().data.length
    }

    assert.equal(await count(`agent=${one.agent.id}`), 2)
    assert.equal(await count('from=2026-11-22T11:00:00Z'), 2)
    assert.equal(await count('from=2026-11-22T10:00:00Z&to=2026-11-22T12:00:00Z'), 2)
  })

  test('names a filter that cannot be read', async ({ client }) => {
    const bearer = await tokenOf(await makeUser('owner'))

    for (const [query, field] of [
      ['from=yesterday', 'from'],
      ['agent=x', 'agent'],
      ['limit=0', 'limit'],
      ['cursor=1', 'cursor'],
    ]) {
      const answer = await client.get(`/api/heartbeats?${query}`).bearerToken(bearer)
      answer.assertStatus(422)
      answer.assertBodyContains({ error: { code: 'E_INVALID', field } })
    }
  })
})

test.group('GET /api/agents/:id/gaps', (group) => {
  cleanDatabase(group)

  test('names the sequence numbers that are missing', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent, token } = await makeAgent()
    const present = [2, 3, 7, 8, 12]
    await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: present.map((seq) => (seq % 2 ? gap(seq) : heartbeat(seq))) })

    const answer = await client
      .get(`/api/agents/${agent.id}/gaps`)
      .bearerToken(await tokenOf(owner))

    assert.deepEqual(answer.body().missing, [
      { from: 1, to: 1 },
      { from: 4, to: 6 },
      { from: 9, to: 11 },
    ])
  })
})
