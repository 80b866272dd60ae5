import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from '@japa/runner'
import {
  DRIVE_UNIT,
  DriveEmulator,
  FakeServer,
  FakeUploads,
  isLong,
  temporaryFolder,
  type DriveFault,
  type FakeAnswer,
} from '@worksight/agent-core/testing'
import type { UploadStormLine, UploadStormOrder } from './testing/upload_storm.ts'

const STORM = join(import.meta.dirname, 'testing/upload_storm.ts')

/** The long form is what is promised; the short one shows the same in seconds. */
const FORM = isLong
  ? { files: 200, most: 40_000_000, kills: 20, faultsEvery: 6, giveUpMs: 240_000 }
  : { files: 16, most: 3_000_000, kills: 3, faultsEvery: 3, giveUpMs: 60_000 }
const LEAST = 10_000

type Fault = Omit<DriveFault, 'on'>

/** What can go wrong at a session, each by its name. */
const FAULTS: Readonly<Record<string, (drive: DriveEmulator) => Fault>> = {
  '401': () => ({ status: 401, reason: 'authError' }),
  '403 rate limit': () => ({ status: 403, reason: 'userRateLimitExceeded' }),
  '403 storage quota': () => ({ status: 403, reason: 'storageQuotaExceeded' }),
  '404': (drive) => {
    drive.sessions.clear()
    return { status: 404, reason: 'notFound' }
  },
  '408': () => ({ status: 408 }),
  '410': () => ({ status: 410 }),
  '429': () => ({ status: 429, headers: { 'retry-after': '1' } }),
  '500': () => ({ status: 500 }),
  '502': () => ({ status: 502 }),
  '503': () => ({ status: 503 }),
  '504': () => ({ status: 504 }),
  'network before': () => ({ how: 'reset' }),
  'network within': () => ({ how: 'cut', after: DRIVE_UNIT + 1000 }),
  'answer lost': () => ({ how: 'lost' }),
  '308 without Range': () => ({ status: 308 }),
}

/** What can go wrong at the server, each by its name. */
const SERVER_FAULTS: Readonly<Record<string, FakeAnswer>> = {
  'server 503': { status: 503 },
  'server cut': { status: 200, hangUp: true },
  'server answer lost': { status: 200, hangUp: true, stores: true },
}

test.group('Drive upload | a storm', () => {
  test(`${FORM.files} files of ${LEAST / 1000} KB to ${FORM.most / 1e6} MB, every fault, ${FORM.kills} kills: each file once, whole, none left`, async ({
    assert,
    cleanup,
  }) => {
    const drive = await DriveEmulator.start()
    const server = await FakeServer.start()
    server.uploads = new FakeUploads(drive)
    const place = await temporaryFolder()
    cleanup(async () => {
      await server.stop()
      await drive.stop()
      await place.remove()
    })
    const happened = arm(drive, server)
    const attempted = new Map<string, string>()
    const accepted = new Set<string>()
    let counters: Readonly<Record<string, number>> = {}
    let kills = 0

    for (let isOver = false; !isOver; ) {
      const { child, ended } = begin(
        {
          dataDir: place.path,
          server: server.url,
          token: server.token,
          sizes: sizesFrom(accepted.size),
          giveUpMs: FORM.giveUpMs,
        },
        (line) => {
          if ('attempt' in line) {
            attempted.set(line.attempt, line.sha256)
          } else if ('accepted' in line) {
            accepted.add(line.accepted)
          } else {
            counters = line.counters
          }
        }
      )
      const share = Math.floor(((kills + 1) * FORM.files) / (FORM.kills + 1))
      const due = drive.requests.length + 3 + (kills % 7)
      while (kills < FORM.kills && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const isWithin = server.received.size >= share || accepted.size >= FORM.files
        if (isWithin && drive.requests.length > due) {
          child.kill('SIGKILL')
          kills += 1
          break
        }
      }
      isOver = (await ended) === null
    }

    const arrived = drive.media.map(({ appProperties, sha256 }) => [appProperties.ws, sha256])
    const ids = new Set(arrived.map(([id]) => id))
    process.stdout.write(
      `    ${accepted.size} accepted, ${drive.requests.length} requests, ${drive.received} bytes came in for ` +
        `${drive.media.reduce((sum, { size }) => sum + size, 0)}, ${kills} kills, ` +
        `${[...happened.values()].reduce((sum, count) => sum + count, 0)} faults\n`
    )
    assert.equal(kills, FORM.kills)
    assert.sameMembers(
      [...happened.keys()],
      [...Object.keys(FAULTS), ...Object.keys(SERVER_FAULTS)]
    )
    assert.isAtLeast(accepted.size, FORM.files)
    assert.equal(arrived.length, ids.size, 'no observation has two files')
    assert.isEmpty([...accepted].filter((id) => !ids.has(id)))
    assert.isEmpty(arrived.filter(([id, sha256]) => attempted.get(id ?? '') !== sha256))
    assert.isEmpty([...accepted].filter((id) => !server.received.has(id)))
    assert.containsSubset(counters, { queued: 0, dead: 0, evicted: 0, spool_bytes: 0 })
    assert.isEmpty(await readdir(join(place.path, 'spool/queue')))
  }).timeout(isLong ? 900_000 : 120_000)
})

/** Arms every fault, at each so many requests the next one. Answers how often each happened. */
function arm(drive: DriveEmulator, server: FakeServer): ReadonlyMap<string, number> {
  const happened = new Map<string, number>()
  const note = (name: string) => happened.set(name, (happened.get(name) ?? 0) + 1)
  const names = Object.keys(FAULTS)
  let puts = 0
  drive.always = (request, chunk) => {
    if (!request.startsWith('PUT') || (puts += 1) % FORM.faultsEvery !== 0) {
      return null
    }
    const name = names[(puts / FORM.faultsEvery) % names.length] ?? ''
    const isLarge = chunk !== null && chunk.last - chunk.first > DRIVE_UNIT + 1000
    if (name === 'network within' && !isLarge) {
      puts -= 1 // the next one that is large enough
      return null
    }
    note(name)
    return FAULTS[name]?.(drive) ?? null
  }
  const serverNames = Object.keys(SERVER_FAULTS)
  let asked = 0
  server.always = () => {
    asked += 1
    if (asked % 9 !== 0) {
      return null
    }
    const name = serverNames[(asked / 9) % serverNames.length] ?? ''
    note(name)
    return SERVER_FAULTS[name] ?? null
  }
  return happened
}

/** Sizes of the files from the `done`th on, as many small ones as large ones by their logarithm. */
function sizesFrom(done: number): readonly number[] {
  return Array.from({ length: Math.max(0, FORM.files - done) }, (_, index) => {
    const part = (((index + done) * 61) % FORM.files) / Math.max(1, FORM.files - 1)
    return Math.round(LEAST * (FORM.most / LEAST) ** part)
  })
}

function begin(
  order: UploadStormOrder,
  heard: (line: UploadStormLine) => void
): { readonly child: ChildProcess; readonly ended: Promise<NodeJS.Signals | null> } {
  const child = spawn(process.execPath, [STORM, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => heard(JSON.parse(line) as UploadStormLine))
  const ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(
    ([[, signal]]) => signal as NodeJS.Signals | null
  )
  return { child, ended }
}
