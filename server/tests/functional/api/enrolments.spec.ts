import { createEnrolmentCode } from '#services/enrolment'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const MACHINE = { host: 'dana-laptop', platform: 'linux', agent_version: '0.1.0' }

const newCode = (changes = {}) =>
  createEnrolmentCode({
    site: 'default',
    name: null,
    personId: null,
    createdBy: null,
    ttlMinutes: 10,
    uses: 1,
    ...changes,
  })

test.group('POST /api/enrolments', (group) => {
  cleanDatabase(group)

  test('gives an agent and its token for a code', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { code } = await newCode({ personId: dana.id })

    const answer = await client.post('/api/enrolments').json({ ...MACHINE, code })

    answer.assertStatus(201)
    answer.assertBodyContains({
      agent: { name: 'dana-laptop', site: 'default', person: dana.fullName },
    })
    assert.match(answer.body().token, /^wsa_/)
  })

  test('refuses a code for somebody else than was named, and does not use it up', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { code } = await newCode({ personId: dana.id })
    const enrol = (changes: object) =>
      client.post('/api/enrolments').json({ ...MACHINE, code, ...changes })

    const other = await enrol({ person: 'Somebody Else' })
    const taken = await enrol({ person: ` ${dana.email.toUpperCase()} `, name: 'desk 4' })

    other.assertStatus(403)
    other.assertBodyContains({ error: { field: 'person' } })
    assert.notInclude(JSON.stringify(other.body()), dana.fullName)
    taken.assertStatus(201)
    taken.assertBodyContains({ agent: { name: 'desk 4', person: dana.fullName } })
  })

  test('keeps only hashes of codes and tokens', async ({ client, assert }) => {
    const { code } = await newCode()
    const answer = await client.post('/api/enrolments').json({ ...MACHINE, code })

    const rows = [...(await db.from('enrolment_codes')), ...(await db.from('agent_access_tokens'))]

    const dump = JSON.stringify(rows)
    const secret = Buffer.from(answer.body().token.split('.')[1], 'base64url').toString()
    assert.lengthOf(rows, 2)
    assert.notInclude(dump, code)
    assert.notInclude(dump, secret)
  })

  test('keeps what the person acknowledged', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const { code } = await newCode({ personId: dana.id })
    const acknowledgement = {
      version: 3,
      text_sha256: 'a'.repeat(64),
      acknowledged_at: '2026-11-22T10:00:00.000Z',
      language: 'en',
    }

    await client.post('/api/enrolments').json({ ...MACHINE, code, acknowledgement })

    const [row] = await db.from('acknowledgements')
    assert.containSubset(row, {
      person_id: dana.id,
      version: 3,
      text_sha256: 'a'.repeat(64),
      acknowledged_at: Date.parse('2026-11-22T10:00:00.000Z'),
      language: 'en',
    })
  })

  test('refuses a code that is {state}')
    .with([
      { state: 'unknown', make: async () => 'wse_00000' },
      { state: 'expired', make: async () => (await newCode({ ttlMinutes: -1 })).code },
      {
        state: 'revoked',
        make: async () => {
          const { code, enrolmentCode } = await newCode()
          await enrolmentCode.merge({ revokedAt: Date.now() }).save()
          return code
        },
      },
    ])
    .run(async ({ client, assert }, { make }) => {
      const answer = await client.post('/api/enrolments').json({ ...MACHINE, code: await make() })

      answer.assertStatus(403)
      answer.assertBodyContains({ error: { code: 'E_CODE_REFUSED', field: 'code' } })
      assert.lengthOf(await db.from('agents'), 0)
    })

  test('lets one of twenty agents use a code that is good for one', async ({ client, assert }) => {
    const { code } = await newCode()
    await db.from('rate_limits').delete()

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.post('/api/enrolments').json({ ...MACHINE, code }))
    )

    const statuses = answers.map((answer) => answer.status())
    assert.lengthOf(
      statuses.filter((status) => status === 201),
      1
    )
    assert.lengthOf(
      statuses.filter((status) => status === 403),
      19
    )
    assert.lengthOf(await db.from('agents'), 1)
  })

  test('refuses a site that the code is not for, and leaves the code unused', async ({
    client,
    assert,
  }) => {
    const { code, enrolmentCode } = await newCode()

    const answer = await client.post('/api/enrolments').json({ ...MACHINE, code, site: 'other' })

    answer.assertStatus(403)
    answer.assertBodyContains({ error: { field: 'site' } })
    await enrolmentCode.refresh()
    assert.equal(enrolmentCode.uses, 0)
  })

  test('answers 429 with Retry-After to the twenty-first attempt of an address in a minute', async ({
    client,
    assert,
  }) => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await client.post('/api/enrolments').json({ ...MACHINE, code: 'wse_guess' })
    }

    const answer = await client.post('/api/enrolments').json({ ...MACHINE, code: 'wse_guess' })

    answer.assertStatus(429)
    answer.assertBodyContains({ error: { code: 'E_TOO_MANY_REQUESTS' } })
    assert.isAbove(Number(answer.header('retry-after')), 0)
  })
})
