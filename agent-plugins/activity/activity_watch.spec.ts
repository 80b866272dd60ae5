import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import { activityValidators } from '@worksight/agent-core/contract/activity'
import {
  exportBuckets,
  importBuckets,
  type ActivityBucket,
  type ActivityEvent,
} from './activity_watch.ts'

/** As aw-server exports it, shortened. */
const EXPORT = {
  buckets: {
    'aw-watcher-window_desk-7': {
      id: 'aw-watcher-window_desk-7',
      type: 'currentwindow' as const,
      client: 'aw-watcher-window',
      hostname: 'desk-7',
      created: '2026-03-02T08:00:00.123456+00:00',
      events: [
        {
          timestamp: '2026-03-02T09:00:07.250000+00:00',
          duration: 3.5,
          data: { app: 'firefox', title: 'Ledger – März' },
        },
        {
          timestamp: '2026-03-02T09:00:00+00:00',
          duration: 7.25,
          data: { app: 'XTerm', title: '' },
        },
      ],
    },
    'aw-watcher-afk_desk-7': {
      id: 'aw-watcher-afk_desk-7',
      type: 'afkstatus' as const,
      client: 'aw-watcher-afk',
      hostname: 'desk-7',
      created: '2026-03-02T08:00:00+00:00',
      events: [
        { timestamp: '2026-03-02T09:00:00+00:00', duration: 600, data: { status: 'not-afk' } },
        { timestamp: '2026-03-02T09:10:00+00:00', duration: 0, data: { status: 'afk' } },
      ],
    },
  },
}

const ABOUT = { duration_ms: 1500, pulsetime_ms: 5000 }

const EVENTS: readonly ActivityEvent[] = [
  {
    kind: 'window',
    captured_at: '2026-03-02T09:00:00.001Z',
    ...ABOUT,
    app: 'Editor',
    title: null,
    domain: null,
    pid: null,
  },
  {
    kind: 'window',
    captured_at: '2026-03-02T09:00:01.501Z',
    ...ABOUT,
    app: 'Firefox',
    title: 'Inbox',
    domain: 'mail.example',
    pid: 4242,
  },
]
const PRESENCES: readonly ActivityEvent[] = (
  ['active', 'afk', 'locked', 'asleep', 'unknown'] as const
).map((state, index) => ({
  kind: 'presence',
  captured_at: `2026-03-02T09:00:0${index}.000Z`,
  ...ABOUT,
  state,
  active_ms: state === 'active' ? 700 : 0,
  slot_ms: 1000,
}))

const bucket = (type: ActivityBucket['type'], events: readonly ActivityEvent[]) => ({
  id: `worksight-${type}_desk-7`,
  type,
  client: 'worksight',
  hostname: 'desk-7',
  created: '2026-03-02T08:00:00Z',
  events,
})

