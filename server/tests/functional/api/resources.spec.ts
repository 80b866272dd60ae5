import Agent from '#models/agent'
import { givePurpose } from '#services/purpose'
import EnrolmentCode from '#models/enrolment_code'
import { cleanDatabase } from '#tests/support/clean'
import { gap, heartbeat, presence, uuidv7, windowEvent } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import User from '#models/user'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'

const send = (client: ApiClient, token: string, observations: readonly unknown[]) =>
  client.post('/api/observations').bearerToken(token).json({ observations })

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 10, 0, seconds)).toISOString()

test.group('Activities', (group) => {
  cleanDatabase(group)

  test('takes one window or presence and gives it back as it came, in its own offset', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    const [window, there] = [windowEvent(1), presence(2)]

    for (const event of [window, there]) {
      const made = await client.post('/api/activities').bearerToken(token).json(event)
      const again = await client.post('/api/activities').bearerToken(token).json(event)
      made.assertStatus(201)
      again.assertStatus(200)
      const read = await client.get(`/api/activities/${event.id}`).bearerToken(bearer)
      const { received_at: received, agent_id: of, captured_at: time, ...rest } = read.body()
      const { captured_at: sent, ...facts } = event
      assert.deepEqual(rest, facts)
      assert.equal(of, agent.id)
      assert.equal(time, '2026-11-22T11:00:00.123+01:00')
      assert.equal(Date.parse(time), Date.parse(sent))
      assert.isString(received)
    }
  })

  test('refuses another kind and names it', async ({ client }) => {
    const { token } = await makeAgent()

    const answer = await client.post('/api/activities').bearerToken(token).json(heartbeat(1))

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { field: 'kind' } })
  })

  test('merges equal neighbours within their pulsetime, whatever order they came in', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    const span = (seq: number, second: number, title: string) =>
      windowEvent(seq, { captured_at: at(second), duration_ms: 10_000, pulsetime_ms: 5000, title })
    await send(client, token, [
      span(4, 45, 'a'),
      span(1, 0, 'a'),
      span(3, 30, 'b'),
      span(2, 12, 'a'),
      presence(5, { captured_at: at(20) }),
    ])

    const merged = await client
      .get(`/api/activities?agent=${agent.id}&kind=window&merged=true`)
      .bearerToken(bearer)
    const raw = await client.get(`/api/activities?agent=${agent.id}`).bearerToken(bearer)

    type Joined = { title: string; duration_ms: number; events: number; captured_at: string }
    assert.deepEqual(
      merged
        .body()
        .data.map(({ title, duration_ms: ms, events }: Joined) => [title, ms / 1000, events]),
      [
        ['a', 10, 1],
        ['b', 10, 1],
        ['a', 22, 2],
      ]
    )
    assert.lengthOf(raw.body().data, 5)
  })

  test('merged pages join to what one page says', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    const events = Array.from({ length: 20 }, (_, index) =>
      windowEvent(index + 1, {
        captured_at: at(index * 2),
        duration_ms: 2000,
        pulsetime_ms: 1000,
        title: `title ${Math.floor(index / 4)}`,
      })
    )
    await send(client, token, events)
    const address = `/api/activities?agent=${agent.id}&kind=window&merged=true`

    const whole = await client.get(address).bearerToken(bearer)
    const parts: unknown[] = []
    let next: string | null = `${address}&limit=2`
    while (next) {
      const page: { data: unknown[]; next: string | null } = (
        await client.get(next).bearerToken(bearer)
      ).body()
      parts.push(...page.data)
      next = page.next
    }

    assert.lengthOf(whole.body().data, 5)
    assert.deepEqual(parts, whole.body().data)
  })

  test('of others need a purpose, which the person reads with the look', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const { agent, token } = await makeAgent(person)
    const bearer = await tokenOf(await makeUser('manager', 'North'))
    const event = windowEvent(1)
    await send(client, token, [event])
    const get = (path: string) => client.get(path).bearerToken(bearer)

    const all = await get('/api/activities')
    const without = await get(`/api/activities?agent=${agent.id}`)
    const one = await get(`/api/activities/${event.id}`)
    const looks = await db.from('audit_log')
    const given = await get(`/api/activities?agent=${agent.id}`).header('x-purpose', 'payroll')
    const after = await get(`/api/activities/${event.id}`)

    all.assertStatus(428)
    without.assertStatus(428)
    one.assertStatus(428)
    assert.lengthOf(looks, 0)
    assert.lengthOf(given.body().data, 1)
    after.assertStatus(200)
    assert.deepEqual(
      (await db.from('audit_log').orderBy('id')).map((look) => [look.action, look.object_id]),
      [
        ['activities', 'list'],
        ['activities', event.id],
      ]
    )
  })

  test('of others are a list with a purpose for everybody whom it covers, who read that it was looked at', async ({
    client,
    assert,
  }) => {
    const [north, also, south] = [
      await makeUser('member', 'North'),
      await makeUser('member', 'North'),
      await makeUser('member', 'South'),
    ]
    for (const person of [north, also, south]) {
      const { token } = await makeAgent(person)
      await send(client, token, [windowEvent(1), windowEvent(2)])
    }
    const bearer = await tokenOf(await makeUser('manager', 'North'))
    const get = () => client.get('/api/activities').bearerToken(bearer)

    const given = await get().header('x-purpose', 'weekly 1:1')
    const later = await get()

    assert.lengthOf(given.body().data, 4)
    assert.lengthOf(later.body().data, 4)
    const looks = await db.from('audit_log').orderBy('id')
    assert.deepEqual(
      looks.map((look) => [look.action, look.person_id, look.purpose]).sort(),
      [north.id, also.id]
        .flatMap((id) => [id, id])
        .map((id) => ['activities', id, 'weekly 1:1'])
        .sort()
    )
  })

  test('asks for the agent and the kind to merge', async ({ client }) => {
    const bearer = await tokenOf(await makeUser('owner'))

    const answer = await client.get('/api/activities?merged=true').bearerToken(bearer)

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { field: 'agent' } })
  })
})

