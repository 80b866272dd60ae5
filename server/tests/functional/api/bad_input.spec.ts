import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

/** Sends exactly these bytes, as no client library would. */
async function raw(
  path: string,
  token: string | null,
  body: string | Buffer,
  type = 'application/json'
) {
  const answer = await fetch(`http://127.0.0.1:${process.env.PORT}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: new Uint8Array(Buffer.from(body)),
  })
  const text = await answer.text()
  return { status: answer.status, error: JSON.parse(text).error, text }
}

const JSON_BODIES: readonly [what: string, body: string, status: number][] = [
  ['nothing', '', 422],
  ['half an object', '{"kind":', 400],
  ['text', 'hello', 422],
  ['a number', '5', 422],
  ['an array', '[]', 422],
  ['null', 'null', 422],
  ['an empty object', '{}', 422],
  ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1'), 400],
  ['a megabyte of JSON', JSON.stringify({ kind: 'x'.repeat(1_000_000) }), 413],
  ['an array nested 10 000 deep', '['.repeat(10_000) + ']'.repeat(10_000), 422],
  ['__proto__', '{"__proto__":{"isAdmin":true}}', 422],
  ['constructor', '{"constructor":{"prototype":{"isAdmin":true}}}', 422],
]

const BROKEN_FIELDS: [field: string, value: unknown][] = [
  ['id', null],
  ['id', 'not-a-uuid'],
  ['id', '01A205A0-169D-7ED2-A685-A54551665E1C'],
  ['id', '2b1f0f0a-7f6d-4c0e-8d4f-0123456789ab'],
  ['seq', 0],
  ['seq', -1],
  ['seq', 1.5],
  ['seq', '1'],
  ['seq', 1e300],
  ['captured_at', 'now'],
  ['captured_at', 1_700_000_000],
  ['captured_at', '1970-01-01T00:00:00Z'],
  ['captured_at', '2026-13-45T99:99:99Z'],
  ['captured_at', '2026-11-22 10:00:00'],
  ['utc_offset_minutes', 841],
  ['policy_version', -1],
  ['kind', 'screenshot'],
  ['state', 'lazy'],
  ['seconds_since_input', 'five'],
  ['seconds_since_input', -1],
  ['interval_seconds', 0],
  ['time_zone', ''],
  ['time_zone', 'x'.repeat(65)],
  ['agent_version', { a: 1 }],
  ['system', null],
  ['plugins', {}],
  ['spool', []],
]

test.group('Bad input', (group) => {
  cleanDatabase(group)

  test('answers {1} to {0}, as JSON that names what to do, and stores nothing')
    .with(JSON_BODIES.map(([what, body, status]) => [what, status, body] as const))
    .run(async ({ assert }, [, status, body]) => {
      const { token } = await makeAgent()

      for (const path of ['/api/heartbeats', '/api/observations']) {
        const answer = await raw(path, token, Buffer.from(body, 'latin1'))
        assert.equal(answer.status, status, `${path}: ${answer.text}`)
        assert.match(answer.error.code, /^E_/)
        assert.isNotEmpty(answer.error.message)
        assert.isNotEmpty(answer.error.help)
        assert.isNotEmpty(answer.error.id)
      }

      assert.lengthOf(await db.from('heartbeats'), 0)
    })

  test('names the field {0} when it is wrong')
    .with(BROKEN_FIELDS)
    .run(async ({ client, assert }, [field, value]) => {
      const { token } = await makeAgent()

      const answer = await client
        .post('/api/heartbeats')
        .bearerToken(token)
        .json({ ...heartbeat(1), [field]: value })

      answer.assertStatus(422)
      assert.equal(answer.body().error.field, field)
      assert.lengthOf(await db.from('heartbeats'), 0)
    })

  test('names a field deep inside', async ({ client }) => {
    const { token } = await makeAgent()
    const message = heartbeat(1)

    const answer = await client
      .post('/api/heartbeats')
      .bearerToken(token)
      .json({ ...message, system: { ...message.system, keystrokes: ['a'] } })

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { field: 'system.keystrokes' } })
  })

  test('refuses other content types with a 4xx', async ({ assert }) => {
    const { token } = await makeAgent()

    for (const type of [
      'text/plain',
      'application/xml',
      'image/png',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await raw('/api/heartbeats', token, JSON.stringify(heartbeat(1)), type)
      assert.oneOf(answer.status, [415, 422])
    }
    assert.lengthOf(await db.from('heartbeats'), 0)
  })

  test('answers 4xx to multipart bodies that are not', async ({ assert }) => {
    const { token } = await makeAgent()
    const bodies: [string, string][] = [
      ['multipart/form-data', ''],
      ['multipart/form-data; boundary=x', ''],
      ['multipart/form-data; boundary=x', 'no boundary at all'],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      ],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n',
      ],
    ]

    for (const [type, body] of bodies) {
      const answer = await raw('/api/screenshots', token, body, type)
      assert.isAtLeast(answer.status, 400, type)
      assert.isBelow(answer.status, 500, `${type}: ${answer.text}`)
    }
  })

  test('answers 4xx to odd ids and queries on every route that takes one', async ({
    client,
    assert,
  }) => {
    const bearer = await tokenOf(await makeUser('owner'))
    const odd = [
      '0',
      '-1',
      '1e9',
      '99999999999999999999',
      "1' or '1'='1",
      '%00',
      '%ff',
      '..',
      'null',
    ]

    for (const id of odd) {
      for (const path of ['agents', 'heartbeats', 'screenshots']) {
        const answer = await client
          .get(`/api/${path}/${encodeURI(id).replaceAll('%25', '%')}`)
          .bearerToken(bearer)
        assert.isBelow(answer.status(), 500, `${path}/${id}`)
      }
    }
    for (const query of ['limit=9999', 'limit[]=1', 'agent[a]=b', 'cursor=%00', 'from=%ff']) {
      const answer = await client.get(`/api/heartbeats?${query}`).bearerToken(bearer)
      assert.isBelow(answer.status(), 500, query)
    }
  })
})
