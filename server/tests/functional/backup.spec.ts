import User from '#models/user'
import { createBackup } from '#services/backup/create'
import { readLines } from '#services/backup/files'
import { type Manifest, type MediaLine } from '#services/backup/manifest'
import { restoreBackup } from '#services/backup/restore'
import { media } from '#services/media'
import { cleanDatabase, emptyTables } from '#tests/support/clean'
import { describe, heartbeat, picture } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import app from '@adonisjs/core/services/app'
import ace from '@adonisjs/core/services/ace'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const newFolder = () => app.makePath(`tmp/test-${process.pid}`, `backup-${randomUUID()}`)

async function sendShot(client: ApiClient, token: string, seq: number) {
  const bytes = await picture()
  const answer = await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(describe(seq, bytes)))
    .file('file', bytes, { filename: 'screen.webp', contentType: 'image/webp' })
  answer.assertStatus(201)
}

/** A person whose agent sent two heartbeats and two pictures. */
async function observed(client: ApiClient) {
  const person = await makeUser('member')
  const { agent, token } = await makeAgent(person)
  const beats = await client
    .post('/api/observations')
    .bearerToken(token)
    .json({ observations: [heartbeat(1), heartbeat(2)] })
  beats.assertStatus(200)
  await sendShot(client, token, 3)
  await sendShot(client, token, 4)
  return { person, agent, token, files: await files() }
}

async function files(): Promise<string[]> {
  const rows: { media_key: string }[] = await db.from('screenshots').orderBy('seq')
  return rows.map(({ media_key: key }) => media.path(key))
}

/** What must be equal before and after: each table's rows and digest, and the files. */
async function content(folder: string, { tables }: Manifest) {
  const lines: MediaLine[] = []
  for await (const line of readLines<MediaLine>(join(folder, 'media.ndjson.gz'))) {
    lines.push(line)
  }
  return { tables, files: lines }
}

test.group('A backup', (group) => {
  cleanDatabase(group)
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('gives back every row and every byte after everything was wiped', async ({
    client,
    assert,
  }) => {
    const { person, files: paths } = await observed(client)
    const [first, second] = [newFolder(), newFolder()]
    const { manifest } = await createBackup(first)
    await emptyTables()
    await Promise.all(paths.map((path) => rm(path)))

    const report = await restoreBackup(first, { replace: false })

    assert.deepEqual(report.files, { restored: 2, kept: 0, replaced: 0 })
    assert.equal(
      report.rows,
      Object.values(manifest.tables).reduce((sum, t) => sum + t.rows, 0)
    )
    assert.deepEqual([report.missing, report.is_other_app_key], [0, false])
    const again = await createBackup(second)
    assert.deepEqual(await content(second, again.manifest), await content(first, manifest))
    assert.equal(manifest.tables.heartbeats?.rows, 2)
    assert.isAbove((await makeUser('member')).id, person.id)
  })

  test('keeps nobody signed in, and remembers no browser that was forgotten since', async ({
    client,
    assert,
  }) => {
    const { person } = await observed(client)
    await User.rememberMeTokens.create(person, '30 days')
    const folder = newFolder()
    const { manifest } = await createBackup(folder)
    const session = { id: 'a', data: '{}', user_id: String(person.id), expires_at: new Date() }
    await db.table('sessions').insert(session)

    await restoreBackup(folder, { replace: true })

    assert.notProperty(manifest.tables, 'remember_me_tokens')
    assert.lengthOf(await db.from('remember_me_tokens'), 0)
    assert.lengthOf(await db.from('sessions'), 0)
  })

  test('never gives the id of a removed account again', async ({ client, assert }) => {
    await observed(client)
    const last = await makeUser('member')
    await db.from('users').where('id', last.id).delete()
    const folder = newFolder()
    await createBackup(folder)
    await emptyTables()

    await restoreBackup(folder, { replace: true })

    assert.isAbove((await makeUser('member')).id, last.id)
  })

  test('tells of media that are newer than it, and leaves them', async ({ client, assert }) => {
    const { token } = await observed(client)
    const folder = newFolder()
    await createBackup(folder)
    await sendShot(client, token, 5)
    const newest = (await files())[2] ?? ''

    const report = await restoreBackup(folder, { replace: true })

    assert.isAtLeast(report.unnamed.count, 1)
    assert.isTrue(existsSync(newest))
    assert.lengthOf(await files(), 2)
  })

  test('counts a row whose file was missing already, and restores the rest', async ({
    client,
    assert,
  }) => {
    const { files: paths } = await observed(client)
    await rm(paths[0] ?? '')
    const folder = newFolder()
    const { manifest } = await createBackup(folder)
    await rm(paths[1] ?? '')

    const report = await restoreBackup(folder, { replace: true })

    assert.equal(manifest.media.missing, 1)
    assert.deepEqual([report.missing, report.files.restored], [1, 1])
  })

  test('that is damaged in one byte is refused by the name of the file, and nothing changes', async ({
    client,
    assert,
  }) => {
    const { person } = await observed(client)
    for (const part of ['tables/users.ndjson.gz', 'media.ndjson.gz', 'media']) {
      const folder = newFolder()
      await createBackup(folder)
      const path = part === 'media' ? await anyFile(folder) : join(folder, part)
      const bytes = await readFile(path)
      bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1
      await writeFile(path, bytes)

      await assert.rejects(() => restoreBackup(folder, { replace: true }), new RegExp(path))
      assert.isNotNull(await db.from('users').where('id', person.id).first())
    }
  })

  test('of a newer version is refused', async ({ client, assert }) => {
    await observed(client)
    const folder = newFolder()
    await createBackup(folder)
    const path = join(folder, 'manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    manifest.migrations.push('server/database/migrations/2764000000001_create_future_table')
    await writeFile(path, JSON.stringify(manifest))

    const { exitCode } = await ace.exec('backup:restore', [`--from=${folder}`, '--yes'])

    assert.equal(exitCode, 8)
    assert.lengthOf(await files(), 2)
  })

  test('replaces what is there only after --yes, and never another backup', async ({
    client,
    assert,
  }) => {
    await observed(client)
    const folder = newFolder()
    const codes = [
      (await ace.exec('backup:create', [`--out=${folder}`])).exitCode,
      (await ace.exec('backup:create', [`--out=${folder}`])).exitCode,
      (await ace.exec('backup:restore', [`--from=${folder}`])).exitCode,
      (await ace.exec('backup:restore', [`--from=${folder}`, '--yes'])).exitCode,
      (await ace.exec('backup:restore', [`--from=${dirname(folder)}`, '--yes'])).exitCode,
    ]

    assert.deepEqual(codes, [0, 8, 8, 0, 8])
    assert.isFalse(existsSync(`${folder}.unfinished`))
  })
})

async function anyFile(folder: string): Promise<string> {
  for await (const { key } of readLines<MediaLine>(join(folder, 'media.ndjson.gz'))) {
    return join(folder, 'media', key)
  }
  throw new Error('the backup has no file')
}
