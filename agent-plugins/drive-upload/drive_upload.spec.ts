import { hash, randomBytes } from 'node:crypto'
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
  isLong,
  temporaryFolder,
  type DriveFault,
} from '@worksight/agent-core/testing'
import { DriveUpload } from './main.ts'

type Cleanup = (work: () => Promise<void>) => void

/** A whole agent with this plugin alone, a server whose site stores on Drive, and the Drive. */
async function setUp(cleanup: Cleanup, maxBytes = 1e12) {
  const drive = await DriveEmulator.start()
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  server.uploads = new FakeUploads(drive)
  const started: AgentRuntime[] = []
  const start = async () => {
    const site = defineSite({
      name: 'drive',
      plugins: [new DriveUpload({}, { env: {}, wait: async () => undefined })],
      spool: { minFreeBytes: 0, maxBytes },
    })
    const identity = {
      server: server.url,
      agentId: 7,
      name: 'desk',
      site: site.name,
      person: null,
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
  return {
    drive,
    server,
    start,
    /** What the plugin says of itself, as heartbeats carry it. */
    told: async (agent: AgentRuntime, name = 'drive-upload') =>
      (await agent.status()).plugins.find((plugin) => plugin.name === name),
  }
}

async function record(agent: AgentRuntime, bytes = randomBytes(3 * DRIVE_UNIT + 5)) {
  const item = anEvent(agent.spool, aRecording(bytes))
  await agent.keep(item, bytes)
  return { id: item.id, sha256: hash('sha256', bytes, 'hex') }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_500 && !(await isSo()); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const settled = (agent: AgentRuntime) => agent.settled(AbortSignal.timeout(50_000))
const sums = ({ media }: DriveEmulator) => media.map(({ sha256 }) => sha256)

test.group('Drive upload', () => {
  test('a file goes to the Drive, and the server hears where it is', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, told } = await setUp(cleanup)
    const agent = await start()
    const seen: (number | null)[] = []
    agent.onRequest(({ fileBytes }) => seen.push(fileBytes))

    const file = await record(agent)
    await settled(agent)

    assert.deepEqual(sums(drive), [file.sha256])
    assert.equal(server.received.get(file.id)?.sha256, file.sha256)
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ['/api/uploads', '/api/recordings']
    )
    assert.deepEqual(seen.filter(Boolean), [3 * DRIVE_UNIT + 5])
    assert.containsSubset(await told(agent), { state: 'ok', reason: null })
  })

  test('says how far it is', async ({ assert, cleanup }) => {
    const { drive, start, told } = await setUp(cleanup)
    const agent = await start()
    let found: unknown = null
    drive.always = (_, chunk) => {
      if (chunk !== null && chunk.first > 0) {
        void told(agent).then((plugin) => (found ??= plugin))
      }
      return null
    }

    await record(agent, randomBytes(5 * DRIVE_UNIT))
    await settled(agent)

    assert.containsSubset(found, {
      state: 'ok',
      reason: 'Sends to Google Drive: 1.0 of 1.3 MB of a recording',
    })
  })

  test('where the site stores elsewhere, the bytes go to the server', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, told } = await setUp(cleanup)
    server.uploads = null
    const agent = await start()

    const file = await record(agent)
    await settled(agent)

    assert.isEmpty(drive.media)
    assert.equal(server.received.get(file.id)?.sha256, file.sha256)
    assert.equal((await told(agent))?.state, 'idle')
  })

  test('an older server, which gives no sessions, gets the bytes', async ({ assert, cleanup }) => {
    const { server, start } = await setUp(cleanup)
    server.always = ({ path }) => (path === '/api/uploads' ? { status: 404 } : null)
    const agent = await start()

    const file = await record(agent)
    await settled(agent)

    assert.equal(server.received.get(file.id)?.sha256, file.sha256)
  })

  test('a file that the server does not find whole is sent again, once', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start } = await setUp(cleanup)
    const agent = await start()
    let isBroken = false
    server.always = ({ path }) => {
      const [file] = drive.media
      if (path === '/api/recordings' && !isBroken && file !== undefined) {
        isBroken = true
        drive.change(file, Buffer.from('other'))
      }
      return null
    }

    const file = await record(agent)
    await settled(agent)

    assert.isTrue(isBroken)
    assert.deepEqual(sums(drive), [file.sha256])
    assert.equal(agent.spool.counters().dead, 0)
    assert.isTrue(server.received.has(file.id))
  })

  test('a reference whose answer is lost is given again, and nothing is sent twice', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start } = await setUp(cleanup)
    const agent = await start()
    let isLost = false
    server.always = ({ path }) => {
      const isFirst = path === '/api/recordings' && !isLost
      isLost ||= isFirst
      return isFirst ? { status: 503 } : null
    }

    const file = await record(agent)
    await settled(agent)

    assert.isTrue(server.received.has(file.id))
    assert.equal(drive.received, 3 * DRIVE_UNIT + 5)
  })

  const GONE: readonly { what: string; fault: Omit<DriveFault, 'on'> }[] = [
    { what: '401', fault: { status: 401, reason: 'authError' } },
    { what: '404', fault: { status: 404, reason: 'notFound' } },
    { what: '410', fault: { status: 410 } },
  ]
  test('{what} of a session: another one is asked for, and the file arrives once')
    .with([...GONE])
    .run(async ({ assert, cleanup }, { fault }) => {
      const { drive, server, start } = await setUp(cleanup)
      const agent = await start()
      let isGone = false
      drive.always = (_, chunk) => {
        const isFirst = chunk !== null && chunk.first > 0 && !isGone
        if (isFirst) {
          isGone = true
          drive.sessions.clear()
        }
        return isFirst ? fault : null
      }

      const file = await record(agent, randomBytes(9 * DRIVE_UNIT))
      await settled(agent)

      assert.isTrue(isGone)
      assert.deepEqual(sums(drive), [file.sha256])
      assert.isTrue(server.received.has(file.id))
    })

  const AWAY: readonly { what: string; fault: Omit<DriveFault, 'on'> }[] = [
    { what: '403 permission', fault: { status: 403, reason: 'insufficientFilePermissions' } },
    { what: 'a network that breaks', fault: { how: 'reset' } },
    { what: '403 rate limit', fault: { status: 403, reason: 'rateLimitExceeded' } },
    { what: '429', fault: { status: 429 } },
    { what: '500', fault: { status: 500 } },
    { what: 'a session that is always gone', fault: { status: 404 } },
  ]
  test(
    '{what} without end: the file waits, the server does not count as away, and it arrives in the end'
  )
    .with(isLong ? [...AWAY] : AWAY.slice(0, 2)) // each takes three waits of the courier
    .run(async ({ assert, cleanup }, { fault }) => {
      const { drive, server, start, told } = await setUp(cleanup)
      const agent = await start()
      drive.always = (request) => (request.startsWith('PUT') ? fault : null)
      const file = await record(agent)
      await until(async () => (await told(agent, 'destination drive')) !== undefined)

      const { destinations } = await agent.report()
      const states = Object.fromEntries(destinations.map(({ name, state }) => [name, state]))
      assert.deepEqual(states, { server: 'closed', drive: 'open' })
      assert.equal((await told(agent))?.state, 'degraded')
      assert.containsSubset(agent.spool.counters(), { queued: 1, dead: 0 })
      drive.always = null
      await agent.flush(AbortSignal.timeout(50_000))
      assert.deepEqual(sums(drive), [file.sha256])
      assert.isTrue(server.received.has(file.id))
      assert.isUndefined(await told(agent, 'destination drive'))
    })

  test('no room: the agent says so, keeps what is captured, and brings all of it when there is', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, told } = await setUp(cleanup)
    drive.limit = 10
    const agent = await start()
    const files = [await record(agent), await record(agent)]
    await until(async () => (await told(agent))?.state === 'degraded')
    files.push(await record(agent)) // capture goes on

    assert.match((await told(agent))?.reason ?? '', /^Google Drive has no room left/)
    assert.containsSubset(agent.spool.counters(), { queued: 3, dead: 0, evicted: 0 })
    assert.equal(server.received.size, 0)
    drive.limit = null
    await settled(agent)

    assert.sameMembers(
      sums(drive),
      files.map(({ sha256 }) => sha256)
    )
    assert.equal(server.received.size, 3)
    assert.containsSubset(await told(agent), { state: 'ok', reason: null })
  }).timeout(40_000)

  test('no room for long: what is captured fills the spool up to its quota, and all of it arrives', async ({
    assert,
    cleanup,
  }) => {
    const { drive, server, start, told } = await setUp(cleanup, 10 * DRIVE_UNIT)
    drive.limit = 10
    const agent = await start()
    const kept: string[] = []
    let refusals = 0
    for (let count = 0; count < 6; count += 1) {
      const bytes = randomBytes(3 * DRIVE_UNIT + 5)
      const outcome = await agent.keep(anEvent(agent.spool, aRecording(bytes)), bytes)
      if (outcome.status === 'accepted') {
        kept.push(hash('sha256', bytes, 'hex'))
      } else {
        refusals += 1
      }
    }
    await until(async () => (await told(agent))?.state === 'degraded')

    assert.lengthOf(kept, 3)
    assert.equal(refusals, 3)
    assert.deepEqual(agent.mayObserve('screenshot'), { go: false, by: 'spool' })
    drive.limit = null
    await settled(agent)

    assert.sameMembers(sums(drive), kept)
    assert.deepEqual(agent.mayObserve('screenshot'), { go: true })
    await record(agent)
    await settled(agent)
    const kinds = [...server.received.values()].map(({ observation }) => observation.kind)
    assert.include(kinds, 'gap')
  }).timeout(40_000)

  test('Google says itself that there is no room: the same', async ({ assert, cleanup }) => {
    const { drive, start, told } = await setUp(cleanup)
    const agent = await start()
    drive.always = (request) =>
      request.startsWith('PUT') ? { status: 403, reason: 'storageQuotaExceeded' } : null
    const file = await record(agent)
    await until(async () => (await told(agent))?.state === 'degraded')

    assert.match((await told(agent))?.reason ?? '', /^Google Drive has no room left/)
    drive.always = null
    await settled(agent)
    assert.deepEqual(sums(drive), [file.sha256])
  }).timeout(40_000)

  test('an agent that starts again goes on where it stopped', async ({ assert, cleanup }) => {
    const { drive, server, start } = await setUp(cleanup)
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
    const bytes = randomBytes(9 * DRIVE_UNIT)
    const file = await record(first, bytes)
    await isHalf
    await first.stop()
    drive.always = null
    const { received } = drive
    const second = await start()
    await settled(second)

    assert.deepEqual(sums(drive), [file.sha256])
    assert.isTrue(server.received.has(file.id))
    assert.isBelow(drive.received - received, bytes.length)
  })
})
