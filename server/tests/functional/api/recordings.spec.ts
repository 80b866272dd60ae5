import { LIMITS } from '#contract/limits'
import { media } from '#services/media'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { box, describeSegment, VIDEO } from '#tests/support/videos'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { readFile } from 'node:fs/promises'

const upload = (client: ApiClient, token: string, description: unknown, bytes: Buffer) =>
  client
    .post('/api/recordings')
    .bearerToken(token)
    .field('observation', JSON.stringify(description))
    .file('file', bytes, { filename: 'segment.mp4', contentType: 'video/mp4' })

test.group('POST /api/recordings', (group) => {
  cleanDatabase(group)

  test('stores a segment as it was sent, once', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const description = describeSegment(1, VIDEO)

    const answers = [
      await upload(client, token, description, VIDEO),
      await upload(client, token, description, VIDEO),
    ]

    assert.deepEqual(
      answers.map((answer) => answer.status()),
      [201, 200]
    )
    const rows = await db.from('recordings')
    assert.lengthOf(rows, 1)
    assert.isTrue(VIDEO.equals(await readFile(media.path(rows[0].media_key))))
  })

  test('takes a segment that was cut off only where it says so', async ({ client }) => {
    const { token } = await makeAgent()
    const cut = VIDEO.subarray(0, VIDEO.length - 100)

    const claimed = await upload(client, token, describeSegment(1, cut), cut)
    const honest = await upload(client, token, describeSegment(2, cut, { complete: false }), cut)

    claimed.assertStatus(422)
    claimed.assertBodyContains({ error: { code: 'E_INVALID', field: 'file' } })
    honest.assertStatus(201)
  })

  for (const [what, bytes, field] of [
    ['a picture', Buffer.from('RIFF0000WEBPVP8 0000'), 'file'],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), 'file'],
    ['a video that nothing describes', VIDEO.subarray(0, 20), 'file'],
    ['a box without end', Buffer.concat([box('ftyp'), Buffer.alloc(8)]), 'file'],
    ['nothing but a start', Buffer.from([0]), 'file'],
  ] as const) {
    test(`refuses ${what}, and keeps nothing`, async ({ client, assert }) => {
      const { token } = await makeAgent()

      const answer = await upload(client, token, describeSegment(1, bytes), bytes)

      answer.assertStatus(422)
      answer.assertBodyContains({ error: { field } })
      assert.lengthOf(await db.from('recordings'), 0)
    })
  }

  test('refuses a description that names another agent, another kind, or too many bytes', async ({
    client,
  }) => {
    const { token } = await makeAgent()
    for (const changes of [
      { agent_id: 1 },
      { kind: 'screenshot' },
      { bytes: LIMITS.recordingBytes + 1 },
      { duration_ms: -1 },
    ]) {
      const answer = await upload(
        client,
        token,
        { ...describeSegment(1, VIDEO), ...changes },
        VIDEO
      )
      answer.assertStatus(422)
    }
  })
})

test.group('GET /api/recordings/:id/video', (group) => {
  cleanDatabase(group)

  test('plays by ranges, as one look that the person can read', async ({ client, assert }) => {
    const person = await makeUser('member', 'North')
    const manager = await makeUser('manager', 'North')
    const { token } = await makeAgent(person)
    const description = describeSegment(1, VIDEO)
    await upload(client, token, description, VIDEO)
    const bearer = await tokenOf(manager)
    const ask = (range: string) =>
      client
        .get(`/api/recordings/${description.id}/video`)
        .bearerToken(bearer)
        .header('x-purpose', 'weekly 1:1')
        .header('range', range)

    const answers = [await ask('bytes=100-199'), await ask('bytes=0-9'), await ask('bytes=-5')]

    assert.deepEqual(
      answers.map((answer) => [answer.status(), answer.header('content-range')]),
      [
        [206, `bytes 100-199/${VIDEO.length}`],
        [206, `bytes 0-9/${VIDEO.length}`],
        [206, `bytes ${VIDEO.length - 5}-${VIDEO.length - 1}/${VIDEO.length}`],
      ]
    )
    const looks = await db.from('audit_log').where('person_id', person.id)
    assert.deepEqual(
      looks.map(({ actor_id: viewer, action }) => [viewer, action]),
      [[manager.id, 'recording']]
    )
  })

  test('does not exist for the manager of another team', async ({ client }) => {
    const { token } = await makeAgent(await makeUser('member', 'North'))
    const description = describeSegment(1, VIDEO)
    await upload(client, token, description, VIDEO)
    const bearer = await tokenOf(await makeUser('manager', 'South'))

    const answer = await client.get(`/api/recordings/${description.id}/video`).bearerToken(bearer)

    answer.assertStatus(404)
  })
})
