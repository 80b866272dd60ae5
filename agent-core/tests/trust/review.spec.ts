import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createReadStream } from 'node:fs'
import { test } from '@japa/runner'
import { defineSite } from '../../src/define_site.ts'
import { IdentityStore } from '../../src/identity.ts'
import { silentLogger } from '../../src/logger.ts'
import { acknowledge, noticeOf } from '../../src/notice.ts'
import type { Payload } from '../../src/plugin.ts'
import { AgentRuntime } from '../../src/runtime.ts'
import type { Unnumbered } from '../../src/spool.ts'
import { Review } from '../../src/trust/review.ts'
import {
  agentProcess,
  aHeartbeat,
  aScreenshot,
  FakeServer,
  ManualClock,
  temporaryFolder,
} from '../../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void

const MINUTE = 60_000
const PICTURE = Buffer.from('RIFF a picture with a canary in it')
const observed = (id: string, kind = 'screenshot') =>
  ({ ...aScreenshot(PICTURE), kind, id, captured_at: '2026-03-02T09:00:00.000Z' }) as Unnumbered

test.group('Review', (group) => {
  let dataDir = ''
  let clock = new ManualClock()
  let released: { id: string; data: Buffer | null }[] = []
  let isTaken = true
  let spooled: string[] = []
  group.each.setup(async () => {
    const { path, remove } = await temporaryFolder()
    dataDir = path
    clock = new ManualClock()
    released = []
    isTaken = true
    spooled = []
    return remove
  })

  const opened = async (minutes = 5) => {
    const review = new Review({
      dataDir,
      clock,
      logger: silentLogger,
      release: async ({ id }, payload) => {
        released.push({ id, data: await bytesOf(payload) })
        return isTaken
      },
      isTaken: (id) => spooled.includes(id),
    })
    review.minutes = minutes
    await review.load()
    return review
  }

  test('a capture waits its minutes and is then released as it was', async ({ assert }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)

    await clock.pass(5 * MINUTE - 1)
    assert.deepEqual(released, [])
    assert.deepEqual(await review.payload('a'), PICTURE)
    await clock.pass(1)
    await review.releaseDue()

    assert.deepEqual(released, [{ id: 'a', data: PICTURE }])
    assert.deepEqual(review.list(), [])
    assert.deepEqual(await readdir(join(dataDir, 'pending')), [])
  })

  test('one that a crash kept here although it was taken is not released a second time', async ({
    assert,
  }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)
    await review.hold(observed('b'), PICTURE)
    await review.close()

    spooled = ['a']
    const again = await opened()
    await clock.pass(5 * MINUTE)
    await again.releaseDue()

    assert.deepEqual(released, [{ id: 'b', data: PICTURE }])
    assert.deepEqual(await readdir(join(dataDir, 'pending')), [])
  })

  test('nothing of it stands on the disk in the clear, and only its user can read it', async ({
    assert,
  }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)

    for (const name of await readdir(join(dataDir, 'pending'))) {
      const path = join(dataDir, 'pending', name)
      const text = (await readFile(path)).toString('latin1')
      assert.notMatch(text, /canary|screenshot|captured_at/)
      assert.equal((await stat(path)).mode & 0o777, 0o600)
    }
    assert.equal((await stat(join(dataDir, 'pending.key'))).mode & 0o777, 0o600)
    assert.lengthOf(await readFile(join(dataDir, 'pending.key')), 32)
  })

  test('what is taken back is gone, and told until the server knows', async ({ assert }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)
    await review.hold(observed('b'), PICTURE)

    await review.withhold(['a'])
    await review.close()
    const again = await opened()
    await clock.pass(10 * MINUTE)
    await again.releaseDue()

    assert.deepEqual(
      released.map(({ id }) => id),
      ['b']
    )
    const [withheld] = again.untold()
    assert.deepEqual(withheld, {
      id: 'a',
      kind: 'screenshot',
      capturedAt: '2026-03-02T09:00:00.000Z',
      bytes: PICTURE.length,
    })
    await again.told(withheld as never)
    assert.deepEqual((await opened()).untold(), [])
  })

  test('what does not wait cannot be taken back, and nothing else is then', async ({ assert }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)

    await assert.rejects(() => review.withhold(['a', 'b']), /found "b"/)

    assert.lengthOf(review.list(), 1)
    assert.lengthOf(review.untold(), 0)
  })

  test('a file waits like bytes, and its plugin`s own copy is gone', async ({ assert }) => {
    const path = join(dataDir, 'segment.mp4')
    const film = Buffer.alloc(20 * 1024 * 1024, 'film')
    await writeFile(path, film)
    const review = await opened()

    await review.hold(observed('a', 'recording'), { path })
    await assert.rejects(() => stat(path))
    await clock.pass(5 * MINUTE)
    await review.releaseDue()

    assert.isTrue(released[0]?.data?.equals(film))
    assert.deepEqual(await readdir(join(dataDir, 'pending')), [])
  })

  test('it waits across a restart, and what a crash left half done is swept', async ({
    assert,
  }) => {
    const before = await opened()
    await before.hold(observed('a'), PICTURE)
    await before.close()
    await writeFile(join(dataDir, 'pending', 'b.item.half'), 'half')
    await writeFile(join(dataDir, 'pending', 'c.clear'), PICTURE)
    await writeFile(join(dataDir, 'pending', 'd.payload'), 'no item beside it')

    const after = await opened()

    assert.deepEqual(
      after.list().map(({ observation }) => observation.id),
      ['a']
    )
    assert.deepEqual((await readdir(join(dataDir, 'pending'))).sort(), ['a.item', 'a.payload'])
  })

  test('what was exchanged or changed on the disk is not released', async ({ assert }) => {
    const review = await opened()
    await review.hold(observed('a'), PICTURE)
    await review.hold(observed('b'), PICTURE)
    const [a, b] = ['a', 'b'].map((id) => join(dataDir, 'pending', `${id}.payload`))
    await writeFile(a as string, await readFile(b as string))

    await clock.pass(5 * MINUTE)
    await review.releaseDue()

    assert.deepEqual(released, [])
  })

  test('what is not taken now is tried again, in its order', async ({ assert }) => {
    isTaken = false
    const review = await opened()
    await review.hold(observed('a'), PICTURE)
    await review.hold(observed('b'), PICTURE)
    await clock.pass(5 * MINUTE)
    await review.releaseDue()
    assert.deepEqual(
      released.map(({ id }) => id),
      ['a', 'a'].slice(0, released.length)
    )
    assert.lengthOf(review.list(), 2)

    isTaken = true
    released = []
    await review.releaseDue()

    assert.deepEqual(
      released.map(({ id }) => id),
      ['a', 'b']
    )
  })
})

