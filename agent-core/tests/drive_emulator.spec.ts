import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from '@japa/runner'
import {
  DRIVE_UNIT,
  DriveEmulator,
  SERVICE_ACCOUNT,
  SHARED_DRIVE,
} from '../testing/drive_emulator.ts'

const FILE = randomBytes(3 * DRIVE_UNIT + 1000)

test.group('Drive emulator', (group) => {
  let drive: DriveEmulator
  group.each.setup(async () => {
    drive = await DriveEmulator.start()
    return () => drive.stop()
  })

  const assertion = (about: object, key: string = SERVICE_ACCOUNT.private_key) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: SERVICE_ACCOUNT.client_email,
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'https://www.googleapis.com/auth/drive',
      iat: now,
      exp: now + 3600,
      ...about,
    }
    const text = [{ alg: 'RS256' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
  }
  const signIn = (signed = assertion({})) =>
    fetch(`${drive.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: signed,
      }),
    })
  const open = async (query = 'supportsAllDrives=true', bytes = FILE.length) => {
    const { access_token: token } = (await (await signIn()).json()) as { access_token: string }
    return fetch(`${drive.url}/upload/drive/v3/files?uploadType=resumable&${query}`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${token}`, 'x-upload-content-length': String(bytes) },
      body: JSON.stringify({ id: 'one', name: 'one', parents: [SHARED_DRIVE], appProperties: {} }),
    })
  }
  const sessionOf = async () => (await open()).headers.get('location') ?? ''
  const put = (session: string, from: number, to: number) =>
    fetch(session, {
      method: 'PUT',
      headers: { 'content-range': `bytes ${from}-${to - 1}/${FILE.length}` },
      body: new Uint8Array(FILE.subarray(from, to)),
      redirect: 'manual',
    })
  const ask = (session: string) =>
    fetch(session, {
      method: 'PUT',
      headers: { 'content-range': `bytes */${FILE.length}` },
      redirect: 'manual',
    })

  test('gives a token for an assertion that its key signed, and for no other', async ({
    assert,
  }) => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const statuses = []
    for (const signed of [
      assertion({}),
      assertion({}, privateKey),
      assertion({ exp: 1 }),
      assertion({ aud: 'https://example.com/' }),
      assertion({ iss: 'somebody@example.com' }),
    ]) {
      statuses.push((await signIn(signed)).status)
    }

    assert.deepEqual(statuses, [200, 400, 400, 400, 400])
  })

  test('a session says how far it is by Range, and says nothing of it while it has nothing', async ({
    assert,
  }) => {
    const session = await sessionOf()
    const before = await ask(session)
    const first = await put(session, 0, DRIVE_UNIT)
    const after = await ask(session)
    const last = await put(session, DRIVE_UNIT, FILE.length)
    const whole = await ask(session)

    assert.deepEqual(
      [before, first, after, last, whole].map((answer) => [
        answer.status,
        answer.headers.get('range'),
      ]),
      [
        [308, null],
        [308, `bytes=0-${DRIVE_UNIT - 1}`],
        [308, `bytes=0-${DRIVE_UNIT - 1}`],
        [200, null],
        [200, null],
      ]
    )
    const [file] = drive.media
    assert.lengthOf(drive.media, 1)
    assert.isTrue(FILE.equals(drive.bytesOf(file!)))
    assert.equal(file?.sha256, createHash('sha256').update(FILE).digest('hex'))
  })

  test('refuses a chunk that is no multiple of 256 KiB, unless it is the last', async ({
    assert,
  }) => {
    const session = await sessionOf()

    const answer = await put(session, 0, 1000)

    assert.equal(answer.status, 400)
    assert.isNull((await ask(session)).headers.get('range'))
  })

  test('takes what it has already, and what comes too early, for nothing', async ({ assert }) => {
    const session = await sessionOf()
    await put(session, 0, 2 * DRIVE_UNIT)
    const early = await put(session, 3 * DRIVE_UNIT, FILE.length)
    const again = await put(session, 0, 3 * DRIVE_UNIT)

    assert.equal(early.headers.get('range'), `bytes=0-${2 * DRIVE_UNIT - 1}`)
    assert.equal(again.headers.get('range'), `bytes=0-${3 * DRIVE_UNIT - 1}`)
  })

  test('a chunk that breaks off leaves whole units', async ({ assert }) => {
    const session = await sessionOf()
    const url = new URL(session)
    const socket = connect(Number(url.port), url.hostname)
    socket.write(
      `PUT ${url.pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: ${FILE.length}\r\n` +
        `content-range: bytes 0-${FILE.length - 1}/${FILE.length}\r\n\r\n`
    )
    await new Promise((resolve) => socket.write(FILE.subarray(0, DRIVE_UNIT + 5000), resolve))
    socket.end()
    await once(socket.resume(), 'close')
    drive.faults.push({ on: 'PUT /session', how: 'cut', after: DRIVE_UNIT })
    await put(session, DRIVE_UNIT, FILE.length).catch(() => null)

    assert.equal((await ask(session)).headers.get('range'), `bytes=0-${2 * DRIVE_UNIT - 1}`)
  })

  test('hides a shared drive from who does not ask for one, and has no room over its limit', async ({
    assert,
  }) => {
    const unasked = await open('')
    drive.limit = FILE.length - 1
    const full = await open()

    assert.deepEqual([unasked.status, full.status], [404, 403])
    assert.include(await full.text(), 'storageQuotaExceeded')
  })

  test('runs as a command that says how to point the settings at it', async ({ assert }) => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, '../bin/drive_emulator.ts'),
      '--port=0',
    ])
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    const [, url = ''] = /GOOGLE_DRIVE_BASE_URL=(\S+)/.exec(text.toString()) ?? []
    await fetch(`${url}/emulator/faults`, { method: 'POST', body: '{"on":"/token","status":503}' })
    const refused = await fetch(`${url}/token`, { method: 'POST' })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')

    assert.equal(refused.status, 503)
    assert.match(text.toString(), /GOOGLE_DRIVE_CREDENTIALS_PATH=\/\S+\/key\.json/)
    assert.deepEqual(await exited, [0, null])
  })
})
