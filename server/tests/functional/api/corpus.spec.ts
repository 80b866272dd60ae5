import { ANY_BODIES, FAULTS_AT, FAULTS_OF, withFault, type Fault } from '#tests/support/corpus'
import { FORMS, pictureFiles, videoFiles, type FileSample } from '#tests/support/file_corpus'
import Team from '#models/team'
import { createCategory } from '#services/categories/store'
import { descriptions } from '#services/openapi/describe'
import { emptyTables } from '#tests/support/clean'
import {
  describe,
  gap,
  heartbeat,
  presence,
  uuidv7,
  windowEvent,
} from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import { OBSERVATION_TABLES } from '#services/observation_rows'
import env from '#start/env'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import limiter from '@adonisjs/limiter/services/main'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { Assert } from '@japa/assert'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How long an answer may take, in milliseconds: a request that hangs is as bad as a 5xx. */
const PATIENCE_MS = 2000

const AGENTS_ROUTES = [
  '/api/observations',
  '/api/heartbeats',
  '/api/activities',
  '/api/agents/me/acknowledgements',
  '/api/uploads',
]

/** What is sent without a token. */
const ANYBODYS_ROUTES = [
  '/api/enrolments',
  '/api/enrolments/requests',
  '/api/enrolments/requests/poll',
]

/** Every other route that takes JSON, with the method it is sent with. In braces what is there already. */
const PEOPLES_ROUTES: Readonly<Record<string, string>> = {
  '/api/agents': 'POST',
  '/api/teams': 'POST',
  '/api/teams/{team}': 'PATCH',
  '/api/tokens': 'POST',
  '/api/enrolment-codes': 'POST',
  '/api/categories': 'POST',
  '/api/categories/{category}/rules': 'POST',
  '/api/sessions': 'POST',
  '/api/policies/organisation/0': 'PUT',
}

/** Messages that are right, to put a fault into. */
const MESSAGES: Readonly<Record<string, object>> = {
  '/api/enrolments': { code: 'wse_unknown', host: 'laptop', platform: 'linux', agent_version: '1' },
  '/api/enrolments/requests': { host: 'laptop', platform: 'linux', agent_version: '1' },
  '/api/enrolments/requests/poll': { device_code: 'wse_unknown' },
  '/api/agents/me/acknowledgements': {
    version: 1,
    text_sha256: 'a'.repeat(64),
    acknowledged_at: '2026-11-22T10:00:00Z',
    language: 'en',
  },
  '/api/uploads': { observation: describe(1, Buffer.from('a picture')) },
  '/api/agents': { name: 'kiosk', site: 'default' },
  '/api/teams': { name: 'North' },
  '/api/teams/{team}': { name: 'North' },
  '/api/categories/{category}/rules': { app: 'mail', priority: 1 },
  '/api/tokens': { name: 'reports', abilities: ['read'] },
  '/api/enrolment-codes': {},
  '/api/categories': { name: 'Mail', value: 'neutral' },
  '/api/sessions': { from: '2026-11-20T09:00:00Z', until: '2026-11-20T10:00:00Z', note: 'a walk' },
  '/api/policies/organisation/0': { values: {} },
}

const EVENTS: Readonly<Record<string, (seq: number) => object>> = {
  heartbeat,
  window: windowEvent,
  presence,
  gap,
  eviction: (seq) => {
    const { what, from, until, ...rest } = gap(seq)
    return {
      ...rest,
      kind: 'eviction',
      evicted_id: uuidv7(),
      evicted_seq: 1,
      evicted_kind: 'screenshot',
      evicted_captured_at: '2026-11-22T10:00:00Z',
      bytes: 1,
      cause: 'quota',
    }
  },
}

/** Routes whose bodies are a description and a file. */
const UPLOADS = ['/api/screenshots', '/api/recordings']

/** Numbers of what stands in braces. */
const numbers: Record<string, number> = {}

type Sent = { readonly status: number; readonly body: Record<string, unknown> }

type Request = {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Buffer | string | FormData
}