async function bytesOf(payload: Payload | undefined): Promise<Buffer | null> {
  if (payload === undefined) {
    return null
  }
  return payload instanceof Uint8Array
    ? Buffer.from(payload)
    : buffer(createReadStream(payload.path))
}

async function setUp(cleanup: Cleanup, clock?: ManualClock) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const site = defineSite({
    name: 'test',
    plugins: [],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
    bounds: { 'review.minutes': 5 },
  })
  const { token, url } = server
  new IdentityStore(path).save(
    { server: url, agentId: 7, name: 'desk', site: 'test', person: null, token },
    acknowledge(noticeOf(site), 0)
  )
  const options = { site, dataDir: path, random: () => 0, pagePort: 0 }
  const runtime = new AgentRuntime(clock === undefined ? options : { ...options, clock })
  cleanup(async () => {
    await runtime.stop()
    await server.stop()
    await remove()
  })
  await runtime.start()
  const received = (kind: string) =>
    [...server.received.values()]
      .map(({ observation }) => observation)
      .filter((observation) => observation.kind === kind)
  return { server, runtime, dataDir: path, received }
}

test.group('Review of a running agent', () => {
  test('a capture is sent after its minutes, with the time at which it was made', async ({
    assert,
    cleanup,
  }) => {
    const clock = new ManualClock()
    const { runtime, server, received } = await setUp(cleanup, clock)

    const held = await runtime.record(aScreenshot(PICTURE), PICTURE)
    await runtime.record(aHeartbeat())
    while (server.received.size === 0) {
      await clock.pass(10)
    }
    assert.equal(held.status, 'held')
    assert.lengthOf(received('screenshot'), 0)
    while (received('screenshot').length === 0) {
      await clock.pass(MINUTE)
    }

    assert.equal(received('screenshot')[0]?.captured_at, '2026-03-02T09:00:00.000Z')
    assert.equal(received('heartbeat')[0]?.seq, 1)
    assert.equal(received('screenshot')[0]?.seq, 2)
  })

  test('taken back on the page: never sent, and the server learns that one was', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, server, received } = await setUp(cleanup)
    const held = await runtime.record(aScreenshot(PICTURE), PICTURE)
    const link = runtime.trust.report().page ?? ''
    const id = held.status === 'held' ? held.observation.id : ''
    const page = await (await fetch(link)).text()
    const shown = await fetch(new URL(`pictures/${id}`, link))

    await fetch(new URL('withhold', link), {
      method: 'POST',
      headers: { origin: new URL(link).origin },
      body: new URLSearchParams({ id }),
    })
    await server.has(1)

    assert.include(page, 'Waiting for you')
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), PICTURE)
    assert.containsSubset(received('eviction'), [
      { evicted_id: id, evicted_kind: 'screenshot', cause: 'withheld', bytes: PICTURE.length },
    ])
    assert.equal((await fetch(new URL(`pictures/${id}`, link))).status, 404)
    assert.deepEqual(runtime.trust.review.list(), [])
  })

  test('by command: listed, shown in a file, taken back; with the agent and without', async ({
    assert,
    cleanup,
  }) => {
    const { runtime, dataDir } = await setUp(cleanup)
    for (let count = 0; count < 2; count += 1) {
      await runtime.record(aScreenshot(PICTURE), PICTURE)
    }
    await runtime.stop()
    const run = (...args: string[]) =>
      agentProcess(['--data-dir', dataDir, '--json', 'pending', ...args]).ended

    const listed = JSON.parse((await run('list')).stdout) as { pending: { id: string }[] }
    const id = listed.pending[0]?.id ?? ''
    const out = join(dataDir, 'look.webp')
    const shown = await run('show', id, '--out', out)
    const unknown = await run('withhold', 'nothing')
    const neither = await run('withhold')
    const withheld = await run('withhold', id)
    const rest = JSON.parse((await run('list')).stdout) as { pending: unknown[] }

    assert.lengthOf(listed.pending, 2)
    assert.equal(shown.exit, 0)
    assert.deepEqual(await readFile(out), PICTURE)
    assert.deepEqual([unknown.exit, neither.exit, withheld.exit], [2, 2, 0])
    assert.lengthOf(rest.pending, 1)
  })
})
