import { hash, randomBytes } from 'node:crypto'
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import {
  acknowledge,
  AgentRuntime,
  defineSite,
  IdentityStore,
  noticeOf,
} from '@worksight/agent-core'
import {
  anEvent,
  aRecording,
  DRIVE_UNIT,
  DriveEmulator,
  FakeServer,
  FakeUploads,
  temporaryFolder,
} from '@worksight/agent-core/testing'
import { SHARED_DRIVE } from '@worksight/agent-core/testing/drive_emulator'
import { DriveUpload } from './main.ts'

type Cleanup = (work: () => Promise<void>) => void

const SIZE = 5 * DRIVE_UNIT + 5

/** A whole agent that holds a key of its own, a server that gives no sessions, and the Drive. */
async function setUp(cleanup: Cleanup) {
  const drive = await DriveEmulator.start()
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const keyFile = await drive.writeKey()
  server.uploads = new FakeUploads(drive)
  const started: AgentRuntime[] = []
  const start = async () => {
    const env = {
      GOOGLE_DRIVE_CREDENTIALS_PATH: keyFile,
      GOOGLE_DRIVE_FOLDER_ID: SHARED_DRIVE,
      GOOGLE_DRIVE_BASE_URL: drive.url,
    }
    const site = defineSite({
      name: 'small',
      plugins: [new DriveUpload({ credentials: 'agent' }, { env, wait: async () => undefined })],
      spool: { minFreeBytes: 0, maxBytes: 1e12 },
    })
    const identity = {
      server: server.url,
      agentId: 7,
      name: 'desk',
      site: site.name,
      person: "Dana O'Reyes",
      token: server.token,
    }
    new IdentityStore(path).save(identity, acknowledge(noticeOf(site), 0))
    const agent = new AgentRuntime({ site, dataDir: path, random: () => 0 })
    started.push(agent)
    await agent.start()
    return agent
  }
  cleanup(async () => {
    await Promise.all(started.map((agent) => agent.stop()))
    await server.stop()
    await drive.stop()
    await remove()
  })
  return { drive, server, start, keyFile, folder: join(path, 'drive-upload') }
}

async function record(agent: AgentRuntime, bytes = randomBytes(SIZE)) {
  const item = anEvent(agent.spool, aRecording(bytes))
  await agent.keep(item, bytes)
  return { id: item.id, sha256: hash('sha256', bytes, 'hex') }
}

const settled = (agent: AgentRuntime) => agent.settled(AbortSignal.timeout(50_000))
const sums = ({ media }: DriveEmulator) => media.map(({ sha256 }) => sha256)

test.group('Drive upload with a key on the computer', () => {
  test('opens sessions by itself, with names and properties as the server gives them', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, folder } = await setUp(cleanup)
    const agent = await start()

    const files = [await record(agent), await record(agent)]
    await settled(agent)

    assert.sameMembers(
      sums(drive),
      files.map(({ sha256 }) => sha256)
    )
    const [file] = drive.media
    assert.equal(drive.pathOf(file!), "WorkSight/small/Dana O'Reyes/2026-03-02")
    assert.equal(file?.name, `recording-20260302T090000Z-${files[0]?.id}.mp4`)
    assert.deepEqual(file?.appProperties, {
      ws: files[0]?.id ?? '',
      ws_app: 'worksight',
      ws_agent: '7',
    })
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ['/api/recordings', '/api/recordings']
    )
    assert.equal(drive.tokens, 1)
    assert.isEmpty(await readdir(folder))
  })

  test('a token that is worthless is asked for anew', async ({ assert, cleanup }) => {
    const { drive, start } = await setUp(cleanup)
    const agent = await start()
    await record(agent)
    await settled(agent)
    drive.forgetTokens()

    await record(agent)
    await settled(agent)

    assert.equal(drive.tokens, 2)
    assert.lengthOf(drive.media, 2)
  })

  test('a restart goes on with the same session, which its owner alone can read', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, folder } = await setUp(cleanup)
    const first = await start()
    let reached = () => {}
    const isHalf = new Promise<void>((resolve) => (reached = resolve))
    drive.always = (_, chunk) => {
      if (chunk === null || chunk.first === 0) {
        return null
      }
      reached()
      return { how: 'reset' }
    }
    const file = await record(first)
    await isHalf
    const { mode } = await stat(join(folder, `${file.id}.json`))
    await first.stop()
    drive.always = null
    const { received } = drive
    const second = await start()
    await settled(second)

    assert.equal(mode & 0o777, 0o600)
    assert.deepEqual(sums(drive), [file.sha256])
    assert.isTrue(server.received.has(file.id))
    assert.isBelow(drive.received - received, SIZE)
  })

  const TROUBLES: readonly [
    what: string,
    on: string,
    fault: { status: number; reason?: string },
  ][] = [
    ['429 of a new session', 'POST /upload', { status: 429 }],
    ['500 of a token', '/token', { status: 500 }],
    [
      '403 rate limit of a list',
      'GET /drive/v3/files?',
      { status: 403, reason: 'rateLimitExceeded' },
    ],
    ['403 storage quota', 'POST /upload', { status: 403, reason: 'storageQuotaExceeded' }],
    ['404 of a folder', 'POST /upload', { status: 404, reason: 'notFound' }],
    ['404 of a session', 'PUT /session', { status: 404 }],
    ['no ids', 'generateIds', { status: 503 }],
  ]
  for (const [what, on, fault] of TROUBLES) {
    test(`${what}: the file waits, and arrives once`, async ({ assert, cleanup }) => {
      const { drive, server, start } = await setUp(cleanup)
      drive.faults = [{ on, ...fault }]
      const agent = await start()

      const file = await record(agent)
      await settled(agent)

      assert.isEmpty(drive.faults)
      assert.deepEqual(sums(drive), [file.sha256])
      assert.isTrue(server.received.has(file.id))
      assert.equal(agent.spool.counters().dead, 0)
    })
  }

  test('the answer to the last chunk lost, and what was remembered too: one file', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start } = await setUp(cleanup)
    const agent = await start()
    let asked = 0
    server.always = () => {
      asked += 1
      return asked < 3 ? { status: 503 } : null // the reference comes later
    }
    drive.loseFinal = true

    const file = await record(agent)
    await settled(agent)

    assert.deepEqual(sums(drive), [file.sha256])
    assert.isTrue(server.received.has(file.id))
    assert.equal(drive.received, SIZE)
  })

  test('a key that others can read is not used, and files go when it was put right', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, keyFile } = await setUp(cleanup)
    await chmod(keyFile, 0o644)
    const plugin = new DriveUpload(
      { credentials: 'agent', credentialsPath: keyFile, folderId: 'x' },
      { env: {} }
    )
    const [check] = await plugin.doctor()
    const agent = await start()
    const file = await record(agent)
    const told = async () => (await agent.status()).plugins[0]
    const asked = agent.destination('drive')
    const limit = AbortSignal.timeout(50_000)
    while (asked.status(0).failures === 0) {
      limit.throwIfAborted()
      await sleep(20)
    }
    const refused = await told()

    await chmod(keyFile, 0o600)
    await settled(agent)

    assert.containsSubset(check, { status: 'fail', means: 'configuration' })
    assert.equal(refused?.state, 'permission')
    assert.match(refused?.reason ?? '', /chmod 600/)
    assert.deepEqual(sums(drive), [file.sha256])
    assert.isTrue(server.received.has(file.id))
    assert.equal((await told())?.state, 'ok')
  })
})
