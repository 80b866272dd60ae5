import { E_CODE_REFUSED } from '#exceptions/api_errors'
import Agent from '#models/agent'
import { createEnrolmentCode, enrol } from '#services/enrolment'
import { isDeeperThan } from '#services/json_depth'
import { refusalRate, tokenRate } from '#services/rates'
import { StorageAllowance, storageAllowance } from '#services/storage_allowance'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { describe, gap, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { request } from 'node:http'

const ADDRESS = '127.0.0.1'

test.group('Rates', (group) => {
  cleanDatabase(group)
  group.each.teardown(async () => {
    await refusalRate.clear()
    await tokenRate.clear()
  })

  test('let a token ask as often as it may, then answer 429 with Retry-After; others go on', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const other = await makeAgent()
    await tokenRate.set(`token_agent_${agent.id}`, tokenRate.requests - 1, '1 minute')
    const send = (bearer: string, seq: number) =>
      client
        .post('/api/observations')
        .bearerToken(bearer)
        .json({ observations: [gap(seq)] })

    const last = await send(token, 1)
    const refused = await send(token, 2)
    const unaffected = await send(other.token, 1)

    last.assertStatus(200)
    refused.assertStatus(429)
    refused.assertBodyContains({ error: { code: 'E_TOO_MANY_REQUESTS' } })
    assert.isAbove(Number(refused.header('retry-after')), 0)
    unaffected.assertStatus(200)
    assert.lengthOf(await db.from('gaps'), 2)
  })

  test('go by the address that is connected, and by a header that says one: {what}')
    .with([
      { what: '4000 letters', forwarded: 'a'.repeat(4000), address: ADDRESS },
      { what: 'SQL', forwarded: "1'; drop table audit_log; --", address: ADDRESS },
      { what: 'a long zone', forwarded: `fe80::1%${'z'.repeat(100)}`, address: ADDRESS },
      { what: 'an address', forwarded: '192.0.2.7', address: '192.0.2.7' },
    ])
    .run(async ({ client, assert }, { forwarded, address }) => {
      const bearer = await tokenOf(await makeUser('owner'))

      const made = await client
        .post('/api/teams')
        .bearerToken(bearer)
        .header('x-forwarded-for', forwarded)
        .json({ name: 'North' })

      made.assertStatus(201)
      const row = await db.from('audit_log').where('action', 'team.create').firstOrFail()
      assert.equal(row.address, address)
    })

  test('let an address guess as often as it may, and leave valid tokens of it alone', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    await refusalRate.set(`refused_${ADDRESS}`, refusalRate.requests - 1, '1 minute')

    const last = await client.get('/api/agents').bearerToken('wsu_MQ.guess')
    const refused = await client.get('/api/agents').bearerToken('wsu_MQ.guess')
    const valid = await client
      .post('/api/observations')
      .bearerToken(token)
      .json({ observations: [gap(1)] })

    last.assertStatus(401)
    refused.assertStatus(429)
    assert.isAbove(Number(refused.header('retry-after')), 0)
    valid.assertStatus(200)
  })
})

test.group('Depth of JSON', (group) => {
  cleanDatabase(group)

  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) })

  test('is counted in objects and lists', ({ assert }) => {
    assert.isFalse(isDeeperThan(deep(8), 8))
    assert.isTrue(isDeeperThan(deep(9), 8))
    assert.isTrue(isDeeperThan([[[[[[[[[]]]]]]]]], 8))
    assert.isFalse(isDeeperThan('text', 0))
  })

  test('is eight at the most: a ninth level is refused before the message is looked at', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const put = (values: unknown) =>
      client.put('/api/policies/organisation/0').bearerToken(bearer).json({ values })

    const eight = await put(deep(7))
    const nine = await put(deep(8))

    eight.assertStatus(422)
    nine.assertStatus(422)
    assert.notEqual(eight.body().error.field, 'body')
    assert.equal(nine.body().error.field, 'body')
  })
})

test.group('Storage of a day', (group) => {
  cleanDatabase(group)
  group.each.setup(() => stopClock())

  test('holds up to its last byte and not one more, counting what other processes stored', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const bytes = await picture()
    const sent = await client
      .post('/api/screenshots')
      .bearerToken(token)
      .field('observation', JSON.stringify(describe(1, bytes)))
      .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
    sent.assertStatus(201)

    const allowance = new StorageAllowance(bytes.length + 100)
    await allowance.require(agent.id, 100)
    await assert.rejects(() => allowance.require(agent.id, 101), /as many bytes today/)
    allowance.add(agent.id, 1)
    await assert.rejects(() => allowance.require(agent.id, 100), /as many bytes today/)
    await new StorageAllowance(0).require(agent.id, 1e15)
    await allowance.require(agent.id, 100, Date.now() + 86_400_000)
  })

  test('when it is used up is answered 507 with Retry-After until the next day, and nothing is stored', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const bytes = await picture()
    await storageAllowance.require(agent.id, 0)
    storageAllowance.add(agent.id, 1e15)

    const answer = await client
      .post('/api/screenshots')
      .bearerToken(token)
      .field('observation', JSON.stringify(describe(1, bytes)))
      .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })

    answer.assertStatus(507)
    answer.assertBodyContains({ error: { code: 'E_DAILY_STORAGE' } })
    assert.isAbove(Number(answer.header('retry-after')), 0)
    assert.isAtMost(Number(answer.header('retry-after')), 86_400)
    assert.lengthOf(await db.from('screenshots'), 0)
  })
})

test.group('Fifty redeems of one code', (group) => {
  cleanDatabase(group)

  const MACHINE = { host: 'laptop', platform: 'linux', agent_version: '0.1.0' }
  const single = () =>
    createEnrolmentCode({
      site: 'default',
      name: null,
      personId: null,
      createdBy: null,
      ttlMinutes: 10,
      uses: 1,
    })

  test('at once, let one computer in', async ({ assert }) => {
    const { code, enrolmentCode } = await single()

    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => enrol({ ...MACHINE, code }))
    )

    const refused = results.filter(
      (result) => result.status === 'rejected' && result.reason instanceof E_CODE_REFUSED
    )
    assert.lengthOf(refused, 49)
    assert.lengthOf(await Agent.all(), 1)
    assert.lengthOf(await db.from('agent_access_tokens'), 1)
    await enrolmentCode.refresh()
    assert.equal(enrolmentCode.uses, 1)
  })

  test('over HTTP from fifty addresses, let one computer in', async ({ assert }) => {
    const { code } = await single()
    const body = JSON.stringify({ ...MACHINE, code })
    const redeem = (from: string) =>
      new Promise<number>((resolve, reject) => {
        const sending = request(
          {
            host: ADDRESS,
            localAddress: from,
            port: process.env.PORT,
            path: '/api/enrolments',
            method: 'POST',
            headers: { 'content-type': 'application/json' },
          },
          (answer) => {
            answer.resume()
            answer.on('end', () => resolve(answer.statusCode ?? 0))
          }
        )
        sending.on('error', reject)
        sending.end(body)
      })

    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, index) => redeem(`127.0.7.${index + 1}`))
    )

    assert.deepEqual(statuses.sort(), [201, ...Array.from({ length: 49 }, () => 403)])
    assert.lengthOf(await Agent.all(), 1)
  })
})
