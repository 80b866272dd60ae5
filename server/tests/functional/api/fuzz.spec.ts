import {
  anything,
  events,
  heartbeats,
  pictureFacts,
  presences,
  segmentFacts,
  windows,
} from '#tests/support/arbitraries'
import { tokenRate } from '#services/rates'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture, uuidv7 } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import type { Assert } from '@japa/assert'
import fc from 'fast-check'

/** A night runs each property for a minute, anybody else as often as takes a moment. */
const isLong = process.env.WORKSIGHT_TEST_LONG === '1'
const effort = <Values>(): fc.Parameters<Values> =>
  isLong
    ? { interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false, numRuns: 1_000_000 }
    : { numRuns: 15 }
/** A minute of it asks more often than a token may: now and then the counts begin anew. */
const RUNS_A_REST = 500
let runs = 0
const rest = async () => {
  runs += 1
  if (runs % RUNS_A_REST === 0) {
    await tokenRate.clear()
  }
}
const TIMEOUT_MS = isLong ? 180_000 : 60_000

/** Where one reads what was sent; `null` is a list alone. */
const SHELF: Readonly<Record<string, string>> = {
  heartbeat: 'heartbeats',
  window: 'activities',
  presence: 'activities',
  gap: 'gaps',
  eviction: 'evictions',
  screenshot: 'screenshots',
  recording: 'recordings',
}

/** Keys whose values are instants: read back in the offset of the machine, the same moment. */
const INSTANTS = new Set(['captured_at', 'from', 'until', 'evicted_captured_at'])

/** What only the server says. */
const ADDED = new Set(['agent_id', 'received_at', 'image', 'thumbnail', 'video'])

function comparable(message: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(message)) as object)
      .filter(([key]) => !ADDED.has(key))
      .map(([key, value]) => [key, INSTANTS.has(key) ? Date.parse(value) : value])
  )
}

type Sent = { readonly id: string; readonly kind: string; readonly captured_at: string }

/** The moment of an observation as a filter, so that a night's list is no longer than a page. */
const around = (at: string) =>
  new URLSearchParams({
    limit: '200',
    from: new Date(Date.parse(at)).toISOString(),
    to: new Date(Date.parse(at) + 1).toISOString(),
  })

async function requireReadBack(
  { client, bearer, assert }: { client: ApiClient; bearer: string; assert: Assert },
  sent: Sent
) {
  const shelf = SHELF[sent.kind] ?? ''
  const read =
    shelf === 'evictions'
      ? (await client.get(`/api/evictions?${around(sent.captured_at)}`).bearerToken(bearer))
          .body()
          .data.find(({ id }: Sent) => id === sent.id)
      : (await client.get(`/api/${shelf}/${sent.id}`).bearerToken(bearer)).body()
  assert.deepEqual(comparable(read ?? {}), comparable(sent))
}

test.group('What was accepted reads back equal', (group) => {
  cleanDatabase(group)
  let seq = 0

  /** What must be new each time, so that a smaller example is not the same observation. */
  const fresh = () => ({ id: uuidv7(), seq: (seq += 1) })

  const cases = [
    ['/api/heartbeats', heartbeats],
    ['/api/activities', fc.oneof(windows, presences)],
  ] as const

  for (const [path, arbitrary] of cases) {
    test(`POST ${path}`, async ({ client, assert }) => {
      const { token } = await makeAgent()
      const bearer = await tokenOf(await makeUser('owner'))
      await fc.assert(
        fc
          .asyncProperty(arbitrary as fc.Arbitrary<Omit<Sent, 'id'>>, async (made) => {
            const sent = { ...made, ...fresh() }
            const answer = await client.post(path).bearerToken(token).json(sent)
            answer.assertStatus(201)
            await requireReadBack({ client, bearer, assert }, sent)
          })
          .beforeEach(rest),
        effort()
      )
    }).timeout(TIMEOUT_MS)
  }

  test('POST /api/observations', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await fc.assert(
      fc
        .asyncProperty(fc.array(events, { minLength: 1, maxLength: 8 }), async (made) => {
          const observations = made.map((event) => ({ ...event, ...fresh() }))
          const answer = await client
            .post('/api/observations')
            .bearerToken(token)
            .json({ observations })
          answer.assertStatus(200)
          const results = answer.body().results as { result: string }[]
          assert.deepEqual(
            results.map(({ result }) => result),
            made.map(() => 'created')
          )
          for (const sent of observations) {
            await requireReadBack({ client, bearer, assert }, sent)
          }
        })
        .beforeEach(rest),
      effort()
    )
  }).timeout(TIMEOUT_MS)

  test('POST /api/screenshots', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    const bytes = await picture()
    await fc.assert(
      fc
        .asyncProperty(pictureFacts, async (facts) => {
          const sent = describe(1, bytes, { ...facts, ...fresh() })
          const answer = await client
            .post('/api/screenshots')
            .bearerToken(token)
            .field('observation', JSON.stringify(sent))
            .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
          answer.assertStatus(201)
          await requireReadBack({ client, bearer, assert }, sent)
          const image = await client.get(`/api/screenshots/${sent.id}/image`).bearerToken(bearer)
          assert.isTrue(bytes.equals(image.body()))
        })
        .beforeEach(rest),
      effort()
    )
  }).timeout(TIMEOUT_MS)

  test('POST /api/recordings', async ({ client, assert }) => {
    const { token } = await makeAgent()
    const bearer = await tokenOf(await makeUser('owner'))
    await fc.assert(
      fc
        .asyncProperty(segmentFacts, async (facts) => {
          const sent = describeSegment(1, VIDEO, { ...facts, ...fresh() })
          const answer = await client
            .post('/api/recordings')
            .bearerToken(token)
            .field('observation', JSON.stringify(sent))
            .file('file', VIDEO, { filename: 'a.mp4', contentType: 'video/mp4' })
          answer.assertStatus(201)
          await requireReadBack({ client, bearer, assert }, sent)
        })
        .beforeEach(rest),
      effort()
    )
  }).timeout(TIMEOUT_MS)

  test('any JSON at all is answered with 200, 201 or 4xx', async ({ client, assert }) => {
    const { token } = await makeAgent()
    await fc.assert(
      fc
        .asyncProperty(
          fc.constantFrom('/api/observations', '/api/heartbeats', '/api/activities'),
          anything,
          async (path, body) => {
            const answer = await client
              .post(path)
              .bearerToken(token)
              .header('content-type', 'application/json')
              .json(body as object)
            assert.isBelow(answer.status(), 500)
          }
        )
        .beforeEach(rest),
      isLong ? effort() : { numRuns: 100 }
    )
  }).timeout(TIMEOUT_MS)
})
