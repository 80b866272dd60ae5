import { test } from '@japa/runner'
import {
  CHUNK_UNIT,
  ChunkSize,
  sessionVerdict,
  type SessionAnswer,
  type SessionVerdict,
} from './resumable.ts'

type Row = {
  readonly what: string
  readonly answer: SessionAnswer
  readonly verdict: Partial<SessionVerdict>
}

const row = (
  what: string,
  status: number,
  verdict: Partial<SessionVerdict>,
  about: Partial<SessionAnswer> = {}
): Row => ({
  what,
  answer: { status, reason: null, range: null, retryAfterMs: null, ...about } as SessionAnswer,
  verdict,
})

const TABLE: readonly Row[] = [
  row('200: the whole file is there', 200, { then: 'done' }),
  row('201: the same', 201, { then: 'done' }),
  row(
    '308 with Range: go on behind it',
    308,
    { then: 'send', from: 524_288 },
    { range: 'bytes=0-524287' }
  ),
  row('308 without Range: begin at the first byte', 308, { then: 'send', from: 0 }),
  row(
    '308 with a Range that nobody can read: begin at the first byte',
    308,
    { then: 'send', from: 0 },
    { range: 'bytes=7-9' }
  ),
  row('401: the server gives another session', 401, { then: 'reopen' }, { reason: 'authError' }),
  row('404: the session is gone', 404, { then: 'reopen' }, { reason: 'notFound' }),
  row('410: the session is gone', 410, { then: 'reopen' }),
  row(
    '403 rate limit: wait and ask',
    403,
    { then: 'ask', answered: true },
    { reason: 'rateLimitExceeded' }
  ),
  row(
    '403 rate limit of the user: wait and ask',
    403,
    { then: 'ask' },
    {
      reason: 'userRateLimitExceeded',
    }
  ),
  row('403 daily limit: wait and ask', 403, { then: 'ask' }, { reason: 'dailyLimitExceeded' }),
  row(
    '403 storage quota: stop, and say that it is full',
    403,
    { then: 'stop', isFull: true },
    { reason: 'storageQuotaExceeded' }
  ),
  row(
    '403 files of a shared drive: stop, and say that it is full',
    403,
    { then: 'stop', isFull: true },
    { reason: 'teamDriveFileLimitExceeded' }
  ),
  row(
    '403 permission: stop',
    403,
    { then: 'stop', isFull: false },
    { reason: 'insufficientFilePermissions' }
  ),
  row('403 without a reason: stop', 403, { then: 'stop', isFull: false }),
  row('400: stop', 400, { then: 'stop', isFull: false }, { reason: 'badRequest' }),
  row('302: stop, no redirect is followed', 302, { then: 'stop', isFull: false }),
  row('408: wait and ask', 408, { then: 'ask', answered: true }),
  row(
    '429: wait as long as it says, and ask',
    429,
    { then: 'ask', retryAfterMs: 7000 },
    { retryAfterMs: 7000 }
  ),
  ...[500, 502, 503, 504].map((status) =>
    row(`${status}: wait and ask`, status, { then: 'ask', answered: true })
  ),
  {
    what: 'nobody answers: ask',
    answer: { status: null, message: 'socket hang up (ECONNRESET)' },
    verdict: { then: 'ask', answered: false },
  },
]

test.group('Resumable uploads | what an answer means', () => {
  test('{what}')
    .with([...TABLE])
    .run(({ assert }, { answer, verdict }) => {
      assert.containsSubset(sessionVerdict(answer), verdict)
    })
})

test.group('Resumable uploads | chunks', () => {
  test('are a multiple of 256 KiB at any time, never more than allowed', ({ assert }) => {
    const chunk = new ChunkSize(24 * CHUNK_UNIT)
    const sizes = []
    for (let turn = 0; turn < 6; turn += 1) {
      chunk.passed()
      sizes.push(chunk.bytes)
    }
    for (let turn = 0; turn < 6; turn += 1) {
      chunk.broke()
      sizes.push(chunk.bytes)
    }

    assert.deepEqual(
      sizes.map((bytes) => bytes / CHUNK_UNIT),
      [8, 16, 24, 24, 24, 24, 12, 6, 3, 1, 1, 1]
    )
  })
})
