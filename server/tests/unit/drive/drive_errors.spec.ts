import { DriveDisk } from '#services/drive/drive_disk'
import { driveVerdict, retryAfterOf, type DriveVerdict } from '#services/drive/drive_errors'
import { DiskError } from '#services/storage/disk'
import { cleanDatabase } from '#tests/support/clean'
import { driveWorld, type DriveWorld } from '#tests/support/drive'
import { makeAgent } from '#tests/support/people'
import { placementOf } from '#tests/support/storage_conformance'
import { test } from '@japa/runner'
import type { DriveFault } from '@worksight/agent-core/testing/drive_emulator'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TABLE: readonly [number | null, string | null, boolean, DriveVerdict][] = [
  [401, 'authError', false, 'refresh'],
  [401, null, true, 'refresh'],
  [403, 'rateLimitExceeded', false, 'wait'],
  [403, 'userRateLimitExceeded', true, 'wait'],
  [403, 'dailyLimitExceeded', false, 'wait'],
  [429, null, false, 'wait'],
  [408, null, true, 'wait'],
  [500, null, false, 'wait'],
  [502, null, true, 'wait'],
  [503, null, false, 'wait'],
  [504, null, false, 'wait'],
  [null, null, false, 'wait'],
  [403, 'storageQuotaExceeded', false, 'stop'],
  [403, 'teamDriveFileLimitExceeded', false, 'stop'],
  [404, 'notFound', true, 'new session'],
  [410, 'gone', true, 'new session'],
  [404, 'notFound', false, 'missing'],
  [409, 'fileIdInUse', false, 'taken'],
  [403, 'insufficientFilePermissions', false, 'refused'],
  [400, 'badRequest', false, 'refused'],
]

test.group('Errors of Google Drive | what they mean', () => {
  for (const [status, reason, isSession, verdict] of TABLE) {
    const what = `${status ?? 'no answer'} ${reason ?? ''}${isSession ? ' of a session' : ''}`
    test(`${what}: ${verdict}`, ({ assert }) => {
      assert.equal(driveVerdict({ status, reason, isSession }), verdict)
    })
  }

  test('Retry-After is read as seconds and as a date', ({ assert }) => {
    const now = Date.parse('2026-11-22T10:00:00Z')

    assert.deepEqual(
      ['7', 'Sun, 22 Nov 2026 10:01:00 GMT', 'soon', null].map((value) => retryAfterOf(value, now)),
      [7, 60, null, null]
    )
  })
})

const SIZE = 9_000_000

