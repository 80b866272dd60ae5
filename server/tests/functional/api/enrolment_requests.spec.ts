import Agent from '#models/agent'
import EnrolmentRequest from '#models/enrolment_request'
import {
  confirmRequest,
  forgetRequests,
  openRequest,
  refuseRequest,
} from '#services/enrolment_requests'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'

const MACHINE = { host: 'dana-laptop', platform: 'linux', agent_version: '0.1.0' }
const HOUR_MS = 3_600_000

const ask = (client: ApiClient, changes = {}) =>
  client.post('/api/enrolments/requests').json({ ...MACHINE, ...changes })

const poll = (client: ApiClient, deviceCode: string, proof = {}) =>
  client.post('/api/enrolments/requests/poll').json({ device_code: deviceCode, ...proof })

/** Somebody who may confirm. */
async function office() {
  return { user: await makeUser('admin'), address: '192.0.2.9' }
}

test.group('POST /api/enrolments/requests', (group) => {
  cleanDatabase(group)

  test('gives a code to show, the address of its page, and a secret to ask with', async ({
    client,
    assert,
  }) => {
    const answer = await ask(client)

    answer.assertStatus(201)
    const { user_code: code, verification_uri: uri, expires_at: expires } = answer.body()
    assert.match(code, /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/)
    assert.match(uri, new RegExp(`^https?://.+/enrol/${code}$`))
    assert.equal(answer.body().interval, 5)
    const [row] = await db.from('enrolment_requests')
    assert.equal(Number(row.expires_at), Date.parse(expires))
    assert.equal(Number(row.expires_at) - Number(row.asked_at), 600_000)
    assert.notInclude(JSON.stringify(row), answer.body().device_code)
  })

  test('keeps so many open requests of an address and no more; those of others go on', async ({
    client,
    assert,
  }) => {
    await openRequest(MACHINE, '127.0.0.1')
    const row = await db.from('enrolment_requests').firstOrFail()
    await db.table('enrolment_requests').multiInsert(
      Array.from({ length: 49 }, (_value, index) => ({
        ...row,
        id: row.id + 1 + index,
        user_code: `BBBBBB${String.fromCharCode(66 + Math.floor(index / 10))}${index % 10}`,
        hash: `${index}`,
      }))
    )

    const refused = await ask(client)
    await openRequest(MACHINE, '192.0.2.2')
    await db.from('enrolment_requests').where('hash', '0').update({ expires_at: 1 })
    const again = await ask(client)

    refused.assertStatus(429)
    refused.assertBodyContains({ error: { code: 'E_TOO_MANY_REQUESTS' } })
    assert.isAbove(Number(refused.header('retry-after')), 0)
    again.assertStatus(201)
  })

  test('answers 429 to the twenty-first of an address in a minute', async ({ client }) => {
    for (let time = 0; time < 20; time += 1) {
      await ask(client)
    }

    const answer = await ask(client)

    answer.assertStatus(429)
  })
})