test.group('Lists', (group) => {
  cleanDatabase(group)

  test('go by pages whose next address stands in the body and in the Link header', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await send(
      client,
      token,
      [1, 2, 3, 4, 5].map((seq) => gap(seq))
    )

    const ids: string[] = []
    let next: string | null = '/api/gaps?limit=2'
    let pages = 0
    while (next) {
      const answer = await client.get(next).bearerToken(bearer)
      const body: { data: { id: string }[]; next: string | null } = answer.body()
      ids.push(...body.data.map(({ id }) => id))
      assert.equal(answer.header('link') ?? null, body.next ? `<${body.next}>; rel="next"` : null)
      next = body.next
      pages += 1
    }

    assert.equal(pages, 3)
    assert.lengthOf(new Set(ids), 5)
  })

  test('filter by agent, person, team, time and kind', async ({ client, assert }) => {
    const north = await makeUser('member', 'North')
    const south = await makeUser('member', 'South')
    const [one, other] = [await makeAgent(north), await makeAgent(south)]
    const owner = await makeUser('owner')
    const bearer = await tokenOf(owner)
    await givePurpose(owner, north.id, 'a test')
    await givePurpose(owner, south.id, 'a test')
    await send(client, one.token, [
      windowEvent(1, { captured_at: at(1) }),
      presence(2, { captured_at: at(2) }),
    ])
    await send(client, other.token, [windowEvent(1, { captured_at: at(3) })])
    const count = async (query: string) =>
      (await client.get(`/api/activities?${query}`).bearerToken(bearer)).body().data.length

    assert.equal(await count(''), 3)
    assert.equal(await count(`agent=${one.agent.id}`), 2)
    assert.equal(await count(`person=${south.id}`), 1)
    assert.equal(await count(`team=${north.teamId}`), 2)
    assert.equal(await count('kind=presence'), 1)
    assert.equal(await count(`from=${at(2)}`), 2)
    assert.equal(await count(`to=${at(2)}`), 1)
    assert.equal(await count(`team=${north.teamId}&kind=window&from=${at(0)}&to=${at(9)}`), 1)
  })

  test('of agents and people filter by team, and go by pages', async ({ client, assert }) => {
    const people = [
      await makeUser('member', 'North'),
      await makeUser('member', 'North'),
      await makeUser('member', 'South'),
    ]
    for (const person of people) {
      await makeAgent(person)
    }
    const bearer = await tokenOf(await makeUser('owner'))
    const team = people[0]?.teamId

    for (const kind of ['agents', 'people']) {
      const first = await client.get(`/api/${kind}?team=${team}&limit=1`).bearerToken(bearer)
      const second = await client.get(first.body().next).bearerToken(bearer)
      assert.lengthOf(first.body().data, 1)
      assert.lengthOf(second.body().data, 1)
      assert.isNull(second.body().next)
      assert.notDeepEqual(first.body().data, second.body().data)
    }
  })

  test('ask the database as often for three rows as for one', async ({ client, assert }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const connection = db.connection().getReadClient()
    const queries = async (path: string) => {
      let count = 0
      const listen = () => (count += 1)
      connection.on('query', listen)
      const answer = await client.get(path).bearerToken(bearer)
      connection.off('query', listen)
      answer.assertStatus(200)
      return count
    }
    const grow = async (name: string) => {
      const person = await makeUser('manager', name)
      await send(client, (await makeAgent(person)).token, [gap(1), heartbeat(2)])
    }
    await grow('first')
    await client.get('/api/teams').bearerToken(bearer)
    const paths = ['agents', 'people', 'teams', 'gaps', 'heartbeats'].map((name) => `/api/${name}`)
    const before = new Map<string, number>()
    for (const path of paths) {
      before.set(path, await queries(path))
    }

    await grow('second')
    await grow('third')

    for (const path of paths) {
      assert.isAbove(before.get(path) ?? 0, 1, path)
      assert.equal(await queries(path), before.get(path), path)
    }
  })

  test('answer 304 to who has them already, and 200 when something is new', async ({ client }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await send(client, token, [gap(1)])
    const first = await client.get('/api/gaps').bearerToken(bearer)
    const tag = first.header('etag') ?? ''

    const same = await client.get('/api/gaps').bearerToken(bearer).header('if-none-match', tag)
    await send(client, token, [gap(2)])
    const changed = await client.get('/api/gaps').bearerToken(bearer).header('if-none-match', tag)

    same.assertStatus(304)
    changed.assertStatus(200)
    first.assertHeader('cache-control', 'private, no-cache')
  })

  test('answer under /api/v1 and with a trailing slash the same', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await send(client, token, [gap(1)])

    const plain = await client.get('/api/gaps').bearerToken(bearer)
    for (const path of ['/api/gaps/', '/api/v1/gaps', '/api/v1/gaps/']) {
      const answer = await client.get(path).bearerToken(bearer)
      answer.assertStatus(200)
      assert.deepEqual(answer.body(), plain.body())
    }
    const unknown = await client.get('/api/v1').bearerToken(bearer)
    unknown.assertStatus(404)
  })

  test('say what was given up and what was deleted', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await send(client, token, [
      {
        ...gap(1),
        ...{ kind: 'eviction', what: undefined, from: undefined, until: undefined },
        evicted_id: uuidv7(),
        evicted_seq: 7,
        evicted_kind: 'screenshot',
        evicted_captured_at: at(0),
        bytes: 512,
        cause: 'quota',
      },
    ])
    await db.table('deletions').insert({
      id: uuidv7(),
      agent_id: agent.id,
      seq: 9,
      kind: 'screenshot',
      captured_at: Date.parse('2026-11-22T10:20:00Z'),
      utc_offset_minutes: 330,
      deleted_at: Date.now(),
      content_sha256: '0'.repeat(64),
    })

    const evictions = await client.get('/api/evictions?kind=screenshot').bearerToken(bearer)
    const deletions = await client.get(`/api/deletions?agent=${agent.id}`).bearerToken(bearer)

    assert.equal(evictions.body().data[0].evicted_seq, 7)
    assert.equal(deletions.body().data[0].seq, 9)
    assert.equal(deletions.body().data[0].captured_at, '2026-11-22T15:50:00.000+05:30')
  })
})

