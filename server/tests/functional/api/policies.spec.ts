import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

test.group('PUT /api/policies/:level/:id', (group) => {
  cleanDatabase(group)

  test('publishes a version, which an agent below it reads', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const bearer = await tokenOf(owner)
    await client
      .put('/api/policies/organisation/0')
      .bearerToken(bearer)
      .json({ values: { 'screenshot.interval_seconds': 600 }, locked: ['activity.titles'] })

    const answer = await client
      .put(`/api/policies/team/${person.teamId}`)
      .bearerToken(bearer)
      .json({ values: { 'screenshot.interval_seconds': 900, 'screenshot.blur': 'light' } })

    answer.assertStatus(201)
    const { policy } = (await client.get('/api/agents/me').bearerToken(token)).body()
    assert.equal(policy.version, answer.body().version)
    assert.deepEqual(policy.values, {
      'screenshot.interval_seconds': 900,
      'screenshot.blur': 'light',
    })
  })

  test('says what it would change and which of it loosens, and stores nothing', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('admin'))

    const answer = await client
      .put('/api/policies/organisation/0')
      .bearerToken(bearer)
      .json({ values: { 'activity.titles': true, 'review.minutes': 5 }, preview: true })

    answer.assertStatus(200)
    assert.containSubset(answer.body().changes, [
      { key: 'activity.titles', before: null, after: true, loosens: true },
      { key: 'review.minutes', before: null, after: 5, loosens: false },
    ])
    assert.lengthOf(await db.from('policy_versions'), 0)
  })

  test('asks for a reason where something loosens', async ({ client, assert }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const put = (body: object) =>
      client.put('/api/policies/organisation/0').bearerToken(bearer).json(body)

    const without = await put({ values: { 'recording.enabled': true } })
    const given = await put({ values: { 'recording.enabled': true }, reason: 'DPIA 2026-4' })

    without.assertStatus(422)
    without.assertBodyContains({ error: { code: 'E_INVALID', field: 'reason' } })
    given.assertStatus(201)
    const [row] = await db.from('policy_versions')
    assert.equal(row.reason, 'DPIA 2026-4')
  })

  test('takes all the exclusions that a policy may have, and the log has them', async ({
    client,
    assert,
  }) => {
    const exclusions = Array.from({ length: 500 }, (_, at) => ({
      app: `Bank ${at}`.padEnd(200, '–'),
      title: null,
      reason: null,
    }))

    const answer = await client
      .put('/api/policies/organisation/0')
      .bearerToken(await tokenOf(await makeUser('owner')))
      .json({ values: { exclusions } })

    answer.assertStatus(201)
    const line = await db.from('audit_log').where('action', 'policy.publish').firstOrFail()
    assert.deepEqual(JSON.parse(line.details).after.exclusions, exclusions)
  })

  for (const [what, body, field] of [
    ['an unknown value', { values: { 'keys.enabled': true } }, 'keys.enabled'],
    [
      'an interval of a second',
      { values: { 'screenshot.interval_seconds': 1 } },
      'screenshot.interval_seconds',
    ],
    [
      'a number as text',
      { values: { 'screenshot.interval_seconds': '60' } },
      'screenshot.interval_seconds',
    ],
    [
      'an hour that does not exist',
      { values: { hours: { days: [1], from: '25:00', until: '26:00' } } },
      'hours.from',
    ],
    [
      'a day that does not exist',
      { values: { hours: { days: [8], from: '09:00', until: '17:00' } } },
      'hours.days.0',
    ],
    ['no values', {}, 'values'],
    ['a lock on nothing', { values: {}, locked: ['nothing'] }, 'locked.0'],
    ['a field too many', { values: {}, agent: 1 }, 'agent'],
  ] as const) {
    test(`refuses ${what} and names the field`, async ({ client, assert }) => {
      const bearer = await tokenOf(await makeUser('owner'))

      const answer = await client.put('/api/policies/organisation/0').bearerToken(bearer).json(body)

      answer.assertStatus(422)
      assert.equal(answer.body().error.field, field)
      assert.lengthOf(await db.from('policy_versions'), 0)
    })
  }

  test('answers 404 to a team that does not exist, 422 to a level that does not', async ({
    client,
  }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const team = await client.put('/api/policies/team/99').bearerToken(bearer).json({ values: {} })
    const level = await client.put('/api/policies/moon/1').bearerToken(bearer).json({ values: {} })

    team.assertStatus(404)
    level.assertStatus(422)
  })

  for (const role of ['manager', 'auditor', 'member'] as const) {
    test(`is not for a ${role}`, async ({ client }) => {
      const bearer = await tokenOf(await makeUser(role))
      const answer = await client
        .put('/api/policies/organisation/0')
        .bearerToken(bearer)
        .json({ values: {} })
      answer.assertStatus(403)
    })
  }
})

test.group('GET /api/policies/explain', (group) => {
  cleanDatabase(group)

  test('says for each value who said it, to the person and the manager of the team', async ({
    client,
    assert,
  }) => {
    const owner = await tokenOf(await makeUser('owner'))
    const person = await makeUser('member', 'North')
    const manager = await makeUser('manager', 'North')
    await client
      .put('/api/policies/organisation/0')
      .bearerToken(owner)
      .json({ values: { 'screenshot.interval_seconds': 600 }, locked: ['screenshot.blur'] })

    for (const viewer of [person, manager]) {
      const answer = await client
        .get(`/api/policies/explain?person=${person.id}`)
        .bearerToken(await tokenOf(viewer))

      answer.assertStatus(200)
      assert.containSubset(answer.body().values, [
        { key: 'screenshot.interval_seconds', value: 600, from: 'organisation', locked: false },
        { key: 'screenshot.blur', from: 'site', locked: true },
      ])
    }
  })

  test('does not exist for the manager of another team', async ({ client }) => {
    const person = await makeUser('member', 'North')
    const other = await makeUser('manager', 'South')

    const answer = await client
      .get(`/api/policies/explain?person=${person.id}`)
      .bearerToken(await tokenOf(other))

    answer.assertStatus(404)
  })
})