/** Sends exactly these bytes, as no client library would, and waits no longer than two seconds. */
async function send(
  path: string,
  { method = 'POST', token, headers, body }: Request
): Promise<Sent> {
  const place = path.replace(/\{(\w+)\}/, (_, what: string) => String(numbers[what]))
  const answer = await fetch(`http://127.0.0.1:${process.env.PORT}${place}`, {
    method,
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body instanceof FormData ? body : new Uint8Array(Buffer.from(body as string)),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Everything that a request could leave behind, counted. */
async function stored() {
  const counts: Record<string, number> = {}
  for (const table of [
    ...OBSERVATION_TABLES,
    'agents',
    'teams',
    'user_access_tokens',
    'agent_access_tokens',
    'enrolment_codes',
    'enrolment_requests',
    'acknowledgements',
    'work_sessions',
    'categories',
    'category_rules',
    'policy_versions',
  ]) {
    counts[table] = (await db.from(table)).length
  }
  const folder = app.makePath(env.get('STORAGE_PATH', ''))
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return { ...counts, files: files.filter((file) => file.isFile()).length }
}

function requireProblem(assert: Assert, { status, body }: Sent, expected: number, what: string) {
  const error = (body.error ?? {}) as Record<string, unknown>
  assert.equal(status, expected, `${what}: ${JSON.stringify(error)}`)
  assert.match(String(error.code), /^E_/, what)
  assert.isNotEmpty(error.message, what)
  assert.isNotEmpty(error.help, what)
  assert.isNotEmpty(error.id, what)
}

test.group('Corpus of bad input', (group) => {
  let agent: string
  let person: string
  let before: Awaited<ReturnType<typeof stored>>

  group.setup(async () => {
    await emptyTables()
    agent = (await makeAgent()).token
    person = await tokenOf(await makeUser('owner', 'South'))
    numbers.team = (await Team.findByOrFail('name', 'South')).id
    numbers.category = await createCategory({ name: 'Chat', value: 'neutral', parentId: null })
    await send('/api/heartbeats', { token: agent, body: '' })
    before = await stored()
  })
  group.each.setup(() => limiter.clear())

  test('has more than 150 bodies and files', ({ assert }) => {
    const faults = [...Object.values(FAULTS_OF), ...Object.values(FAULTS_AT)].flat().length
    assert.isAbove(ANY_BODIES.length + FORMS.length, 80)
    assert.isAbove(faults, 250)
  })

  test('is sent to every route of the API that takes a body', ({ assert }) => {
    const taken = [...descriptions]
      .filter(([, { body }]) => body)
      .flatMap(([route]) => {
        const { methods, pattern } = route.toJSON()
        return methods.map((method) => `${method} ${pattern.replace(/:\w+/g, '*')}`)
      })
    const sent = [
      ...[...AGENTS_ROUTES, ...UPLOADS, ...ANYBODYS_ROUTES].map((path) => `POST ${path}`),
      ...Object.entries(PEOPLES_ROUTES).map(
        ([path, method]) => `${method} ${path.replace('organisation/0', '*/*')}`
      ),
    ].map((route) => route.replace(/\{\w+\}/, '*'))

    assert.sameMembers(sent, taken)
  })

  test('{what}: {status} on every route that takes JSON')
    .with([...ANY_BODIES])
    .run(async ({ assert }, { status, body, headers }) => {
      const routes = [
        ...AGENTS_ROUTES.map((path) => ({ path, token: agent, method: 'POST' })),
        ...Object.entries(PEOPLES_ROUTES).map(([path, method]) => ({
          path,
          token: person,
          method,
        })),
        ...ANYBODYS_ROUTES.map((path) => ({ path, method: 'POST' })),
      ]
      for (const { path, ...request } of routes) {
        const answer = await send(path, { ...request, headers, body })
        requireProblem(assert, answer, status, path)
      }
      assert.deepEqual(await stored(), before)
    })

  test('a message of {0} with one fault is refused, and the fault named')
    .with(Object.entries(FAULTS_AT))
    .run(async ({ assert }, [path, faults]) => {
      for (const fault of faults) {
        await limiter.clear()
        const body = JSON.stringify(withFault(MESSAGES[path] ?? {}, fault))
        const token = AGENTS_ROUTES.includes(path) ? agent : person
        const answer = await send(path, {
          method: PEOPLES_ROUTES[path] ?? 'POST',
          ...(ANYBODYS_ROUTES.includes(path) ? {} : { token }),
          headers: { 'content-type': 'application/json' },
          body,
        })
        requireProblem(assert, answer, 422, `${path} ${String(fault[0])} ${body.slice(0, 80)}`)
      }
      assert.deepEqual(await stored(), before)
    })

  test('a {0} with one fault is rejected in a batch, and by the route of its kind')
    .with(Object.entries(EVENTS))
    .run(async ({ assert }, [kind, make]) => {
      const single = {
        heartbeat: '/api/heartbeats',
        window: '/api/activities',
        presence: '/api/activities',
      }[kind]
      for (const fault of FAULTS_OF[kind] ?? []) {
        const event = withFault(make(1), fault)
        const headers = { 'content-type': 'application/json' }
        const batch = await send('/api/observations', {
          token: agent,
          headers,
          body: JSON.stringify({ observations: [event] }),
        })
        const [result] = batch.body.results as { result: string; field: string }[]
        assert.equal(batch.status, 200)
        assert.equal(result?.result, 'rejected', JSON.stringify(fault))
        if (single) {
          const answer = await send(single, { token: agent, headers, body: JSON.stringify(event) })
          requireProblem(assert, answer, 422, JSON.stringify(fault))
        }
      }
      assert.deepEqual(await stored(), before)
    })

  test('a form of {0}: {1}')
    .with([...FORMS])
    .run(async ({ assert }, [what, status, type, body]) => {
      for (const path of UPLOADS) {
        const answer = await send(path, { token: agent, headers: { 'content-type': type }, body })
        requireProblem(assert, answer, status, `${path} ${what}`)
      }
      assert.deepEqual(await stored(), before)
    })

  test('files that are not what was described are refused, and nothing of them stays', async ({
    assert,
  }) => {
    const upload = async (path: string, sample: FileSample, description: object) => {
      const { bytes } = sample
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const form = new FormData()
      form.set(
        'observation',
        JSON.stringify({ ...description, sha256, bytes: bytes.length, ...sample.claims })
      )
      form.set('file', new Blob([new Uint8Array(bytes)]), 'a')
      return send(path, { token: agent, body: form })
    }
    for (const sample of await pictureFiles()) {
      const answer = await upload('/api/screenshots', sample, describe(1, sample.bytes))
      requireProblem(assert, answer, sample.status, `/api/screenshots ${sample.what}`)
    }
    for (const sample of videoFiles()) {
      const answer = await upload('/api/recordings', sample, describeSegment(1, sample.bytes))
      requireProblem(assert, answer, sample.status, `/api/recordings ${sample.what}`)
    }
    assert.deepEqual(await stored(), before)
  })

  test('descriptions with one fault are refused beside a file that is right', async ({
    assert,
  }) => {
    const { picture } = await import('#tests/support/observations')
    const image = await picture()
    const cases: [string, Buffer, object, readonly Fault[]][] = [
      ['/api/screenshots', image, describe(1, image), FAULTS_OF.screenshot ?? []],
      ['/api/recordings', VIDEO, describeSegment(1, VIDEO), FAULTS_OF.recording ?? []],
    ]
    for (const [path, bytes, description, faults] of cases) {
      for (const fault of faults) {
        const form = new FormData()
        form.set('observation', JSON.stringify(withFault(description, fault)))
        form.set('file', new Blob([new Uint8Array(bytes)]), 'a')
        requireProblem(
          assert,
          await send(path, { token: agent, body: form }),
          422,
          `${path} ${JSON.stringify(fault)}`
        )
      }
    }
    assert.deepEqual(await stored(), before)
  })

  test('the memory that all of it takes is given back', async ({ assert }) => {
    const big = ANY_BODIES.filter(({ body }) => body.length > 100_000)
    const run = async () => {
      for (const { body, headers } of big) {
        await send('/api/observations', { token: agent, headers, body })
      }
    }
    await run()
    const kept = held()
    for (let round = 0; round < 10; round += 1) {
      await run()
    }
    assert.isBelow(held() - kept, 64 * 1024 * 1024)
  })
})

/** Bytes that are held once the garbage is gone: on the heap, and in buffers beside it. */
function held(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
