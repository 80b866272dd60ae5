import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hash } from 'node:crypto'
import { test } from '@japa/runner'
import { ApiClient, serverAddress, type SentRequest } from '../src/api_client.ts'
import type { Observation } from '../src/observation.ts'
import { UuidSource } from '../src/uuid.ts'
import {
  anEvent,
  aRecording,
  aScreenshot,
  FakeServer,
  temporaryFolder,
  type FakeAnswer,
} from '../testing/main.ts'

const ids = new UuidSource(Date.now)
const signal = () => AbortSignal.timeout(50_000)
const event = (seq = 1) => ({
  observation: { ...anEvent({ ids }), seq } as Observation,
  payload: null,
})

type Cleanup = (work: () => Promise<void>) => void

async function setUp(cleanup: Cleanup) {
  const server = await FakeServer.start()
  const api = new ApiClient({
    server: server.url,
    limits: { connectMs: 1_000, headersMs: 200, idleMs: 400, mostBytes: 10_000 },
  })
  cleanup(async () => {
    api.close()
    await server.stop()
  })
  return { server, api, identity: { token: server.token } }
}

test.group('ApiClient', () => {
  test('a batch of events arrives, compressed when it is large', async ({ assert, cleanup }) => {
    const { server, api, identity } = await setUp(cleanup)
    const items = [1, 2, 3, 4, 5].map(event)

    const verdicts = await api.deliver(items, identity, signal())

    assert.deepEqual(
      verdicts,
      items.map(() => ({ status: 'accepted', result: 'created' }))
    )
    assert.deepEqual(
      [...server.received.values()].map(({ observation }) => observation),
      items.map(({ observation }) => observation)
    )
  })

  test('a picture arrives byte for byte beside its description', async ({ assert, cleanup }) => {
    const { server, api, identity } = await setUp(cleanup)
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const picture = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 255))
    const file = join(path, 'x.bin')
    await writeFile(file, picture)
    const observation = { ...anEvent({ ids }, aScreenshot(picture)), seq: 1 } as Observation

    const first = await api.deliver([{ observation, payload: file }], identity, signal())
    const second = await api.deliver([{ observation, payload: file }], identity, signal())

    assert.deepEqual(first, [{ status: 'accepted', result: 'created' }])
    assert.deepEqual(second, [{ status: 'accepted', result: 'duplicate' }])
    assert.equal(server.received.get(observation.id)?.sha256, hash('sha256', picture, 'hex'))
  })

  test('a recording arrives byte for byte at an address of its own', async ({
    assert,
    cleanup,
  }) => {
    const { server, api, identity } = await setUp(cleanup)
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const segment = Buffer.alloc(3_000_000, 'segment')
    const file = join(path, 'x.bin')
    await writeFile(file, segment)
    const observation = { ...anEvent({ ids }, aRecording(segment)), seq: 1 } as Observation

    const verdicts = await api.deliver([{ observation, payload: file }], identity, signal())

    assert.deepEqual(verdicts, [{ status: 'accepted', result: 'created' }])
    assert.equal(server.requests[0]?.path, '/api/recordings')
    assert.equal(server.received.get(observation.id)?.sha256, hash('sha256', segment, 'hex'))
  })

  test('a wrong token holds the items', async ({ assert, cleanup }) => {
    const { api } = await setUp(cleanup)

    const [verdict] = await api.deliver([event()], { token: 'other' }, signal())

    assert.equal(verdict?.status, 'hold')
  })

  test('{0} keeps the items')
    .with([
      ['a connection that is cut', { status: 200, hangUp: true }],
      [
        'a captive portal',
        { status: 200, text: '<html>', headers: { 'content-type': 'text/html' } },
      ],
      [
        'half an answer',
        { status: 200, text: '{"results":[', headers: { 'content-length': '9999' } },
      ],
      ['an answer too large', { status: 200, text: `[${'0,'.repeat(9_000)}0]` }],
      [
        'an answer that is compressed',
        { status: 200, body: {}, headers: { 'content-encoding': 'gzip' } },
      ],
      ['500', { status: 500, text: 'oops' }],
    ] as [string, FakeAnswer][])
    .run(async ({ assert, cleanup }, [, answer]) => {
      const { server, api, identity } = await setUp(cleanup)
      server.always = () => answer

      const [verdict] = await api.deliver([event()], identity, signal())

      assert.equal(verdict?.status, 'keep')
    })

  test('a redirect is not followed', async ({ assert, cleanup }) => {
    const { server, api, identity } = await setUp(cleanup)
    server.always = () => ({ status: 307, headers: { location: `${server.url}/elsewhere` } })

    const [verdict] = await api.deliver([event()], identity, signal())

    assert.equal(verdict?.status, 'hold')
    assert.lengthOf(server.requests, 1)
  })

  test('nobody at the address keeps the items', async ({ assert, cleanup }) => {
    const { server, api, identity } = await setUp(cleanup)
    await server.stop()

    const [verdict] = await api.deliver([event()], identity, signal())

    assert.containsSubset(verdict, { status: 'keep', answered: false })
    await server.listen()
  })

  test('a server that comes back on its port is found on a fresh connection', async ({
    assert,
    cleanup,
  }) => {
    const { server, api, identity } = await setUp(cleanup)
    await api.deliver([event()], identity, signal())
    await server.stop()
    await server.listen()

    const [verdict] = await api.deliver([event(2)], identity, signal())

    assert.equal(verdict?.status, 'accepted')
  })

  test('measures how far the clock is off, and calls a second of rounding none', async ({
    assert,
    cleanup,
  }) => {
    const server = await FakeServer.start()
    const hours = 3 * 3_600_000
    const ahead = new ApiClient({
      server: server.url,
      clock: { now: () => Date.now() + hours, monotonic: () => 0 },
    })
    const exact = new ApiClient({ server: server.url })
    cleanup(async () => {
      ahead.close()
      exact.close()
      await server.stop()
    })

    await ahead.deliver([event()], { token: server.token }, signal())
    await exact.deliver([event(2)], { token: server.token }, signal())

    assert.closeTo(ahead.clockSkewMs ?? 0, hours, 2_000)
    assert.equal(exact.clockSkewMs, 0)
  })

  test('a code is exchanged for an identity once', async ({ assert, cleanup }) => {
    const { server, api } = await setUp(cleanup)
    const enrolment = { code: 'wse_fake', host: 'desk', platform: 'linux', agent_version: '1' }

    const answer = await api.enrol(enrolment, signal())

    assert.containsSubset(answer, { agent: { id: 1, name: 'desk' }, token: server.token })
    await assert.rejects(() => api.enrol(enrolment, signal()), /found 403: The code was used/)
  })

  test('a server that is none is said to be unreachable', async ({ assert, cleanup }) => {
    const { server, api } = await setUp(cleanup)
    await server.stop()
    const enrolment = { code: 'x', host: 'desk', platform: 'linux', agent_version: '1' }

    await assert.rejects(() => api.enrol(enrolment, signal()), /ECONNREFUSED/)
    await server.listen()
  })
})