test.group('Errors of Google Drive | while a file is sent', (group) => {
  cleanDatabase(group)
  let world: DriveWorld
  let folder = ''
  let agentId = 0
  group.each.setup(async () => {
    world = await driveWorld()
    folder = await mkdtemp(join(tmpdir(), 'worksight-send-'))
    agentId = (await makeAgent()).agent.id
    return async () => {
      await world.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
  const send = async () => {
    const bytes = randomBytes(SIZE)
    const path = join(folder, 'file')
    await writeFile(path, bytes)
    const placement = placementOf(agentId, bytes)
    const put = () => new DriveDisk(world.client).put(path, placement)
    return { bytes, put }
  }

  const PASSING: readonly [string, readonly DriveFault[]][] = [
    ['401 on an answer', [{ on: 'generateIds', status: 401, reason: 'authError' }]],
    ['401 on a session', [{ on: 'PUT /session', status: 401, reason: 'authError' }]],
    ['403 rate limit', [{ on: 'GET /drive/v3/files?', status: 403, reason: 'rateLimitExceeded' }]],
    [
      '403 rate limit of the user',
      [{ on: 'POST /upload', status: 403, reason: 'userRateLimitExceeded' }],
    ],
    [
      '429 with Retry-After',
      [{ on: 'POST /upload', status: 429, headers: { 'retry-after': '1' } }],
    ],
    ['500', [{ on: 'POST /upload', status: 500 }]],
    [
      '502 twice',
      [
        { on: 'POST /upload', status: 502 },
        { on: 'POST /upload', status: 502 },
      ],
    ],
    [
      '503 in the middle of a file',
      [
        { on: 'PUT /session', status: 308 },
        { on: 'PUT /session', status: 503 },
      ],
    ],
    ['a connection that breaks', [{ on: 'POST /upload', how: 'reset' }]],
    [
      'a chunk whose connection breaks',
      [
        { on: 'PUT /session', status: 308 },
        { on: 'PUT /session', how: 'reset' },
      ],
    ],
    ['404 of a session', [{ on: 'PUT /session', status: 404 }]],
    ['410 of a session', [{ on: 'PUT /session', status: 410 }]],
    [
      '308 without Range',
      [
        { on: 'PUT /session', status: 308 },
        { on: 'PUT /session', status: 308 },
      ],
    ],
    ['the answer to the opening of a session lost', [{ on: 'POST /upload', how: 'lost' }]],
    [
      'the answer to a chunk lost',
      [
        { on: 'PUT /session', status: 308 },
        { on: 'PUT /session', how: 'lost' },
      ],
    ],
    [
      'a folder that is not there any more',
      [{ on: 'POST /upload', status: 404, reason: 'notFound' }],
    ],
  ]
  for (const [what, faults] of PASSING) {
    test(`${what}: one file, whole`, async ({ assert }) => {
      const { bytes, put } = await send()
      world.drive.faults = [...faults]

      const key = await put()

      assert.lengthOf(world.drive.media, 1)
      assert.equal(world.drive.media[0]?.id, key)
      assert.isTrue(bytes.equals(world.drive.bytesOf(world.drive.media[0]!)))
    })
  }

  test('the answer to the last chunk lost: the file is there, and is not sent again', async ({
    assert,
  }) => {
    const { bytes, put } = await send()
    world.drive.loseFinal = true

    await put()
    const sent = world.drive.requests.filter((request) => request.startsWith('PUT')).length
    await put()

    assert.lengthOf(world.drive.media, 1)
    assert.isTrue(bytes.equals(world.drive.bytesOf(world.drive.media[0]!)))
    assert.isAtMost(
      world.drive.requests.filter((request) => request.startsWith('PUT')).length - sent,
      1
    )
  })

  test('a token that is worthless is asked for anew, once', async ({ assert }) => {
    const { put } = await send()
    await world.client.signIn()
    world.drive.forgetTokens()

    await put()

    assert.equal(world.drive.tokens, 2)
  })

  const STOPPING: readonly [string, readonly DriveFault[], DiskError['code']][] = [
    [
      '401 twice',
      [
        { on: 'generateIds', status: 401 },
        { on: 'generateIds', status: 401 },
      ],
      'E_DISK_REFUSED',
    ],
    [
      '403 storage quota',
      [{ on: 'POST /upload', status: 403, reason: 'storageQuotaExceeded' }],
      'E_DISK_FULL',
    ],
    [
      '403 permission',
      [{ on: 'POST /upload', status: 403, reason: 'insufficientFilePermissions' }],
      'E_DISK_REFUSED',
    ],
    [
      '429 that asks for a minute',
      [{ on: 'POST /upload', status: 429, headers: { 'retry-after': '60' } }],
      'E_DISK_AWAY',
    ],
    [
      '503 without end',
      Array.from({ length: 9 }, () => ({ on: 'POST /upload', status: 503 })),
      'E_DISK_AWAY',
    ],
  ]
  for (const [what, faults, code] of STOPPING) {
    test(`${what}: ${code}, and the same file arrives once later`, async ({ assert }) => {
      const { put } = await send()
      world.drive.faults = [...faults]

      const error = await put().then(
        () => null,
        (caught: unknown) => caught
      )
      world.drive.faults = []
      await put()
      await put()

      assert.instanceOf(error, DiskError)
      assert.equal((error as DiskError).code, code)
      assert.lengthOf(world.drive.media, 1)
    })
  }
})
