import type { ObservationEvent } from '#contract/batch'
import { DEGRADED_REASONS } from '#contract/screenshot'
import { EVICTION_CAUSES } from '#contract/eviction'
import { GAP_CAUSES } from '#contract/gap'
import { HEARTBEAT_STATES, PLUGIN_STATES, type Heartbeat } from '#contract/heartbeat'
import { PRESENCE_STATES, type Presence, type WindowActivity } from '#contract/activity'
import { uuidv7 } from '#tests/support/observations'
import fc from 'fast-check'

/*
| Any message that the contract takes: every field over its whole range, text of every script. The
| sequence number and the id are given by the spec, because they must be new.
*/

const MINUTES_OF_OFFSET = 840
const DAY_MS = 86_400_000
const FIRST = Date.UTC(2000, 0, 1)
const LAST = Date.UTC(2100, 0, 1)

/** Text of 1 to `most` UTF-16 units: letters of every script, signs of control, emoji, no half of a pair. */
const text = (most: number) =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: most }) },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: most }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ' ',
          'null',
          '0',
          "'; drop table agents; --",
          '\u0000',
          '<b>',
          '𝒳'
        ),
      }
    )
    .map((made) => made.slice(0, most).replace(/[\uD800-\uDBFF]$/, ''))
    .filter((made) => made.length > 0)

const whole = (least: number, most: number) =>
  most > 2 ** 31 || least < -(2 ** 31)
    ? fc.maxSafeInteger().map((n) => Math.min(Math.max(n, least), most))
    : fc.integer({ min: least, max: most })

const amount = (least: number, most: number) =>
  fc.double({ min: least, max: most, noNaN: true, noDefaultInfinity: true }).map((n) => n + 0)

const instant = () =>
  fc
    .tuple(fc.integer({ min: 0, max: (LAST - FIRST) / 1000 - 1 }), fc.integer({ min: 0, max: 999 }))
    .map(([seconds, ms]) => new Date(FIRST + seconds * 1000 + ms).toISOString())

const observed = {
  captured_at: instant(),
  utc_offset_minutes: fc.integer({ min: -MINUTES_OF_OFFSET, max: MINUTES_OF_OFFSET }),
  policy_version: whole(0, 2 ** 31 - 1),
}

export const display = fc.record({
  id: text(64),
  x: whole(-65_536, 65_536),
  y: whole(-65_536, 65_536),
  width: whole(1, 65_536),
  height: whole(1, 65_536),
  primary: fc.boolean(),
})

const bytes = () => whole(0, Number.MAX_SAFE_INTEGER)

type Unnumbered<Event> = Omit<Event, 'id' | 'seq'>

export const heartbeats: fc.Arbitrary<Unnumbered<Heartbeat>> = fc.record({
  ...observed,
  kind: fc.constant('heartbeat' as const),
  state: fc.constantFrom(...HEARTBEAT_STATES),
  seconds_since_input: fc.option(amount(0, 31_536_000)),
  interval_seconds: amount(0.1, 86_400),
  late_seconds: amount(0, 31_536_000),
  time_zone: text(64),
  agent_version: text(32),
  clock_skew_ms: fc.option(whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  system: fc.record({
    os: fc.record({ platform: text(32), name: text(120), release: text(64), arch: text(32) }),
    host: text(255),
    cpu: fc.record({
      model: text(120),
      cores: whole(1, 4096),
      load_percent: fc.option(amount(0, 100)),
    }),
    memory: fc.record({ total_bytes: bytes(), used_bytes: bytes() }),
    disk: fc.option(fc.record({ total_bytes: bytes(), free_bytes: bytes() })),
    battery: fc.option(fc.record({ percent: amount(0, 100), charging: fc.boolean() })),
    uptime_seconds: bytes(),
    displays: fc.array(display, { maxLength: 16 }),
  }),
  plugins: fc.array(
    fc.record({
      name: text(64),
      version: text(32),
      state: fc.constantFrom(...PLUGIN_STATES),
      reason: fc.option(text(500)),
    }),
    { maxLength: 8 }
  ),
  spool: fc.record({
    accepted: bytes(),
    delivered: bytes(),
    evicted: bytes(),
    dead: bytes(),
    queued: bytes(),
    spool_bytes: bytes(),
    oldest_age_s: amount(0, 31_536_000),
    seq: bytes(),
  }),
})

const span = { duration_ms: whole(0, DAY_MS), pulsetime_ms: whole(0, 3_600_000) }

export const windows: fc.Arbitrary<Unnumbered<WindowActivity>> = fc.record({
  ...observed,
  kind: fc.constant('window' as const),
  ...span,
  app: text(255),
  title: fc.option(text(1024)),
  domain: fc.option(text(255)),
  pid: fc.option(whole(0, 4_294_967_295)),
})

export const presences: fc.Arbitrary<Unnumbered<Presence>> = fc.record({
  ...observed,
  kind: fc.constant('presence' as const),
  ...span,
  state: fc.constantFrom(...PRESENCE_STATES),
  active_ms: whole(0, DAY_MS),
  slot_ms: whole(1, 3_600_000),
})

const gaps = fc.record({
  ...observed,
  kind: fc.constant('gap' as const),
  what: text(32),
  cause: fc.constantFrom(...GAP_CAUSES),
  from: instant(),
  until: instant(),
})

const evictions = fc.record({
  ...observed,
  kind: fc.constant('eviction' as const),
  evicted_id: fc.constant(null).map(() => uuidv7()),
  evicted_seq: whole(1, Number.MAX_SAFE_INTEGER),
  evicted_kind: text(32),
  evicted_captured_at: instant(),
  bytes: bytes(),
  cause: fc.constantFrom(...EVICTION_CAUSES),
})

/** One event of any kind that can be read back. */
export const events: fc.Arbitrary<Unnumbered<ObservationEvent>> = fc.oneof(
  heartbeats,
  windows,
  presences,
  gaps,
  evictions
)

/** What a description of a picture may say beside what its bytes are. */
export const pictureFacts = fc.record({
  ...observed,
  capture_group: fc.constant(null).map(() => uuidv7()),
  display,
  dhash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0')),
  source: text(64),
  simulated: fc.boolean(),
  degraded: fc.option(fc.constantFrom(...DEGRADED_REASONS)),
})

/** What a description of a segment may say beside what its bytes are. */
export const segmentFacts = fc.record({
  ...observed,
  recording_id: fc.constant(null).map(() => uuidv7()),
  segment: whole(0, 1_000_000),
  display,
  width: whole(1, 16_383),
  height: whole(1, 16_383),
  frame_rate: amount(0.01, 120),
  duration_ms: whole(0, DAY_MS),
  codec: text(32),
  source: text(64),
  simulated: fc.boolean(),
  complete: fc.boolean(),
})

/** Any JSON, some of it with keys that messages have. */
export const anything = fc.oneof(
  fc.json({ maxDepth: 5 }).map((json): unknown => JSON.parse(json)),
  fc.dictionary(
    fc.constantFrom(
      'id',
      'seq',
      'kind',
      'captured_at',
      'observations',
      'state',
      '__proto__',
      'app'
    ),
    fc.jsonValue({ maxDepth: 3 })
  )
)