test.group('POST /api/enrolments/requests/poll', (group) => {
  cleanDatabase(group)

  test('says that it waits, and to slow down to who asks too early', async ({ client, assert }) => {
    const { deviceCode } = await openRequest(MACHINE, '192.0.2.1')

    const first = await poll(client, deviceCode)
    const early = await poll(client, deviceCode)
    const earlier = await poll(client, deviceCode)
    await db.from('enrolment_requests').update({ polled_at: Date.now() - 20_000 })
    const patient = await poll(client, deviceCode)

    for (const answer of [first, early, earlier, patient]) {
      answer.assertStatus(202)
    }
    assert.deepEqual(
      [first, early, earlier, patient].map((answer) => answer.body()),
      [
        { status: 'pending', interval: 5 },
        { status: 'slow_down', interval: 10 },
        { status: 'slow_down', interval: 15 },
        { status: 'pending', interval: 15 },
      ]
    )
  })

  test('gives the identity once that it is confirmed, and never again', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { deviceCode, request } = await openRequest({ ...MACHINE, name: 'desk 4' }, '192.0.2.1')
    const acknowledgement = {
      version: 3,
      text_sha256: 'a'.repeat(64),
      acknowledged_at: '2026-11-22T10:00:00.000Z',
      language: 'en',
    }

    assert.equal(await confirmRequest(request, dana, await office()), 'done')
    const answer = await poll(client, deviceCode, { acknowledgement })
    const again = await poll(client, deviceCode)

    answer.assertStatus(201)
    answer.assertBodyContains({
      agent: { name: 'desk 4', site: 'default', person: dana.fullName },
      seq: 0,
    })
    assert.match(answer.body().token, /^wsa_/)
    const agent = await Agent.firstOrFail()
    assert.containSubset(agent.$attributes, { host: 'dana-laptop', personId: dana.id })
    assert.lengthOf(await db.from('acknowledgements').where('person_id', dana.id), 1)
    const heard = await client.get('/api/agents/me').bearerToken(answer.body().token)
    heard.assertStatus(200)
    again.assertStatus(403)
    again.assertBodyContains({ error: { code: 'E_CODE_REFUSED' } })
  })

  test('gives the same agent back to a machine that was one', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const before = await makeAgent(dana)
    const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
    await confirmRequest(request, dana, await office())

    const answer = await poll(client, deviceCode, { previous_token: before.token })

    answer.assertStatus(201)
    assert.equal(answer.body().agent.id, before.agent.id)
    assert.lengthOf(await Agent.all(), 1)
  })

  test('of twenty questions at once gives one the identity', async ({ client, assert }) => {
    const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
    await confirmRequest(request, null, await office())

    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(client, deviceCode)))

    const statuses = answers.map((answer) => answer.status()).sort()
    assert.deepEqual(statuses, [201, ...Array.from({ length: 19 }, () => 403)])
    assert.lengthOf(await Agent.all(), 1)
    assert.lengthOf(await db.from('agent_access_tokens'), 1)
  })

  test('of two confirmations and a refusal at once one holds', async ({ client, assert }) => {
    const people = [await makeUser('member'), await makeUser('member')] as const
    const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
    const actor = await office()

    const found = await Promise.all([
      confirmRequest(request, people[0], actor),
      confirmRequest(request, people[1], actor),
      refuseRequest(request, actor),
    ])

    assert.lengthOf(
      found.filter((one) => one === 'done'),
      1
    )
    assert.lengthOf(await db.from('audit_log').where('action', 'like', 'code.%'), 1)
    const answer = await poll(client, deviceCode)
    answer.assertStatus(found[2] === 'done' ? 403 : 201)
    assert.isAtMost((await db.from('enrolment_codes')).length, 1)
  })

  test('tells {what} by {status} {code}')
    .with([
      {
        what: 'a refusal',
        status: 403,
        code: 'E_REQUEST_REFUSED',
        make: async () => {
          const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
          await refuseRequest(request, await office())
          return deviceCode
        },
      },
      {
        what: 'a request that is over',
        status: 410,
        code: 'E_REQUEST_EXPIRED',
        make: async () => {
          const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
          await request.merge({ expiresAt: Date.now() - 1 }).save()
          return deviceCode
        },
      },
      {
        what: 'a confirmation that was not used in time',
        status: 403,
        code: 'E_CODE_REFUSED',
        make: async () => {
          const { deviceCode, request } = await openRequest(MACHINE, '192.0.2.1')
          await confirmRequest(request, null, await office())
          await db.from('enrolment_codes').update({ expires_at: Date.now() - 1 })
          return deviceCode
        },
      },
      {
        what: 'a secret that is none',
        status: 403,
        code: 'E_CODE_REFUSED',
        make: async () => 'wse_00000',
      },
    ])
    .run(async ({ client, assert }, { status, code, make }) => {
      const answer = await poll(client, await make())

      answer.assertStatus(status)
      answer.assertBodyContains({ error: { code } })
      assert.lengthOf(await Agent.all(), 0)
    })

  test('a request that is over is not confirmed any more', async ({ assert }) => {
    const { request } = await openRequest(MACHINE, '192.0.2.1')
    await request.merge({ expiresAt: Date.now() - 1 }).save()

    const found = await confirmRequest(request, null, await office())

    assert.equal(found, 'over')
    assert.lengthOf(await db.from('enrolment_codes'), 0)
  })

  test('a request for somebody is confirmed for nobody else', async ({ client, assert }) => {
    const [dana, other] = [await makeUser('member'), await makeUser('member')]
    const asked = { ...MACHINE, person: dana.email.toUpperCase() }
    const { deviceCode, request } = await openRequest(asked, '192.0.2.1')
    const actor = await office()

    const wrong = [
      await confirmRequest(request, other, actor),
      await confirmRequest(request, null, actor),
    ]
    const right = await confirmRequest(request, dana, actor)

    assert.deepEqual([...wrong, right], ['other person', 'other person', 'done'])
    const answer = await poll(client, deviceCode)
    answer.assertStatus(201)
    answer.assertBodyContains({ agent: { person: dana.fullName } })
  })

  test('what is over since a day is forgotten', async ({ assert }) => {
    const { request } = await openRequest(MACHINE, '192.0.2.1')

    await forgetRequests(request.expiresAt + 24 * HOUR_MS)
    const kept = await EnrolmentRequest.all()
    await forgetRequests(request.expiresAt + 24 * HOUR_MS + 1)

    assert.lengthOf(kept, 1)
    assert.lengthOf(await EnrolmentRequest.all(), 0)
  })
})
