import { startMariadb, type Mariadb } from '#services/testing/mariadb'
import { heartbeat } from '#tests/support/observations'
import { World, until } from '#tests/support/world'
import app from '@adonisjs/core/services/app'
import Sqlite from 'better-sqlite3'
import { test } from '@japa/runner'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const IS_LONG = process.env.WORKSIGHT_TEST_LONG === '1'
/** A client that waits longer than this was left hanging; the promise is 2 s, on a machine with nothing else to do. */
const SILENT_MS = 15_000
/** Kills of the server, and how long the short form goes on with them, in milliseconds. */
const KILLS = 20
const LEAST_KILLS = 4
const SHORT_MS = 40_000
/** How long a database is away, in milliseconds. */
const AWAY_MS = IS_LONG ? 60_000 : 3_000

async function enrolled(changes: NodeJS.ProcessEnv = {}): Promise<World> {
  const world = await World.make(changes)
  const { enrolment_code: code } = await world.setUp()
  await world.startServer()
  await world.enrol(code)
  return world
}

/** Sends one heartbeat: the answer's status, its Retry-After, and how long it took. */
async function send(world: World, token: string, seq: number) {
  const startedAt = performance.now()
  const answer = await fetch(`${world.url}/api/observations`, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ observations: [heartbeat(seq)] }),
    signal: AbortSignal.timeout(SILENT_MS),
  })
  await answer.arrayBuffer()
  const retryAfter = answer.headers.get('retry-after')
  return { status: answer.status, retryAfter, ms: performance.now() - startedAt }
}

/** Screenshots of the server that are not what was accepted, or whose file is not what the row says. */
async function wrongPictures(
  world: World,
  accepted: ReadonlyMap<string, { sha256: string | null }>
) {
  const checked = world.screenshots().map(async ({ id, path, sha256 }) => {
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    const found = createHash('sha256').update(bytes).digest('hex')
    return found === sha256 && accepted.get(id)?.sha256 === sha256 ? [] : [id]
  })
  return (await Promise.all(checked)).flat()
}

