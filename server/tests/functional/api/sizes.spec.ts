import { LIMITS } from '#contract/limits'
import { cleanDatabase } from '#tests/support/clean'
import { blackPng } from '#tests/support/file_corpus'
import { describe, gap, heartbeat, windowEvent } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { crc32 } from 'node:zlib'

/** A picture of exactly so many bytes: a chunk that no decoder reads fills it up. */
function pngOf(bytes: number, width = 64, height = 48): Buffer {
  const png = blackPng(width, height)
  const end = png.length - 12
  const content = Buffer.alloc(bytes - png.length - 12)
  const named = Buffer.concat([Buffer.from('teSt', 'latin1'), content])
  const chunk = Buffer.alloc(content.length + 12)
  chunk.writeUInt32BE(content.length, 0)
  named.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(named), content.length + 8)
  return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)])
}

async function upload(client: ApiClient, token: string, seq: number, bytes: Buffer, claims = {}) {
  const description = describe(seq, bytes, { media_type: 'image/png', ...claims })
  return client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(description))
    .file('file', bytes, { filename: 'a.png', contentType: 'image/png' })
}

test.group('Limits, at the last that is taken and the first that is not', (group) => {
  cleanDatabase(group)

  test('a batch of {0} bytes is answered with {1}')
    .with([
      [LIMITS.batchBytes, 200],
      [LIMITS.batchBytes + 1, 413],
    ] as const)
    .run(async ({ client }, [bytes, status]) => {
      const { token } = await makeAgent()
      const text = JSON.stringify({ observations: [gap(1)] })

      const answer = await client
        .post('/api/observations')
        .bearerToken(token)
        .header('content-type', 'application/json')
        .json(JSON.parse(text))
        .setup((request) => {
          request.request.serialize(() => text.padEnd(bytes))
        })

      answer.assertStatus(status)
    })

  test('a title of {0} letters is answered with {1}')
    .with([
      [1024, 201],
      [1025, 422],
    ] as const)
    .run(async ({ client }, [letters, status]) => {
      const { token } = await makeAgent()

      const answer = await client
        .post('/api/activities')
        .bearerToken(token)
        .json(windowEvent(1, { title: 'ü'.repeat(letters) }))

      answer.assertStatus(status)
    })

  test('a name of {0} letters is answered with {1}')
    .with([
      [120, 201],
      [121, 422],
    ] as const)
    .run(async ({ client }, [letters, status]) => {
      const token = await tokenOf(await makeUser('owner'))

      const answer = await client
        .post('/api/teams')
        .bearerToken(token)
        .json({ name: '中'.repeat(letters) })

      answer.assertStatus(status)
    })

  test('{0} displays are answered with {1}')
    .with([
      [LIMITS.displays, 201],
      [LIMITS.displays + 1, 422],
    ] as const)
    .run(async ({ client }, [count, status]) => {
      const { token } = await makeAgent()
      const sent = heartbeat(1)
      const displays = Array.from({ length: count }, (_, at) => ({
        ...{ id: String(at), x: at, y: 0, width: 10, height: 10, primary: at === 0 },
      }))

      const answer = await client
        .post('/api/heartbeats')
        .bearerToken(token)
        .json({ ...sent, system: { ...sent.system, displays } })

      answer.assertStatus(status)
    })

  test('a sequence number of {0} is answered with {1}')
    .with([
      [LIMITS.seq, 201],
      [LIMITS.seq + 1, 422],
      [1, 201],
      [0, 422],
    ] as const)
    .run(async ({ client }, [seq, status]) => {
      const { token } = await makeAgent()
      const answer = await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(seq))
      answer.assertStatus(status)
    })

  test('a picture of {0} bytes is answered with {1}')
    .with([
      [LIMITS.screenshotBytes, 201],
      [LIMITS.screenshotBytes + 1, 413],
    ] as const)
    .run(async ({ client }, [bytes, status]) => {
      const { token } = await makeAgent()
      const answer = await upload(client, token, 1, pngOf(bytes), {
        bytes: Math.min(bytes, LIMITS.screenshotBytes),
      })
      answer.assertStatus(status)
    })

  test('a picture of {0} × {1} pixels is answered with {2}')
    .with([
      [8000, 5000, 201],
      [8000, 5001, 422],
      [LIMITS.screenshotSide, 8, 201],
      [LIMITS.screenshotSide + 1, 8, 422],
    ] as const)
    .run(async ({ client }, [width, height, status]) => {
      const { token } = await makeAgent()
      const answer = await upload(client, token, 1, blackPng(width, height), { width, height })
      answer.assertStatus(status)
    })
})
