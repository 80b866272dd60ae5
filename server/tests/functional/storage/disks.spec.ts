import env from '#start/env'
import { media } from '#services/media'
import { diskState } from '#services/storage/disk_state'
import { moveMedia } from '#services/storage/moves'
import { removals } from '#services/storage/removals'
import { diskOf } from '#services/storage/disks'
import { writeSetting } from '#services/storage/settings'
import { erasePerson, verifyReceipt } from '#services/subject/erasure'
import { startS3Server, type S3Server } from '#services/testing/s3_server'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { existsSync } from 'node:fs'

/** Points this process at a server of S3, and takes that back. */
function useS3({ settings }: Pick<S3Server, 'settings'>) {
  const names = {
    S3_BUCKET: settings.bucket,
    S3_REGION: settings.region,
    S3_ENDPOINT: settings.endpoint,
    S3_FORCE_PATH_STYLE: true,
    S3_ACCESS_KEY_ID: settings.accessKeyId,
    S3_SECRET_ACCESS_KEY: { release: () => settings.secretAccessKey },
  } as const
  for (const [name, value] of Object.entries(names)) {
    env.set(name as 'S3_BUCKET', value as string)
  }
}

const send = (client: ApiClient, token: string, description: object, bytes: Buffer) =>
  client
    .post('kind' in description && description.kind === 'recording' ? '/api/recordings' : '/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(description))
    .file('file', bytes, { filename: 'a', contentType: 'application/octet-stream' })

test.group('A site whose media go to S3', (group) => {
  cleanDatabase(group)
  let server: S3Server
  group.each.setup(async () => {
    server = await startS3Server()
    useS3(server)
    await writeSetting('storage_sites', { default: 's3' })
    return () => server.stop()
  })

  test('are received here, move there, and leave nothing behind', async ({ client, assert }) => {
    const manager = await makeUser('manager', 'North')
    const { token } = await makeAgent(await makeUser('member', 'North'))
    const image = await picture()
    const shot = describe(1, image)
    const segment = describeSegment(2, VIDEO)
    const answers = [
      await send(client, token, shot, image),
      await send(client, token, segment, VIDEO),
    ]
    const [before] = await db.from('screenshots')

    const { moved } = await moveMedia()

    assert.deepEqual(
      answers.map((answer) => answer.status()),
      [201, 201]
    )
    assert.deepEqual([before.disk, before.move_to, moved], ['local', 's3', 2])
    const rows = [...(await db.from('screenshots')), ...(await db.from('recordings'))]
    assert.deepEqual(
      rows.map(({ disk, move_to: moveTo }) => [disk, moveTo]),
      [
        ['s3', null],
        ['s3', null],
      ]
    )
    assert.isFalse(existsSync(media.path(before.media_key)))
    const bearer = await tokenOf(manager)
    const get = (path: string) =>
      client.get(path).bearerToken(bearer).header('x-purpose', 'weekly 1:1')
    const whole = await get(`/api/screenshots/${shot.id}/image`)
    const part = await get(`/api/recordings/${segment.id}/video`).header('range', 'bytes=100-199')
    const beyond = await get(`/api/recordings/${segment.id}/video`).header(
      'range',
      `bytes=${VIDEO.length}-`
    )
    assert.isTrue(image.equals(whole.body() as Buffer))
    assert.deepEqual(
      [part.status(), part.header('content-range'), (part.body() as Buffer).length],
      [206, `bytes 100-199/${VIDEO.length}`, 100]
    )
    assert.deepEqual(
      [beyond.status(), beyond.header('content-range')],
      [416, `bytes */${VIDEO.length}`]
    )
    ;(await get(`/api/screenshots/${shot.id}/thumbnail`)).assertStatus(200)
  })

  test('do not exist for the manager of another team', async ({ client }) => {
    const other = await tokenOf(await makeUser('manager', 'South'))
    const { token } = await makeAgent(await makeUser('member', 'North'))
    const segment = describeSegment(1, VIDEO)
    await send(client, token, segment, VIDEO)
    await moveMedia()

    const answer = await client.get(`/api/recordings/${segment.id}/video`).bearerToken(other)

    answer.assertStatus(404)
  })

  test('go there too when they are deleted', async ({ client, assert }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const image = await picture()
    const shot = describe(1, image)
    await send(client, token, shot, image)
    await moveMedia()

    const answer = await client
      .delete(`/api/screenshots/${shot.id}`)
      .bearerToken(await tokenOf(person))
    await removals.drain()

    answer.assertStatus(204)
    assert.lengthOf(await Array.fromAsync((await diskOf('s3')).list()), 0)
    assert.lengthOf(await db.from('media_removals'), 0)
  })

  test('are erased there too, with what else is kept of their person', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const other = await makeAgent(await makeUser('member', 'North'))
    const image = await picture()
    await send(client, token, describe(1, image), image)
    await send(client, token, describeSegment(2, VIDEO), VIDEO)
    await send(client, other.token, describe(1, image), image)
    await moveMedia()

    const receipt = await erasePerson(person, 1)
    await removals.drain()

    assert.deepEqual([receipt.files, receipt.rows.screenshots, receipt.rows.recordings], [2, 1, 1])
    assert.deepEqual(await verifyReceipt(receipt), [])
    const left = await Array.fromAsync((await diskOf('s3')).list())
    const kept = await db.from('screenshots').select('media_key')
    assert.deepEqual(
      left.map(({ key }) => key),
      kept.map(({ media_key: key }) => key)
    )
    assert.lengthOf(await db.from('media_removals'), 0)
  })

  test('wait here while it is away, are looked at later, and their deletion is not forgotten', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const bearer = await tokenOf(person)
    const image = await picture()
    const [first, second, third] = [describe(1, image), describe(2, image), describe(3, image)]
    await send(client, token, first, image)
    await send(client, token, second, image)
    await moveMedia()
    useS3({ settings: { ...server.settings, endpoint: 'http://127.0.0.1:9' } })

    const received = await send(client, token, third, image)
    const { moved, stopped } = await moveMedia()
    const look = await client.get(`/api/screenshots/${first.id}/image`).bearerToken(bearer)
    const deleted = await client.delete(`/api/screenshots/${second.id}`).bearerToken(bearer)
    await removals.drain()
    const state = await diskState('s3')
    const [waiting] = await db.from('media_removals')

    received.assertStatus(201)
    look.assertStatus(503)
    look.assertBodyContains({ error: { code: 'E_STORAGE_AWAY' } })
    deleted.assertStatus(204)
    assert.deepEqual([moved, [...stopped.keys()], state.state], [0, ['s3'], 'away'])
    assert.isAbove(waiting.attempts, 0)

    useS3(server)
    await db.from('media_removals').update({ next_at: 0 })
    await removals.drain()
    assert.equal((await moveMedia()).moved, 1)
    assert.equal((await diskState('s3')).state, 'ok')
    assert.lengthOf(await Array.fromAsync((await diskOf('s3')).list()), 2)
    const seen = await client.get(`/api/screenshots/${third.id}/image`).bearerToken(bearer)
    assert.isTrue(image.equals(seen.body() as Buffer))
  })

  test('a file that somebody took away is a clear 404', async ({ client }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const image = await picture()
    const shot = describe(1, image)
    await send(client, token, shot, image)
    await moveMedia()
    const { media_key: key } = await db.from('screenshots').firstOrFail()
    await (await diskOf('s3')).remove(key)

    const answer = await client
      .get(`/api/screenshots/${shot.id}/image`)
      .bearerToken(await tokenOf(person))

    answer.assertStatus(404)
    answer.assertBodyContains({ error: { message: 'The file is missing on the disk where it stood' } })
  })
})