test.group('ActivityWatch', () => {
  test('what ActivityWatch exported goes out as it came in', ({ assert }) => {
    const { buckets, skipped } = importBuckets(EXPORT)

    assert.deepEqual(exportBuckets(buckets), EXPORT)
    assert.isEmpty(skipped)
  })

  test('ids, microseconds and further data of ActivityWatch go out as they came in', async ({
    assert,
  }) => {
    const full = {
      buckets: {
        window: {
          ...EXPORT.buckets['aw-watcher-window_desk-7'],
          id: 'window',
          name: null,
          data: { a: [1] },
          last_updated: '2026-03-02T09:00:11+00:00',
          events: [
            {
              id: 12,
              timestamp: '2026-03-02T09:00:07.250123+00:00',
              duration: 3.500456,
              data: { app: 'firefox', title: 'Ledger', incognito: false },
            },
            {
              id: 11,
              timestamp: '2026-03-02T09:00:00+00:00',
              duration: 7,
              data: { app: 'a', title: '' },
            },
          ],
        },
      },
    }

    const imported = await program('import', JSON.stringify(full))
    const exported = await program('export', imported.said)

    assert.deepEqual(JSON.parse(exported.said), full)
    const [event] = importBuckets(full).buckets[0]?.events ?? []
    assert.deepEqual([event?.captured_at, event?.duration_ms], ['2026-03-02T09:00:07.250Z', 3500])
  })

  test('an event that was changed is not put back to what it was', ({ assert }) => {
    const [imported] = importBuckets(EXPORT).buckets
    const fields = { name: null }
    const beside = { fields, events: [{ id: 7, timestamp: '2026-03-02T09:00:07.250123Z' }, null] }
    const [first, ...others] = imported?.events ?? []
    const moved = { ...first!, captured_at: '2026-03-02T10:00:00.000Z' }

    const { buckets } = exportBuckets([{ ...imported!, events: [moved, ...others], beside }])
    const shorter = exportBuckets([{ ...imported!, events: others, beside }])

    const [event] = Object.values(buckets)[0]?.events ?? []
    assert.containSubset(event, { id: 7, timestamp: '2026-03-02T10:00:00+00:00' })
    assert.notProperty(Object.values(shorter.buckets)[0]?.events[0], 'id')
  })

  test('the program refuses what it did not import: {$self}')
    .with([
      'null',
      '{}',
      '{"buckets": [{"id": 1}]}',
      JSON.stringify({ buckets: [{ ...bucketWith(), events: [{}] }] }),
      JSON.stringify({ buckets: [{ ...bucketWith(), events: [{ ...PRESENCES[0], kind: 'x' }] }] }),
      JSON.stringify({ buckets: [{ ...bucketWith(), beside: 1 }] }),
    ])
    .run(async ({ assert }, input) => {
      assert.equal((await program('export', input)).code, 8)
    })

  test('events of this plugin come back as they went out', ({ assert }) => {
    const buckets = [bucket('currentwindow', EVENTS), bucket('afkstatus', PRESENCES)]

    const travelled: unknown = JSON.parse(JSON.stringify(exportBuckets(buckets)))

    assert.deepEqual(importBuckets(travelled).buckets, buckets)
  })

  test('ActivityWatch sees windows and whether the person was there', ({ assert }) => {
    const { buckets } = exportBuckets([bucket('afkstatus', PRESENCES)])

    assert.deepEqual(
      buckets['worksight-afkstatus_desk-7']?.events.map(({ data }) => data.status),
      ['not-afk', 'afk', 'afk', 'afk', 'afk']
    )
  })

  test('what is imported can be sent', async ({ assert }) => {
    const { buckets } = importBuckets(EXPORT)

    for (const event of buckets.flatMap(({ events }) => events)) {
      const sent = {
        ...event,
        id: '0192f000-0000-7000-8000-000000000001',
        seq: 1,
        utc_offset_minutes: 0,
        policy_version: 0,
      }
      assert.deepEqual(await activityValidators[event.kind].validate(sent), sent)
    }
  })

  test('an event longer than a day becomes one a day', ({ assert }) => {
    const long = structuredClone(EXPORT)
    long.buckets['aw-watcher-afk_desk-7'].events = [
      { timestamp: '2026-03-02T09:00:00+00:00', duration: 90_000, data: { status: 'afk' } },
    ]

    const [, afk] = importBuckets(long).buckets

    assert.deepEqual(
      afk?.events.map((event) => [event.captured_at, event.duration_ms]),
      [
        ['2026-03-02T09:00:00.000Z', 86_400_000],
        ['2026-03-03T09:00:00.000Z', 3_600_000],
      ]
    )
  })

  test('buckets of another kind are named and left out', ({ assert }) => {
    const web = { ...bucket('currentwindow', []), type: 'web.tab.current' }

    assert.deepEqual(importBuckets({ buckets: { tabs: web } }), {
      buckets: [],
      skipped: [{ id: 'tabs', type: 'web.tab.current' }],
    })
  })

  test('names the place that is wrong: {at}')
    .with([
      { at: 'export', json: [] },
      { at: 'buckets', json: {} },
      { at: 'buckets.a.type', json: { buckets: { a: {} } } },
      { at: 'buckets.a.events', json: { buckets: { a: { ...bucketWith(), events: null } } } },
      { at: 'buckets.a.events[0].timestamp', json: withEvent({ timestamp: 'soon' }) },
      { at: 'buckets.a.events[0].duration', json: withEvent({ duration: -1 }) },
      { at: 'buckets.a.events[0].data', json: withEvent({ data: null }) },
      { at: 'buckets.a.events[0].data.status', json: withEvent({ data: { status: 'here' } }) },
    ])
    .run(({ assert }, { at, json }) => {
      assert.throws(
        () => importBuckets(json),
        new RegExp(`^${RegExp.escape(at)}: expected .+, found`)
      )
    })

  test('the program reads an export and writes it again', async ({ assert }) => {
    const imported = await program('import', JSON.stringify(EXPORT))
    const exported = await program('export', imported.said)
    const refused = await program('import', '{"buckets": 1}')
    const asked = await program('convert', '')

    assert.deepEqual(JSON.parse(exported.said), EXPORT)
    assert.deepEqual([imported.code, exported.code, refused.code, asked.code], [0, 0, 8, 2])
  })
})

function bucketWith() {
  return bucket('afkstatus', [])
}

function withEvent(wrong: object) {
  const event = {
    timestamp: '2026-03-02T09:00:00+00:00',
    duration: 1,
    data: { status: 'afk' },
    ...wrong,
  }
  return { buckets: { a: { ...bucketWith(), events: [event] } } }
}

async function program(what: string, input: string) {
  const path = fileURLToPath(new URL('bin/activity_watch.ts', import.meta.url))
  const child = spawn(process.execPath, [path, what], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(input)
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { said: await text(child.stdout), code: await exit }
}