test.group('Tokens', (group) => {
  cleanDatabase(group)

  test('are made with a name, abilities and an end, shown once, listed and revoked', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('member'))

    const made = await client
      .post('/api/tokens')
      .bearerToken(bearer)
      .json({ name: 'reports', abilities: ['read'], expires_in_days: 7 })
    made.assertStatus(201)
    const list = await client.get('/api/tokens').bearerToken(made.body().token)
    const days = (Date.parse(made.body().expires_at) - Date.now()) / 86_400_000
    const revoked = await client.delete(`/api/tokens/${made.body().id}`).bearerToken(bearer)
    const after = await client.get('/api/tokens').bearerToken(made.body().token)

    assert.closeTo(days, 7, 0.1)
    assert.lengthOf(list.body().data, 2)
    assert.notInclude(list.text(), made.body().token)
    revoked.assertStatus(204)
    after.assertStatus(401)
  })

  test('that may only read change nothing, and make none that may do more', async ({
    client,
    assert,
  }) => {
    const user = await makeUser('owner')
    const reading = await User.accessTokens.create(user, ['read'])
    const writing = await User.accessTokens.create(user, ['write'])
    const make = (token: string, abilities: string[]) =>
      client.post('/api/tokens').bearerToken(token).json({ name: 'more', abilities })

    const refused = await make(reading.value?.release() ?? '', ['write'])
    const wider = await make(writing.value?.release() ?? '', ['read', 'write'])
    const team = await client
      .post('/api/teams')
      .bearerToken(reading.value?.release() ?? '')
      .json({ name: 'North' })

    refused.assertStatus(403)
    team.assertStatus(403)
    wider.assertStatus(422)
    wider.assertBodyContains({ error: { field: 'abilities' } })
    assert.lengthOf(await db.from('user_access_tokens'), 2)
  })

  test('of another person are neither seen nor revoked', async ({ client, assert }) => {
    const other = await User.accessTokens.create(await makeUser('owner'), ['read'])
    const bearer = await tokenOf(await makeUser('owner'))

    const list = await client.get('/api/tokens').bearerToken(bearer)
    const revoked = await client.delete(`/api/tokens/${other.identifier}`).bearerToken(bearer)

    assert.lengthOf(list.body().data, 1)
    revoked.assertStatus(404)
  })
})

