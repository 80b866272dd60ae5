import { media } from '#services/media'
import { cleanDatabase } from '#tests/support/clean'
import { describe, heartbeat, picture, uuidv7 } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import app from '@adonisjs/core/services/app'
import env from '#start/env'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import sharp from 'sharp'

const upload = (client: ApiClient, token: string, description: unknown, bytes: Buffer) =>
  client
    .post('/api/screenshots')
    .bearerToken(token)
    .field(
      'observation',
      typeof description === 'string' ? description : JSON.stringify(description)
    )
    .file('file', bytes, { filename: 'screen.webp', contentType: 'image/webp' })

/** Names of all files under the media folder. */
async function filesOnDisk(): Promise<string[]> {
  const root = app.makePath(env.get('STORAGE_PATH', ''))
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

test.group('POST /api/screenshots', (group) => {
  cleanDatabase(group)
  group.each.setup(async () => {
    const rows = await db.from('screenshots').select('media_key')
    await Promise.all(rows.map(({ media_key: key }) => media.remove(key)))
  })

  test('stores the bytes as they were sent and their row', async ({ client, assert }) => {
    const { agent, token } = await makeAgent()
    const bytes = await picture()
    const description = describe(1, bytes)

    const answer = await upload(client, token, description, bytes)

    answer.assertStatus(201)
    answer.assertBody({ id: description.id, result: 'created' })
    const [row] = await db.from('screenshots')
    assert.equal(row.agent_id, agent.id)
    assert.equal(row.sha256, createHash('sha256').update(bytes).digest('hex'))
    assert.isTrue(bytes.equals(await readFile(media.path(row.media_key))))
  })

  test('answers 200 to the same screenshot again, and keeps one row and one file', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const bytes = await picture()
    const description = describe(1, bytes)
    await upload(client, token, description, bytes)
    const before = await filesOnDisk()

    const answer = await upload(client, token, description, bytes)

    answer.assertStatus(200)
    answer.assertBody({ id: description.id, result: 'duplicate' })
    assert.lengthOf(await db.from('screenshots'), 1)
    assert.deepEqual(await filesOnDisk(), before)
  })

  test('keeps one row and its file when the same screenshot comes four times at once', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const bytes = await picture()
    const description = describe(1, bytes)

    const answers = await Promise.all(
      Array.from({ length: 4 }, () => upload(client, token, description, bytes))
    )

    const statuses = answers.map((answer) => answer.status()).sort()
    assert.deepEqual(statuses, [200, 200, 200, 201])
    const [row] = await db.from('screenshots')
    assert.isTrue(bytes.equals(await readFile(media.path(row.media_key))))
  })

  test('answers 409 to another picture under the same id, and keeps the first', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const [first, second] = [await picture(), await picture()]
    const description = describe(1, first)
    await upload(client, token, description, first)

    const answer = await upload(
      client,
      token,
      { ...describe(2, second), id: description.id },
      second
    )

    answer.assertStatus(409)
    answer.assertBodyContains({ error: { code: 'E_CONFLICT', field: 'id' } })
    const [row] = await db.from('screenshots')
    assert.isTrue(first.equals(await readFile(media.path(row.media_key))))
  })

  test('refuses {what}, names the field {field}, and stores nothing')
    .with([
      {
        what: 'a text file named .png',
        field: 'file',
        make: async () => {
          const bytes = Buffer.from('I am not a picture, whatever my name says.')
          return { bytes, description: describe(1, bytes) }
        },
      },
      {
        what: 'a truncated PNG',
        field: 'file',
        make: async () => {
          const whole = await sharp(await picture())
            .png()
            .toBuffer()
          const bytes = whole.subarray(0, whole.length / 2)
          return { bytes, description: describe(1, bytes, { media_type: 'image/png' }) }
        },
      },
      {
        what: 'a truncated WebP',
        field: 'file',
        make: async () => {
          const bytes = (await picture()).subarray(0, 600)
          return { bytes, description: describe(1, bytes) }
        },
      },
      {
        what: 'a truncated JPEG',
        field: 'file',
        make: async () => {
          const whole = await sharp(await picture())
            .jpeg()
            .toBuffer()
          const bytes = whole.subarray(0, whole.length - 30)
          return { bytes, description: describe(1, bytes, { media_type: 'image/jpeg' }) }
        },
      },
      {
        what: 'a truncated AVIF',
        field: 'file',
        make: async () => {
          const whole = await sharp(await picture())
            .avif()
            .toBuffer()
          const bytes = whole.subarray(0, whole.length - 30)
          return { bytes, description: describe(1, bytes, { media_type: 'image/avif' }) }
        },
      },
      {
        what: 'a PNG of 16 000 by 16 000 pixels',
        field: 'file',
        make: async () => {
          const bytes = await sharp({
            create: { width: 16_000, height: 16_000, channels: 3, background: 'red' },
            limitInputPixels: false,
          })
            .png({ compressionLevel: 9 })
            .toBuffer()
          const size = { width: 16_000, height: 16_000 }
          return { bytes, description: describe(1, bytes, { ...size, media_type: 'image/png' }) }
        },
      },
      {
        what: 'an SVG',
        field: 'file',
        make: async () => {
          const bytes = Buffer.from(
            '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
          )
          return { bytes, description: describe(1, bytes) }
        },
      },
      {
        what: 'another SHA-256',
        field: 'sha256',
        make: async () => {
          const bytes = await picture()
          return { bytes, description: describe(1, bytes, { sha256: 'a'.repeat(64) }) }
        },
      },
      {
        what: 'another number of bytes',
        field: 'bytes',
        make: async () => {
          const bytes = await picture()
          return { bytes, description: describe(1, bytes, { bytes: bytes.length + 1 }) }
        },
      },
      {
        what: 'another type than the file has',
        field: 'media_type',
        make: async () => {
          const bytes = await picture()
          return { bytes, description: describe(1, bytes, { media_type: 'image/png' }) }
        },
      },
      {
        what: 'another size in pixels',
        field: 'width',
        make: async () => {
          const bytes = await picture()
          return { bytes, description: describe(1, bytes, { width: 65 }) }
        },
      },
      {
        what: "another agent's id in the description",
        field: 'agent_id',
        make: async () => {
          const bytes = await picture()
          return { bytes, description: { ...describe(1, bytes), agent_id: 999 } }
        },
      },
      {
        what: 'a description that is not JSON',
        field: 'observation',
        make: async () => ({ bytes: await picture(), description: undefined }),
      },
    ])
    .run(async ({ client, assert }, { make, field }) => {
      const { token } = await makeAgent()
      const { bytes, description } = await make()
      const before = await filesOnDisk()

      const answer = await upload(client, token, description ?? '{', bytes)

      answer.assertStatus(422)
      answer.assertBodyContains({ error: { code: 'E_INVALID', field } })
      assert.lengthOf(await db.from('screenshots'), 0)
      assert.deepEqual(await filesOnDisk(), before)
    })

  test('refuses a file larger than 16 MiB with 413', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const bytes = Buffer.alloc(16 * 1024 * 1024 + 1, 1)
    const before = await filesOnDisk()

    const answer = await upload(client, token, describe(1, Buffer.from('x')), bytes)

    answer.assertStatus(413)
    assert.deepEqual(await filesOnDisk(), before)
  })

  test('refuses a body without a file, with two files, or without a description', async ({
    client,
  }) => {
    const { token } = await makeAgent()
    const bytes = await picture()
    const description = JSON.stringify(describe(1, bytes))
    const post = () => client.post('/api/screenshots').bearerToken(token)
    const file = { filename: 'a.webp', contentType: 'image/webp' }

    const answers = [
      { answer: await post().field('observation', description), field: 'file' },
      {
        answer: await post()
          .field('observation', description)
          .file('file', bytes, file)
          .file('file', bytes, file),
        field: 'file',
      },
      { answer: await post().file('file', bytes, file), field: 'observation' },
    ]

    for (const { answer, field } of answers) {
      answer.assertStatus(422)
      answer.assertBodyContains({ error: { field } })
    }
  })

  test('answers 415 to a body that is neither a form with a file nor JSON', async ({ client }) => {
    const { token } = await makeAgent()

    const answer = await client.post('/api/screenshots').bearerToken(token).form({ a: 1 })

    answer.assertStatus(415)
    answer.assertBodyContains({ error: { code: 'E_UNSUPPORTED_MEDIA', field: 'content-type' } })
  })
})