test.group('Faults of the server', () => {
  test(`kill -9 under load, ${IS_LONG ? `${KILLS} times` : 'again and again'}: everything accepted is there, once, with its bytes`, async ({
    assert,
    cleanup,
  }) => {
    const world = await enrolled()
    cleanup(() => world.end())
    const { accepted, finish } = world.startLoad(1_000, 180_000)

    const between: number[] = []
    const enoughAt = performance.now() + SHORT_MS
    const isEnough = () => !IS_LONG && between.length >= LEAST_KILLS && performance.now() > enoughAt
    while (between.length < KILLS && !isEnough()) {
      const before = world.observations().length
      await until(() => world.observations().length > before + 20, 'the server stores again', 60)
      await wait(Math.random() * 100)
      await world.killServer()
      between.push(world.observations().length - before)
      await world.startServer()
    }
    const counters = await finish()

    const rows = world.observations()
    process.stdout.write(`    ${between.length} kills, ${accepted.size} accepted\n`)
    assert.isAtLeast(accepted.size, 1_000)
    assert.isTrue(between.every((stored) => stored > 0))
    assert.containsSubset(counters, { delivered: accepted.size, queued: 0, dead: 0 })
    assert.sameMembers(
      rows.map(({ id }) => id),
      [...accepted.keys()]
    )
    assert.lengthOf(new Set(rows.map(({ seq }) => seq)), rows.length)
    assert.deepEqual(await wrongPictures(world, accepted), [])
  }).timeout(600_000)

  test('a locked SQLite file is answered with 503 and Retry-After, and forgotten when it is free', async ({
    assert,
    cleanup,
  }) => {
    const world = await enrolled()
    cleanup(() => world.end())
    const token = await world.token()
    const before = await send(world, token, 1)
    const other = new Sqlite(join(world.folder, 'database.sqlite'))
    other.exec('BEGIN IMMEDIATE')

    const locked = []
    const lockedUntil = performance.now() + AWAY_MS
    for (let seq = 2; locked.length < 4 || performance.now() < lockedUntil; seq += 1) {
      locked.push(await send(world, token, seq))
    }
    const together = await Promise.all([1_006, 1_007, 1_008].map((seq) => send(world, token, seq)))
    other.exec('ROLLBACK')
    other.close()
    const freedAt = performance.now()
    await until(async () => (await send(world, token, 1_009)).status === 200, 'it answers again')
    const backMs = performance.now() - freedAt

    assert.equal(before.status, 200)
    for (const { status, retryAfter, ms } of locked) {
      assert.deepEqual([status, retryAfter], [503, '5'])
      assert.isBelow(ms, SILENT_MS)
    }
    for (const { status, retryAfter } of together) {
      assert.deepEqual([status, retryAfter], [503, '5'])
    }
    assert.isBelow(backMs, SILENT_MS)
  }).timeout(200_000)

  test('a server that is started before its database is set up says so, and serves when it is', async ({
    assert,
    cleanup,
  }) => {
    const world = await World.make()
    cleanup(() => world.end())
    await world.startServer({}, 503)
    const before = await fetch(`${world.url}/login`)

    await world.setUp()
    const after = await fetch(`${world.url}/login`)
    const database = new Sqlite(join(world.folder, 'database.sqlite'), { readonly: true })
    cleanup(() => database.close())
    await until(
      async () => database.prepare('select id from queue_schedules').all().length === 3,
      'what repeats is in the queue'
    )
    const log = await readFile(join(world.folder, 'server.log'), 'utf8')

    assert.deepEqual([before.status, before.headers.get('retry-after')], [503, '5'])
    assert.include(await before.text(), 'node ace migration:run --force')
    assert.equal(after.status, 200)
    assert.match(log, /\d+ migrations are pending: run node ace migration:run --force/)
  })

  test('two that set up one empty database at once: one migrates, and both serve', async ({
    assert,
    cleanup,
  }) => {
    const world = await World.make()
    cleanup(() => world.end())

    const answers = await Promise.all([world.setUp(), world.setUp()])
    await world.startServer()
    const second = await world.startSecondServer()
    const ready = await Promise.all(
      [world.url, second].map(async (url) => (await fetch(`${url}/health/ready`)).status)
    )

    const [few, many] = answers.map(({ migrations }) => migrations).sort((a, b) => a - b)
    const passwords = answers.filter(({ owner }) => owner.password !== null)
    assert.equal(few, 0)
    assert.isAbove(many ?? 0, 0)
    assert.lengthOf(passwords, 1)
    assert.deepEqual(ready, [200, 200])
  }).timeout(120_000)

  test('a server that is asked to stop answers what it has begun, and ends with 0', async ({
    assert,
    cleanup,
  }) => {
    const world = await enrolled()
    cleanup(() => world.end())
    const body = JSON.stringify({ observations: [heartbeat(1)] })
    const slow = request(`${world.url}/api/observations`, {
      method: 'POST',
      headers: {
        'authorization': `Bearer ${await world.token()}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    })
    const answered = new Promise<number>((resolve, reject) => {
      slow.once('response', (response) => resolve(response.resume().statusCode ?? 0))
      slow.once('error', reject)
    })
    slow.write(body.slice(0, 10))
    await wait(300)

    const stopped = world.stopServer()
    await wait(300)
    slow.end(body.slice(10))

    assert.equal(await answered, 200)
    assert.equal(await stopped, 0)
    assert.lengthOf(world.observations(), 1)
  }).timeout(60_000)

  const FULL = app.makePath(`tmp/full-disk-${process.pid}`)
  const impossible = mountable(FULL)
  test(`a full disk for pictures ${impossible ?? 'stops pictures alone, and takes them again when there is room'}`, async ({
    assert,
    cleanup,
  }) => {
    mkdirSync(FULL)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', FULL])
    cleanup(() => {
      execFileSync('umount', [FULL])
      rmSync(FULL, { recursive: true })
    })
    const world = await enrolled({ STORAGE_PATH: FULL })
    cleanup(() => world.end())
    writeFileSync(join(FULL, 'filler'), Buffer.alloc(900_000))
    const { accepted, finish } = world.startLoad(600)
    const ended = finish()

    await until(() => world.observations().length >= 600, 'all events are there', 60)
    const full = world.screenshots().length
    rmSync(join(FULL, 'filler'))
    const counters = await ended

    assert.isBelow(full, 60)
    assert.containsSubset(counters, { delivered: 660, queued: 0, dead: 0 })
    const rows = world.screenshots()
    assert.lengthOf(rows, 60)
    for (const { id, path, sha256 } of rows) {
      const file = path.replace(join(world.folder, 'media'), FULL)
      const found = createHash('sha256')
        .update(await readFile(file))
        .digest('hex')
      assert.deepEqual([found, accepted.get(id)?.sha256], [sha256, sha256])
    }
  })
    .skip(impossible !== null && !process.env.CI)
    .timeout(180_000)
})

/** Why no small disk can be mounted here, as words for a title, or null. */
function mountable(folder: string): string | null {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' })
    execFileSync('umount', [folder])
    return null
  } catch {
    return '(not possible here: no right to mount)'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.group('Faults of MariaDB', (group) => {
  let mariadb: Mariadb
  let world: World

  group.setup(async () => {
    const folder = app.makePath(`tmp/mariadb-faults-${process.pid}`)
    mariadb = await startMariadb(folder, new AbortController().signal)
    const { TEST_DB_CONNECTION: connection, ...environment } = mariadb.environment
    world = await enrolled({ DB_CONNECTION: connection, ...environment })
    return async () => {
      await world.end()
      await mariadb.stop()
    }
  })

  test('a MariaDB that is away is answered with 503 and Retry-After, and found when it is back', async ({
    assert,
  }) => {
    const token = await world.token()
    const before = await send(world, token, 1)
    const page = async () => {
      const answer = await fetch(`${world.url}/login`)
      return { status: answer.status, text: await answer.text() }
    }

    await mariadb.kill()
    const pageAway = await page()
    const health = await fetch(`${world.url}/health/ready`)
    const away = []
    const awayUntil = performance.now() + AWAY_MS
    for (let seq = 2; away.length < 4 || performance.now() < awayUntil; seq += 1) {
      away.push(await send(world, token, seq))
      await wait(IS_LONG ? 1_000 : 100)
    }
    await mariadb.restart()
    const readyAt = performance.now()
    await until(
      async () => (await send(world, token, 1_099)).status === 200,
      'it answers again',
      60
    )
    const backMs = performance.now() - readyAt
    await until(async () => (await page()).status === 200, 'pages are shown again', 10)

    assert.equal(pageAway.status, 503)
    assert.include(pageAway.text, 'The database cannot be reached right now')
    assert.equal(health.status, 503)
    assert.equal(before.status, 200)
    for (const { status, retryAfter, ms } of away) {
      assert.deepEqual([status, retryAfter], [503, '5'])
      assert.isBelow(ms, SILENT_MS)
    }
    assert.isBelow(backMs, SILENT_MS)
  }).timeout(240_000)

  test('a MariaDB that is stopped and says nothing is answered with 503 before a client gives up, and found when it goes on', async ({
    assert,
  }) => {
    const token = await world.token()
    const page = async () => {
      const answer = await fetch(`${world.url}/login`, { signal: AbortSignal.timeout(SILENT_MS) })
      await answer.text()
      return answer.status
    }
    const before = await Promise.all([send(world, token, 2_001), page()])

    mariadb.freeze()
    const atOnce = await Promise.all([
      ...Array.from({ length: 40 }, (_, at) => send(world, token, at + 2_002)),
      page().then((status) => ({ status, retryAfter: '5' })),
    ])
    const silent = []
    const silentUntil = performance.now() + (IS_LONG ? AWAY_MS : 0)
    do {
      silent.push(await send(world, token, silent.length + 2_100))
    } while (performance.now() < silentUntil)
    mariadb.thaw()
    const thawedAt = performance.now()
    await until(
      async () => (await send(world, token, 90_000)).status === 200,
      'it answers again',
      60
    )
    const backMs = performance.now() - thawedAt

    assert.deepEqual([before[0].status, before[1]], [200, 200])
    for (const { status, retryAfter } of [...atOnce, ...silent]) {
      assert.deepEqual([status, retryAfter], [503, '5'])
    }
    assert.isBelow(backMs, SILENT_MS)
    await until(async () => (await page()) === 200, 'pages are shown again', 10)
    process.stdout.write(
      `    silent: ${silent.length + atOnce.length} answers, the slowest after ${Math.round(
        Math.max(...[...atOnce, ...silent].map((one) => ('ms' in one ? one.ms : 0)))
      )} ms; back after ${Math.round(backMs)} ms\n`
    )
  }).timeout(240_000)
})