test.group('Enrolment codes', (group) => {
  cleanDatabase(group)

  test('are shown once, let a computer in, and say that they are used', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('admin'))
    const person = await makeUser('member')
    const made = await client
      .post('/api/enrolment-codes')
      .bearerToken(bearer)
      .json({ person_id: person.id, name: 'laptop', ttl_minutes: 5 })
    const { id, code, line } = made.body()

    const enrolled = await client
      .post('/api/enrolments')
      .json({ code, host: 'laptop', platform: 'linux', agent_version: '0.1.0' })
    const shown = await client.get(`/api/enrolment-codes/${id}`).bearerToken(bearer)

    made.assertStatus(201)
    enrolled.assertStatus(201)
    assert.include(line, code)
    assert.equal(enrolled.body().agent.person, person.fullName)
    assert.equal(shown.body().state, 'used')
    assert.notInclude(shown.text(), code)
    assert.notInclude(JSON.stringify(await db.from('enrolment_codes')), code)
  })

  test('that are revoked let nobody in, and stay listed', async ({ client, assert }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const made = await client.post('/api/enrolment-codes').bearerToken(bearer).json({})
    const { id, code } = made.body()

    const revoked = await client.delete(`/api/enrolment-codes/${id}`).bearerToken(bearer)
    const answer = await client
      .post('/api/enrolments')
      .json({ code, host: 'laptop', platform: 'linux', agent_version: '0.1.0' })

    revoked.assertStatus(204)
    answer.assertStatus(403)
    const [listed] = (await client.get('/api/enrolment-codes').bearerToken(bearer)).body().data
    assert.equal(listed.state, 'revoked')
    assert.lengthOf(await EnrolmentCode.all(), 1)
    assert.lengthOf(await Agent.all(), 0)
  })
})

test.group('Teams', (group) => {
  cleanDatabase(group)

  test('are made, renamed, given managers and removed; their people stay', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('admin'))
    const manager = await makeUser('manager')
    const made = await client.post('/api/teams').bearerToken(bearer).json({ name: 'North' })
    const path = `/api/teams/${made.body().id}`
    const person = await makeUser('member', 'North')

    const changed = await client
      .patch(path)
      .bearerToken(bearer)
      .json({ name: 'Northern', manager_ids: [manager.id] })
    const seen = await client.get('/api/teams').bearerToken(await tokenOf(manager))
    const removed = await client.delete(path).bearerToken(bearer)

    made.assertStatus(201)
    assert.deepEqual(changed.body().managers, [{ id: manager.id, full_name: manager.fullName }])
    assert.equal(seen.body().data[0].name, 'Northern')
    removed.assertStatus(204)
    await person.refresh()
    assert.isNull(person.teamId)
  })

  test('have names of their own, and managers who are', async ({ client, assert }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const member = await makeUser('member', 'North')

    const taken = await client.post('/api/teams').bearerToken(bearer).json({ name: 'North' })
    const wrong = await client
      .post('/api/teams')
      .bearerToken(bearer)
      .json({ name: 'South', manager_ids: [member.id] })

    taken.assertStatus(409)
    taken.assertBodyContains({ error: { code: 'E_NAME_TAKEN', field: 'name' } })
    wrong.assertStatus(422)
    wrong.assertBodyContains({ error: { field: 'manager_ids' } })
    assert.lengthOf(await db.from('teams'), 1)
  })
})

test.group('DELETE /api/agents/:id', (group) => {
  cleanDatabase(group)

  test('revokes the agent and keeps what it observed', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('admin'))
    await send(client, token, [gap(1)])

    const revoked = await client.delete(`/api/agents/${agent.id}`).bearerToken(bearer)
    const after = await send(client, token, [gap(2)])

    revoked.assertStatus(204)
    after.assertStatus(401)
    const shown = await client.get(`/api/agents/${agent.id}`).bearerToken(bearer)
    assert.equal(shown.body().presence, 'revoked')
    assert.lengthOf(await db.from('gaps'), 1)
  })
})