test.group('Screenshots | reading', (group) => {
  cleanDatabase(group)

  async function stored(client: ApiClient, person: Parameters<typeof makeAgent>[0], seq = 1) {
    const { agent, token } = await makeAgent(person)
    const bytes = await picture()
    const description = describe(seq, bytes)
    await upload(client, token, description, bytes)
    return { agent, token, bytes, id: description.id, description }
  }

  test('gives the picture as it was stored, as nothing but a picture', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const { id, bytes } = await stored(client, owner)

    const answer = await client
      .get(`/api/screenshots/${id}/image`)
      .bearerToken(await tokenOf(owner))

    answer.assertStatus(200)
    assert.isTrue(bytes.equals(answer.body()))
    answer.assertHeader('content-type', 'image/webp')
    answer.assertHeader('x-content-type-options', 'nosniff')
    answer.assertHeader('content-security-policy', "default-src 'none'; sandbox")
    answer.assertHeader('cross-origin-resource-policy', 'same-origin')
    answer.assertHeader('cache-control', 'private, no-store')
  })

  test('gives a smaller WebP as thumbnail', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { token } = await makeAgent(owner)
    const bytes = await picture(1200, 800)
    const description = describe(1, bytes, { width: 1200, height: 800 })
    await upload(client, token, description, bytes)

    const answer = await client
      .get(`/api/screenshots/${description.id}/thumbnail`)
      .bearerToken(await tokenOf(owner))

    const { width, format } = await sharp(answer.body()).metadata()
    assert.equal(format, 'webp')
    assert.equal(width, 480)
  })

  test('writes who looked before the bytes leave', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member')
    const { id, agent } = await stored(client, dana)

    await client
      .get(`/api/screenshots/${id}/image`)
      .bearerToken(await tokenOf(owner))
      .header('x-purpose', 'weekly 1:1')

    const rows = await db.from('audit_log')
    assert.lengthOf(rows, 1)
    assert.containSubset(rows[0], {
      actor_id: owner.id,
      person_id: dana.id,
      agent_id: agent.id,
      action: 'screenshot',
      object_id: id,
      purpose: 'weekly 1:1',
    })
  })

  test('shows a picture to {role}: {status}')
    .with([
      { role: 'the owner', status: 200 },
      { role: 'the person', status: 200 },
      { role: 'the manager of the team', status: 200 },
      { role: 'the manager of another team', status: 404 },
      { role: 'another member', status: 404 },
      { role: 'an admin', status: 404 },
      { role: 'an auditor', status: 404 },
    ])
    .run(async ({ client }, { role, status }) => {
      const dana = await makeUser('member', 'Support')
      const viewers = {
        'the owner': await makeUser('owner'),
        'the person': dana,
        'the manager of the team': await makeUser('manager', 'Support'),
        'the manager of another team': await makeUser('manager', 'Sales'),
        'another member': await makeUser('member', 'Support'),
        'an admin': await makeUser('admin'),
        'an auditor': await makeUser('auditor'),
      }
      const { id } = await stored(client, dana)
      const bearer = await tokenOf(viewers[role as keyof typeof viewers])

      for (const path of ['', '/image', '/thumbnail']) {
        const answer = await client
          .get(`/api/screenshots/${id}${path}`)
          .bearerToken(bearer)
          .header('x-purpose', 'weekly 1:1')
        answer.assertStatus(status)
      }
    })

  test('lists only what the viewer may see', async ({ client, assert }) => {
    const dana = await makeUser('member')
    const mine = await stored(client, dana)
    await stored(client, await makeUser('member'))

    const answer = await client.get('/api/screenshots').bearerToken(await tokenOf(dana))

    assert.deepEqual(
      answer.body().data.map(({ id }: { id: string }) => id),
      [mine.id]
    )
  })

  test('removes row, file and thumbnail, and does not call the deletion a loss', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const bearer = await tokenOf(owner)
    const { id, agent, token, bytes, description } = await stored(client, owner)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(2))
    await client.get(`/api/screenshots/${id}/thumbnail`).bearerToken(bearer)

    const answer = await client.delete(`/api/screenshots/${id}`).bearerToken(bearer)

    answer.assertStatus(204)
    assert.lengthOf(await db.from('screenshots'), 0)
    assert.isEmpty((await filesOnDisk()).filter((name) => name.startsWith(id)))
    const gaps = await client.get(`/api/agents/${agent.id}/gaps`).bearerToken(bearer)
    assert.deepEqual(gaps.body().missing, [])
    const again = await upload(client, token, description, bytes)
    again.assertStatus(200)
    assert.lengthOf(await db.from('screenshots'), 0)
  })

  test('answers 404 to an id that is nowhere', async ({ client }) => {
    const bearer = await tokenOf(await makeUser('owner'))

    for (const path of [uuidv7(), 'not-an-id', '..%2f..%2fetc%2fpasswd']) {
      const answer = await client.get(`/api/screenshots/${path}`).bearerToken(bearer)
      answer.assertStatus(404)
      answer.assertBodyContains({ error: { code: 'E_NOT_FOUND' } })
    }
  })
})