test.group('ApiClient | files that go to a disk', () => {
  const medium = () => {
    const observation = { ...anEvent({ ids }, aRecording(Buffer.from('x'))), seq: 1 } as Observation
    return { observation, payload: '/nonexistent' }
  }
  const granted = (session: string | null) => ({
    status: 201,
    body: { upload: { disk: 'google-drive', key: 'k1', session, bytes: 1 } },
  })

  test('who watches what leaves sees the file and its key, never the address of the session', async ({
    assert,
    cleanup,
  }) => {
    const server = await FakeServer.start()
    const sent: SentRequest[] = []
    const api = new ApiClient({ server: server.url, sending: (request) => sent.push(request) })
    cleanup(async () => {
      api.close()
      await server.stop()
    })
    server.answers.push(granted('https://drive.example/secret-session'))

    const permit = await api.openUpload(medium(), { token: server.token }, signal())

    assert.equal(permit.status, 'granted')
    assert.containsSubset(sent[1], { method: 'PUT', path: 'google-drive/k1', fileBytes: 1 })
    assert.notInclude(JSON.stringify(sent), 'secret-session')
  })

  test('an address at which others could read the file is refused', async ({ assert, cleanup }) => {
    const { server, api, identity } = await setUp(cleanup)
    server.answers.push(granted('http://drive.example/session'))

    await assert.rejects(
      () => api.openUpload(medium(), identity, signal()),
      /everybody|readable on the way|https/
    )
  })

  const ANSWERS: readonly [what: string, answer: FakeAnswer, permit: object][] = [
    ['null: to the server', { status: 200, body: { upload: null } }, { status: 'server' }],
    ['no such address: to the server', { status: 404 }, { status: 'server' }],
    ['whole already: no session', granted(null), { status: 'granted', upload: { session: null } }],
    [
      '507 E_DRIVE_FULL: the disk is full',
      {
        status: 507,
        headers: { 'retry-after': '60' },
        body: { error: { code: 'E_DRIVE_FULL', message: 'No room' } },
      },
      { status: 'away', isFull: true, reason: 'No room', retryAfterMs: 60_000 },
    ],
    [
      '503 E_DRIVE_AWAY: the disk is away',
      { status: 503, body: { error: { code: 'E_DRIVE_AWAY', message: 'Away' } } },
      { status: 'away', isFull: false },
    ],
    [
      '503 of the server: the server is away',
      { status: 503, body: { error: { code: 'E_DATABASE', message: 'Away' } } },
      { status: 'judged', verdict: { status: 'keep', answered: true } },
    ],
    [
      '507 of the day: the server asks to wait',
      { status: 507, body: { error: { code: 'E_DAILY_STORAGE', message: 'Enough' } } },
      { status: 'judged', verdict: { status: 'keep' } },
    ],
    ['409: a dead letter', conflict(), { status: 'judged', verdict: { status: 'rejected' } }],
    ['401: hold', { status: 401 }, { status: 'judged', verdict: { status: 'hold' } }],
    [
      'a captive portal: keep',
      { status: 200, text: '<html>' },
      { status: 'judged', verdict: { status: 'keep' } },
    ],
    [
      'half an upload: keep',
      { status: 201, body: { upload: { disk: 'google-drive' } } },
      { status: 'judged', verdict: { status: 'keep' } },
    ],
  ]
  for (const [what, answer, expected] of ANSWERS) {
    test(`the question for a session | ${what}`, async ({ assert, cleanup }) => {
      const { server, api, identity } = await setUp(cleanup)
      server.answers.push(answer)

      assert.containsSubset(await api.openUpload(medium(), identity, signal()), expected)
    })
  }

  const REFERENCES: readonly [what: string, answer: FakeAnswer, verdict: object][] = [
    [
      '422 on stored.key: the disk stands in the way',
      { status: 422, body: { error: { code: 'E_INVALID', message: 'No', field: 'stored.key' } } },
      { status: 'keep', by: 'drive' },
    ],
    [
      '503 E_DRIVE_AWAY: the disk stands in the way',
      { status: 503, body: { error: { code: 'E_DRIVE_AWAY', message: 'Away' } } },
      { status: 'keep', by: 'drive' },
    ],
    [
      '422 on another field: a dead letter',
      { status: 422, body: { error: { code: 'E_INVALID', message: 'No', field: 'width' } } },
      { status: 'split' },
    ],
    ['409: a dead letter', conflict(), { status: 'rejected' }],
  ]
  for (const [what, answer, expected] of REFERENCES) {
    test(`a reference | ${what}`, async ({ assert, cleanup }) => {
      const { server, api, identity } = await setUp(cleanup)
      server.answers.push(answer)
      const stored = { disk: 'google-drive', key: 'k1' }

      const [verdict] = await api.deliver([{ ...medium(), stored }], identity, signal())

      assert.containsSubset(verdict, expected)
    })
  }
})

function conflict(): FakeAnswer {
  return { status: 409, body: { error: { code: 'E_CONFLICT', message: 'Other bytes' } } }
}

test.group('serverAddress', () => {
  test('{0} is {1}')
    .with([
      ['https://worksight.example', 'https://worksight.example/'],
      ['https://example.com/worksight', 'https://example.com/worksight/'],
      ['http://localhost:3333', 'http://localhost:3333/'],
      ['http://127.0.0.5', 'http://127.0.0.5/'],
      ['http://[::1]:3333/', 'http://[::1]:3333/'],
    ] as const)
    .run(({ assert }, [given, expected]) => {
      assert.equal(serverAddress(given, false).href, expected)
    })

  test('{0} is refused')
    .with([
      ['http://worksight.example'],
      ['http://127.0.0.1.example.com'],
      ['http://192.168.0.1'],
      ['ftp://localhost'],
      ['worksight.example'],
      [''],
    ] as const)
    .run(({ assert }, [given]) => {
      assert.throws(() => serverAddress(given, false))
    })

  test('a site can allow plain http', ({ assert }) => {
    assert.equal(serverAddress('http://worksight.lan', true).href, 'http://worksight.lan/')
  })
})
