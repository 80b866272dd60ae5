import { hash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { Http } from '@worksight/agent-core'
import {
  DRIVE_UNIT,
  DriveEmulator,
  isLong,
  temporaryFolder,
  type DriveFault,
} from '@worksight/agent-core/testing'
import { sendFile, type SendOptions } from './send_file.ts'

const CHUNK = 4 * DRIVE_UNIT
const MOST = 30 * 1024 * 1024
/** Four chunks, the last of them no whole unit. */
const FILE = randomBytes(3 * CHUNK + DRIVE_UNIT + 12_345)

test.group('Sending a file', (group) => {
  let drive: DriveEmulator
  let http: Http
  let folder = ''
  group.each.setup(async () => {
    drive = await DriveEmulator.start()
    http = new Http()
    const { path, remove } = await temporaryFolder()
    folder = path
    return async () => {
      http.close()
      await drive.stop()
      await remove()
    }
  })

  const setUp = async (bytes: Buffer) => {
    const path = join(folder, 'file.bin')
    await writeFile(path, bytes)
    const meta = { id: 'one', name: 'one', mimeType: 'video/mp4', parents: [], appProperties: {} }
    const opened = drive.openSession(meta, bytes.length)
    const waits: number[] = []
    const progress: number[] = []
    let attempted = 0
    const counting: Pick<Http, 'post'> = {
      post: (post) => {
        attempted += post.body.length
        return http.post(post)
      },
    }
    return {
      waits,
      progress,
      /** Bytes of all chunks that were begun: no more than these left. */
      attempted: () => attempted,
      send: (about: Partial<SendOptions> = {}) =>
        sendFile(
          { path, bytes: bytes.length, session: 'session' in opened ? opened.session : '' },
          {
            http: counting,
            mostChunkBytes: CHUNK,
            signal: AbortSignal.timeout(50_000),
            progress: (sent) => progress.push(sent),
            wait: async (ms) => waits.push(ms),
            random: () => 1,
            ...about,
          }
        ),
    }
  }
  const whole = (bytes = FILE) => ({
    files: 1,
    sha256: hash('sha256', bytes, 'hex'),
    found: drive.media[0]?.sha256,
  })
  const PUT = 'PUT /session'

  const PASSING: readonly { what: string; faults: readonly DriveFault[] }[] = [
    { what: '403 rate limit', faults: [{ on: PUT, status: 403, reason: 'rateLimitExceeded' }] },
    { what: '429', faults: [{ on: PUT, status: 429, headers: { 'retry-after': '2' } }] },
    { what: '500', faults: [{ on: PUT, status: 500 }] },
    {
      what: '503 five times',
      faults: Array.from({ length: 5 }, () => ({ on: PUT, status: 503 })),
    },
    { what: 'a connection that breaks', faults: [{ on: PUT, how: 'reset' }] },
    { what: 'a chunk that breaks off', faults: [{ on: PUT, how: 'cut', after: DRIVE_UNIT + 7 }] },
    { what: '308 without Range', faults: [{ on: PUT, status: 308 }] },
    { what: 'an answer that is lost', faults: [{ on: PUT, how: 'lost' }] },
  ]
  const MOMENTS = [0, 1, 2, 3]
  for (const { what, faults } of PASSING) {
    test(`${what}, at the question and at each chunk: one file, whole`, async ({ assert }) => {
      for (const moment of MOMENTS) {
        drive.files.clear()
        const { send } = await setUp(FILE)
        let requests = 0
        const due = [...faults]
        drive.always = () => (requests++ >= moment ? (due.shift() ?? null) : null)

        const outcome = await send()

        assert.deepEqual(outcome, { status: 'done' })
        assert.isEmpty(due)
        assert.lengthOf(drive.media, 1)
        assert.equal(whole().found, whole().sha256)
      }
    })
  }

  test('the answer to the last chunk lost: the question says that it is there, and nothing is sent again', async ({
    assert,
  }) => {
    const { send } = await setUp(FILE)
    drive.loseFinal = true

    assert.deepEqual(await send(), { status: 'done' })
    assert.equal(drive.received, FILE.length)
    assert.equal(whole().found, whole().sha256)
  })

  test('200 on the first question: nothing is sent', async ({ assert }) => {
    const { send } = await setUp(FILE)
    await send()
    const { received } = drive

    assert.deepEqual(await send(), { status: 'done' })
    assert.equal(drive.received, received)
  })

  test('a session that has a part of it already is gone on with behind it', async ({ assert }) => {
    const { send, progress } = await setUp(FILE)
    let chunks = 0
    drive.always = (_, chunk) => (chunk !== null && chunks++ > 0 ? { status: 503 } : null)
    const before = await send()
    drive.always = null
    const { received } = drive
    const after = await send()

    assert.containsSubset(before, { status: 'stop', isFull: false })
    assert.deepEqual(after, { status: 'done' })
    assert.equal(drive.received - received, FILE.length - CHUNK)
    assert.equal(progress[0], CHUNK)
  })

  const ENDING: readonly {
    what: string
    faults: readonly DriveFault[]
    outcome: object
  }[] = [
    { what: '401', faults: [{ on: PUT, status: 401 }], outcome: { status: 'reopen' } },
    { what: '404', faults: [{ on: PUT, status: 404 }], outcome: { status: 'reopen' } },
    { what: '410', faults: [{ on: PUT, status: 410 }], outcome: { status: 'reopen' } },
    {
      what: '403 storage quota',
      faults: [{ on: PUT, status: 403, reason: 'storageQuotaExceeded' }],
      outcome: { status: 'stop', isFull: true },
    },
    {
      what: '403 permission',
      faults: [{ on: PUT, status: 403, reason: 'insufficientFilePermissions' }],
      outcome: { status: 'stop', isFull: false },
    },
    {
      what: '429 that asks for a minute',
      faults: [{ on: PUT, status: 429, headers: { 'retry-after': '60' } }],
      outcome: { status: 'stop', isFull: false, retryAfterMs: 60_000 },
    },
    {
      what: '503 without end',
      faults: Array.from({ length: 20 }, () => ({ on: PUT, status: 503 })),
      outcome: { status: 'stop', isFull: false },
    },
    {
      what: 'a chunk of which nothing ever arrives',
      faults: Array.from({ length: 40 }, () => ({ on: 'PUT', status: 308 })),
      outcome: { status: 'stop', isFull: false, reason: 'Google Drive takes nothing of it' },
    },
  ]
  test('{what}: it ends, and says so')
    .with([...ENDING])
    .run(async ({ assert }, { faults, outcome }) => {
      const { send } = await setUp(FILE)
      drive.faults = [...faults]

      assert.containsSubset(await send(), outcome)
      assert.isEmpty(drive.media)
    })

  test('waits longer from one error to the next, and not at all for a line that broke once', async ({
    assert,
  }) => {
    const { send, waits } = await setUp(FILE)
    const due: DriveFault[] = [
      { on: PUT, how: 'reset' },
      ...Array.from({ length: 3 }, () => ({ on: PUT, status: 503 })),
    ]
    drive.always = () => due.shift() ?? null
    await send()

    assert.deepEqual(waits, [0, 4000, 8000, 16_000])
  })

  test('ends when the agent stops', async ({ assert }) => {
    const { send } = await setUp(FILE)
    const stop = new AbortController()
    drive.always = () => {
      stop.abort()
      return null
    }

    assert.containsSubset(await send({ signal: stop.signal }), { status: 'stop' })
  })

  test('cut at each boundary of 256 KiB in turn, it sends at most one chunk again for each', async ({
    assert,
  }) => {
    const bytes = randomBytes(isLong ? MOST : 5 * 1024 * 1024)
    const { send, attempted } = await setUp(bytes)
    let cuts = 0
    drive.always = (_, chunk) => {
      if (chunk === null || chunk.first + DRIVE_UNIT >= chunk.total) {
        return null
      }
      cuts += 1
      return { how: 'cut', after: DRIVE_UNIT }
    }

    const outcome = await send()

    assert.deepEqual(outcome, { status: 'done' })
    assert.equal(cuts, bytes.length / DRIVE_UNIT - 1)
    assert.equal(whole().found, hash('sha256', bytes, 'hex'))
    assert.isAtMost(attempted() - bytes.length, cuts * CHUNK)
    process.stdout.write(
      `    ${cuts} cuts of ${bytes.length} bytes: ${attempted() - bytes.length} sent again at the most\n`
    )
  }).timeout(120_000)

  if (isLong) {
    test('a file of 30 MB, cut at one boundary, then anew at the next: at most one chunk again each time', async ({
      assert,
    }) => {
      const bytes = randomBytes(MOST)
      const expected = hash('sha256', bytes, 'hex')
      const mostChunkBytes = 32 * DRIVE_UNIT
      const again: number[] = []
      for (let cut = DRIVE_UNIT; cut < bytes.length; cut += DRIVE_UNIT) {
        drive.files.clear()
        const { send, attempted } = await setUp(bytes)
        let isCut = false
        drive.always = (_, chunk) => {
          if (isCut || chunk === null || chunk.last + 1 < cut) {
            return null
          }
          isCut = true
          return { how: 'cut', after: cut - chunk.first }
        }
        const outcome = await send({ mostChunkBytes })
        assert.deepEqual(outcome, { status: 'done' })
        assert.isTrue(isCut)
        assert.equal(drive.media[0]?.sha256, expected)
        again.push(attempted() - bytes.length)
      }
      process.stdout.write(
        `    ${again.length} files cut once, at most ${Math.max(...again)} bytes sent again\n`
      )
      assert.lengthOf(again, 119)
      assert.isAtMost(Math.max(...again), mostChunkBytes)
    }).timeout(600_000)
  }
})
