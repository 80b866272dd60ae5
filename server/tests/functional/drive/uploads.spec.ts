import { DriveClient } from '#services/drive/drive_client'
import { expireUploads } from '#services/drive/uploads'
import { removals } from '#services/storage/removals'
import { diskState } from '#services/storage/disk_state'
import { diskOf } from '#services/storage/disks'
import { verifyDisk } from '#services/storage/verify'
import { writeSetting } from '#services/storage/settings'
import { erasePerson, verifyReceipt } from '#services/subject/erasure'
import { cleanDatabase } from '#tests/support/clean'
import { driveWorld, type DriveWorld } from '#tests/support/drive'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'

const ask = (client: ApiClient, token: string, observation: object) =>
  client.post('/api/uploads').bearerToken(token).json({ observation })

/** Sends bytes as an agent does, straight to the session. */
const put = (session: string, bytes: Buffer) =>
  fetch(session, {
    method: 'PUT',
    headers: { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` },
    body: new Uint8Array(bytes),
  })

const name = (client: ApiClient, token: string, observation: object, key: string) =>
  client
    .post('/api/recordings')
    .bearerToken(token)
    .json({ observation, stored: { disk: 'google-drive', key } })

test.group('POST /api/uploads', (group) => {
  cleanDatabase(group)
  let world: DriveWorld
  group.each.setup(async () => {
    world = await driveWorld()
    await writeSetting('storage_sites', { default: 'google-drive' })
    return () => world.stop()
  })

  test('says null where the site stores elsewhere', async ({ client, assert }) => {
    await writeSetting('storage_sites', { default: 'local' })
    const { token } = await makeAgent()

    const answer = await ask(client, token, describeSegment(1, VIDEO))

    answer.assertStatus(200)
    assert.deepEqual(answer.body(), { upload: null })
    assert.lengthOf(world.drive.requests, 0)
  })

  test('gives one session for one file, the bytes go to Google, and the row names them', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const manager = await makeUser('manager', 'North')
    const { token } = await makeAgent(person)
    const segment = describeSegment(1, VIDEO)

    const opened = await ask(client, token, segment)
    const { key, session, bytes } = opened.body().upload
    await put(session, VIDEO)
    const first = await name(client, token, segment, key)
    const again = await name(client, token, segment, key)

    assert.deepEqual(
      [opened.status(), bytes, first.status(), again.status()],
      [201, VIDEO.length, 201, 200]
    )
    const row = await db.from('recordings').firstOrFail()
    assert.deepEqual([row.disk, row.media_key], ['google-drive', key])
    assert.lengthOf(await db.from('uploads'), 0)
    const [file] = world.drive.media
    assert.equal(
      file && world.drive.pathOf(file),
      `WorkSight/default/${person.fullName}/2026-11-22`
    )
    const bearer = await tokenOf(manager)
    const part = await client
      .get(`/api/recordings/${segment.id}/video`)
      .bearerToken(bearer)
      .header('x-purpose', 'weekly 1:1')
      .header('range', 'bytes=10-19')
    assert.deepEqual([part.status(), (part.body() as Buffer).length], [206, 10])
    assert.isTrue(VIDEO.subarray(10, 20).equals(part.body() as Buffer))
    const other = await tokenOf(await makeUser('manager', 'South'))
    const hidden = await client.get(`/api/recordings/${segment.id}/video`).bearerToken(other)
    hidden.assertStatus(404)
    assert.deepEqual((await verifyDisk('google-drive')).problems, [])
  })

  test('what stands on Drive is erased there with what else is kept of its person', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const segment = describeSegment(1, VIDEO)
    const { key, session } = (await ask(client, token, segment)).body().upload
    await put(session, VIDEO)
    await name(client, token, segment, key)
    const unfinished = describeSegment(2, VIDEO)
    await ask(client, token, unfinished)
    assert.lengthOf(world.drive.media, 1)

    const receipt = await erasePerson(person, 1)
    await removals.drain()

    assert.deepEqual([receipt.files, receipt.rows.recordings], [1, 1])
    assert.deepEqual(await verifyReceipt(receipt), [])
    assert.lengthOf(world.drive.media, 0)
    assert.lengthOf(await db.from('uploads'), 0)
  })

  test('gives the same key again: with its session, a new one, or none when the file is whole', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const segment = describeSegment(1, VIDEO)
    const first = (await ask(client, token, segment)).body().upload
    const second = (await ask(client, token, segment)).body().upload
    world.drive.sessions.clear()
    const third = (await ask(client, token, segment)).body().upload
    await put(third.session, VIDEO)
    const fourth = (await ask(client, token, segment)).body().upload

    assert.deepEqual(second, first)
    assert.equal(third.key, first.key)
    assert.notEqual(third.session, first.session)
    assert.deepEqual([fourth.key, fourth.session], [first.key, null])
    assert.lengthOf(world.drive.media, 1)
  })

  test('refuses a key of another agent, an unknown one, and a file that is not whole', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const { token: other } = await makeAgent()
    const [own, foreign] = [describeSegment(1, VIDEO), describeSegment(1, VIDEO)]
    const { key, session } = (await ask(client, token, own)).body().upload

    const unfinished = await name(client, token, own, key)
    await put(session, VIDEO)
    const answers = [
      unfinished,
      await name(client, other, foreign, key),
      await name(client, token, own, 'unknown'),
      await name(client, other, own, key),
    ]

    assert.deepEqual(
      answers.map((answer) => [answer.status(), answer.body().error.field]),
      answers.map(() => [422, 'stored.key'])
    )
    assert.lengthOf(await db.from('recordings'), 0)
  })

  test('a file that is not what was described goes, and the next upload has another key', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const segment = describeSegment(1, VIDEO)
    const first = (await ask(client, token, segment)).body().upload
    await put(first.session, VIDEO)
    world.drive.change(world.drive.media[0]!, Buffer.from('other'))

    const refused = await name(client, token, segment, first.key)
    const second = (await ask(client, token, segment)).body().upload
    await put(second.session, VIDEO)
    const taken = await name(client, token, segment, second.key)
    await removals.drain()

    assert.deepEqual([refused.status(), taken.status()], [422, 201])
    assert.deepEqual(
      world.drive.media.map(({ id }) => id),
      [second.key]
    )
  })

  test('takes a file that an agent stored with a key of its own, where its properties say so', async ({
    client,
    assert,
  }) => {
    const { agent, token } = await makeAgent()
    const { token: other } = await makeAgent()
    const store = async (id: string, properties: Record<string, string>) => {
      const meta = { id, name: id, mimeType: 'video/mp4', parents: ['root'] }
      const opened = world.drive.openSession({ ...meta, appProperties: properties }, VIDEO.length)
      await put('session' in opened ? opened.session : '', VIDEO)
      return id
    }
    const [own, plain, elsewhere] = [1, 2, 3].map((seq) => describeSegment(seq, VIDEO))
    const key = await store('own', { ws: own!.id, ws_agent: String(agent.id) })
    const bare = await store('bare', {})
    const third = await store('third', { ws: elsewhere!.id, ws_agent: String(agent.id) })

    const refused = [
      await name(client, other, own!, key),
      await name(client, token, plain!, key),
      await name(client, token, plain!, bare),
    ]
    const taken = await name(client, token, own!, key)
    await writeSetting('storage_sites', { default: 'local' })
    const unwanted = await name(client, token, elsewhere!, third)

    assert.deepEqual(
      [...refused, unwanted].map((answer) => [answer.status(), answer.body().error.field]),
      [...refused, unwanted].map(() => [422, 'stored.key'])
    )
    taken.assertStatus(201)
    assert.lengthOf(await db.from('recordings'), 1)
    assert.sameMembers(
      world.drive.media.map(({ id }) => id),
      ['own', 'bare', 'third']
    )
  })

  test('refuses a file on the Drive that is no picture', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const page = Buffer.from('<!doctype html><script>alert(1)</script>')
    const shot = describe(1, page)
    const { key, session } = (await ask(client, token, shot)).body().upload
    await put(session, page)

    const answer = await client
      .post('/api/screenshots')
      .bearerToken(token)
      .json({ observation: shot, stored: { disk: 'google-drive', key } })

    answer.assertStatus(422)
    assert.lengthOf(await db.from('screenshots'), 0)
  })

  test('answers 507 while there is no room, shows it, and goes on when there is', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const owner = await makeUser('owner')
    const segment = describeSegment(1, VIDEO)
    world.drive.limit = 10

    const full = await ask(client, token, segment)
    const page = await client.get('/').loginAs(owner)
    const settings = await client.get('/settings/storage').loginAs(owner)
    world.drive.limit = null
    const after = await ask(client, token, segment)

    full.assertStatus(507)
    full.assertBodyContains({ error: { code: 'E_DRIVE_FULL' } })
    assert.equal(full.header('retry-after'), '60')
    page.assertTextIncludes('Google Drive has no room left')
    settings.assertTextIncludes('is full')
    after.assertStatus(201)
    assert.equal((await diskState('google-drive')).state, 'ok')
  })

  test('answers 503 while Google is away', async ({ client, assert }) => {
    const { token } = await makeAgent()
    world.drive.faults = Array.from({ length: 9 }, () => ({
      on: 'generateIds',
      status: 503,
      headers: { 'retry-after': '30' },
    }))

    const answer = await ask(client, token, describeSegment(1, VIDEO))

    answer.assertStatus(503)
    answer.assertBodyContains({ error: { code: 'E_DRIVE_AWAY' } })
    assert.isNotNull(answer.header('retry-after'))
  })

  test('a deletion reaches the Drive, at once or when Google is back', async ({
    client,
    assert,
  }) => {
    const person = await makeUser('member', 'North')
    const { token } = await makeAgent(person)
    const segment = describeSegment(1, VIDEO)
    const { key, session } = (await ask(client, token, segment)).body().upload
    await put(session, VIDEO)
    await name(client, token, segment, key)
    world.drive.faults = Array.from({ length: 3 }, () => ({ on: `DELETE`, status: 503 }))

    const answer = await client
      .delete(`/api/recordings/${segment.id}`)
      .bearerToken(await tokenOf(person))
    await removals.drain()
    const listed = await db.from('media_removals')
    await db.from('media_removals').update({ next_at: 0 })
    await removals.drain()

    answer.assertStatus(204)
    assert.lengthOf(listed, 1)
    assert.lengthOf(world.drive.media, 0)
    assert.lengthOf(await db.from('media_removals'), 0)
  })

  test('an upload that nobody finished is given up, and its file goes', async ({
    client,
    assert,
  }) => {
    const { token } = await makeAgent()
    const image = await picture()
    const { session } = (await ask(client, token, describe(1, image))).body().upload
    await put(session, image)

    await expireUploads(Date.now() + 9 * 86_400_000)
    await removals.drain()

    assert.lengthOf(await db.from('uploads'), 0)
    assert.lengthOf(world.drive.media, 0)
  })

  test('what is missing, different or without a row is found', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const keys: string[] = []
    for (const segment of [describeSegment(1, VIDEO), describeSegment(2, VIDEO)]) {
      const { key, session } = (await ask(client, token, segment)).body().upload
      await put(session, VIDEO)
      await name(client, token, segment, key)
      keys.push(key)
    }
    const [missing = '', different = ''] = keys
    const file = world.drive.files.get(different)
    world.drive.files.delete(missing)
    world.drive.change(file!, Buffer.from('other'))
    world.drive.copy(file!, 'orphan')

    const { problems } = await verifyDisk('google-drive', { now: Date.now() + 86_400_000 })

    assert.sameDeepMembers(
      problems.map(({ kind, key }) => [kind, key]),
      [
        ['missing', missing],
        ['different', different],
        ['orphaned', 'orphan'],
      ]
    )
  })
})

test.group('The check of Google Drive', (group) => {
  cleanDatabase(group)
  let world: DriveWorld
  group.each.setup(async () => {
    world = await driveWorld()
    return () => world.stop()
  })
  const lastOf = async (changes: object = {}) => {
    const { checkDrive, exitOf } = await import('#services/drive/drive_check')
    const client = new DriveClient({ ...world.settings, ...changes }, async () => undefined)
    const steps = await Array.fromAsync(checkDrive(client))
    return { step: steps.at(-1), exit: exitOf(steps) }
  }

  test('goes through five steps and leaves nothing', async ({ assert }) => {
    const steps = await Array.fromAsync((await diskOf('google-drive')).check())

    assert.deepEqual(
      steps.map(({ step, isOk }) => [step, isOk]),
      ['credential', 'token', 'folder', 'room', 'write and delete one byte'].map((step) => [
        step,
        true,
      ])
    )
    assert.lengthOf(world.drive.media, 0)
  })

  test('says what to do about each failure', async ({ assert }) => {
    const nobody = await lastOf({ credential: { kind: 'service account', keyFile: '/nowhere' } })
    world.drive.faults = [{ on: '/token', status: 400, reason: 'x' }]
    const token = await lastOf()
    const folder = await lastOf({ folderId: 'nowhere' })
    world.drive.isShared = false
    const room = await lastOf()
    world.drive.isShared = true
    world.drive.faults = [{ on: 'POST /upload', status: 403, reason: 'storageQuotaExceeded' }]
    const byte = await lastOf()
    const away = await lastOf({ baseUrl: 'http://127.0.0.1:9' })

    assert.deepEqual(
      [nobody, token, folder, room, byte, away].map(({ step, exit }) => [step?.step, exit]),
      [
        ['credential', 4],
        ['token', 4],
        ['folder', 4],
        ['room', 10],
        ['write and delete one byte', 10],
        ['token', 5],
      ]
    )
    assert.match(nobody.step?.sentence ?? '', /no key file/)
    assert.match(folder.step?.sentence ?? '', /check its id, and share it/)
    assert.match(room.step?.sentence ?? '', /shared drive/)
    assert.match(byte.step?.sentence ?? '', /^The shared drive is full/)
    assert.match(away.step?.sentence ?? '', /network/)
  })
})

test.group('The page of storage', (group) => {
  cleanDatabase(group)
  let world: DriveWorld
  group.each.setup(async () => {
    world = await driveWorld()
    return () => world.stop()
  })

  test('chooses disks, checks them, and keeps secrets to itself', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const post = (path: string, form: object) =>
      client.post(path).loginAs(owner).withCsrfToken().form(form).redirects(0)

    await post('/settings/storage', {
      'disks[0][site]': 'default',
      'disks[0][disk]': 'google-drive',
    })
    await post('/settings/storage/google-drive', {
      folder_id: '',
      key_file: '',
      client_id: 'a-client',
      client_secret: 'a-very-secret-secret',
    })
    const checked = await client
      .post('/settings/storage/google-drive/check')
      .loginAs(owner)
      .withCsrfToken()
    const page = await client.get('/settings/storage').loginAs(owner)

    checked.assertTextIncludes('One byte was written and deleted.')
    assert.notInclude(page.text(), 'a-very-secret-secret')
    const settings = await db.from('settings')
    assert.notInclude(JSON.stringify(settings), 'a-very-secret-secret')
    assert.notInclude(JSON.stringify(await db.from('audit_log')), 'a-very-secret-secret')
    const { value } = settings.find(({ key }) => key === 'storage_sites')
    assert.deepEqual(JSON.parse(value), { default: 'google-drive' })
  })

  test('connects a Drive with PKCE, and keeps the refresh token encrypted', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    await client
      .post('/settings/storage/google-drive')
      .loginAs(owner)
      .withCsrfToken()
      .form({ client_id: 'a-client', client_secret: 'a-secret' })
      .redirects(0)
    const begun = await client
      .get('/settings/storage/google-drive/connect')
      .loginAs(owner)
      .redirects(0)
    const consent = new URL(begun.header('location') ?? '')
    const back = await fetch(consent, { redirect: 'manual' })
    const callback = new URL(back.headers.get('location') ?? '')
    const started = begun.session('google_drive') as object

    const forged = await client
      .get('/settings/storage/google-drive/callback?state=other&code=x')
      .loginAs(owner)
      .withSession({ google_drive: started })
      .redirects(0)
    const keptAfterForged = await db.from('settings').where('key', 'google_drive').first()
    await client
      .get(`${callback.pathname}${callback.search}`)
      .loginAs(owner)
      .withSession({ google_drive: started })
      .redirects(0)
    const kept = await db.from('settings').where('key', 'google_drive').first()

    assert.equal(consent.searchParams.get('code_challenge_method'), 'S256')
    assert.match(consent.searchParams.get('scope') ?? '', /drive\.file$/)
    forged.assertStatus(302)
    assert.notProperty(JSON.parse(keptAfterForged.value), 'refresh_token')
    assert.property(JSON.parse(kept.value), 'refresh_token')
    assert.notInclude(kept.value, world.drive.refreshToken)
    const steps = await Array.fromAsync((await diskOf('google-drive')).check())
    assert.deepEqual(
      steps.filter(({ isOk }) => !isOk),
      []
    )
  })

  test('is for those who run it all', async ({ client }) => {
    for (const role of ['manager', 'auditor', 'member'] as const) {
      const answer = await client.get('/settings/storage').loginAs(await makeUser(role))
      answer.assertStatus(404)
    }
  })
})
