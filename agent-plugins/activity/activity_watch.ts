import { isDeepStrictEqual } from 'node:util'
import type { PresenceDraft, WindowDraft } from '@worksight/agent-core'
import { PRESENCE_STATES } from '@worksight/agent-core/contract/activity'

/** An event as this plugin records it, with its start. */
export type ActivityEvent = (WindowDraft | PresenceDraft) & { readonly captured_at: string }

/** What ActivityWatch calls a bucket, with its events as WorkSight has them. */
export type ActivityBucket = {
  readonly id: string
  readonly type: 'currentwindow' | 'afkstatus'
  readonly client: string
  readonly hostname: string
  /** RFC 3339, as it came. */
  readonly created: string
  readonly events: readonly ActivityEvent[]
  /** What ActivityWatch says of it that no event has a word for; absent where there is nothing. */
  readonly beside?: Beside
}

/** What is kept of an export so that it goes out as it came in. It is never sent anywhere. */
export type Beside = {
  /** Further fields of the bucket: `name`, `data`, `last_updated`. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Of each event in turn: its id, its time to the microsecond, further data; null for nothing. */
  readonly events: readonly (Readonly<Record<string, unknown>> | null)[]
}

/** An event of ActivityWatch: seconds, and data of any shape. */
type WatchEvent = {
  readonly timestamp: string
  readonly duration: number
  readonly data: Readonly<Record<string, unknown>>
}

type WatchBucket = Omit<ActivityBucket, 'events' | 'beside'> & {
  readonly events: readonly WatchEvent[]
}

/** What ActivityWatch exports and imports. */
export type WatchExport = { readonly buckets: Readonly<Record<string, WatchBucket>> }

/** An export that is not one; the message names the place, what was expected and what was found. */
export class InvalidBuckets extends Error {
  static readonly code = 'E_INVALID_BUCKETS'
  readonly code = InvalidBuckets.code

  constructor(at: string, expected: string, found: unknown) {
    super(`${at}: expected ${expected}, found ${JSON.stringify(found)?.slice(0, 80) ?? 'nothing'}`)
    this.name = 'InvalidBuckets'
  }
}

/** Fields of a bucket that `ActivityBucket` has a place for. */
const OWN_FIELDS = ['id', 'type', 'client', 'hostname', 'created', 'events'] as const
const DAY_MS = 86_400_000
const MOST = { app: 255, title: 1024, domain: 255 } as const
/** The time without input after which aw-watcher-afk calls a person away. */
const WATCH_AFK_MS = 180_000

/**
 * Where an event holds more than ActivityWatch has a word for, the rest travels under this key of its
 * data, which ActivityWatch keeps and does not look at.
 */
const REST = 'worksight'

/**
 * Reads an export of ActivityWatch. Buckets of other types are left out and named in `skipped`. An event
 * has its times to the millisecond and its title to 1024 characters; one longer than a day becomes one a
 * day. A time that is not away counts as input throughout, in slots of three minutes: that is all
 * that ActivityWatch knows of it. Throws `InvalidBuckets`.
 */
export function importBuckets(json: unknown): {
  readonly buckets: readonly ActivityBucket[]
  readonly skipped: readonly { readonly id: string; readonly type: string }[]
} {
  const found = Object.entries(recordOf(recordOf(json, 'export').buckets, 'buckets'))
  const buckets: ActivityBucket[] = []
  const skipped: { id: string; type: string }[] = []
  for (const [id, value] of found) {
    const at = `buckets.${id}`
    const bucket = recordOf(value, at)
    const type = textOf(bucket.type, `${at}.type`)
    if (type !== 'currentwindow' && type !== 'afkstatus') {
      skipped.push({ id, type })
      continue
    }
    const fields = without(bucket, OWN_FIELDS)
    const events: ActivityEvent[] = []
    const besides: Beside['events'][number][] = []
    for (const [index, event] of listOf(bucket.events, `${at}.events`).entries()) {
      const pieces = eventsOf(event, type, `${at}.events[${index}]`)
      events.push(...pieces)
      besides.push(...pieces.map((piece) => (pieces.length > 1 ? null : besideOf(event, piece))))
    }
    const hasMore = Object.keys(fields).length > 0 || besides.some((beside) => beside !== null)
    buckets.push({
      id,
      type,
      client: textOf(bucket.client, `${at}.client`),
      hostname: textOf(bucket.hostname, `${at}.hostname`),
      created: textOf(bucket.created, `${at}.created`),
      events,
      ...(hasMore ? { beside: { fields, events: besides } } : {}),
    })
  }
  return { buckets, skipped }
}

/** Writes what ActivityWatch imports; `importBuckets` of it gives the same buckets again. */
export function exportBuckets(buckets: readonly ActivityBucket[]): WatchExport {
  return {
    buckets: Object.fromEntries(buckets.map((bucket) => [bucket.id, watchBucketOf(bucket)])),
  }
}

/** The buckets that `importBuckets` gave, from their JSON. Throws `InvalidBuckets`. */
export function readBuckets(json: unknown): readonly ActivityBucket[] {
  return listOf(recordOf(json, 'import').buckets, 'buckets').map((value, at) => {
    const bucket = recordOf(value, `buckets[${at}]`)
    for (const key of ['id', 'type', 'client', 'hostname', 'created']) {
      textOf(bucket[key], `buckets[${at}].${key}`)
    }
    listOf(bucket.events, `buckets[${at}].events`).forEach((event, index) =>
      assertEvent(event, `buckets[${at}].events[${index}]`)
    )
    if (bucket.beside !== undefined) {
      const beside = recordOf(bucket.beside, `buckets[${at}].beside`)
      recordOf(beside.fields, `buckets[${at}].beside.fields`)
      listOf(beside.events, `buckets[${at}].beside.events`)
    }
    return bucket as ActivityBucket
  })
}

function assertEvent(value: unknown, at: string): void {
  const event = recordOf(value, at)
  const captured = textOf(event.captured_at, `${at}.captured_at`)
  if (Number.isNaN(Date.parse(captured))) {
    throw new InvalidBuckets(`${at}.captured_at`, 'an RFC 3339 instant', captured)
  }
  wholeOf(event.duration_ms ?? null, 0, `${at}.duration_ms`)
  if (event.kind === 'window') {
    textOf(event.app, `${at}.app`)
  } else if (event.kind !== 'presence') {
    throw new InvalidBuckets(`${at}.kind`, '"window" or "presence"', event.kind)
  }
}

function watchBucketOf({ beside, events, ...bucket }: ActivityBucket): WatchBucket {
  // another number of events than came in: it is not known any more whose was which
  const besides = beside?.events.length === events.length ? beside.events : []
  return {
    ...beside?.fields,
    ...bucket,
    events: events.map((event, index) => withBeside(watchEventOf(event), besides[index] ?? null)),
  }
}

/** What an event of ActivityWatch says that is not in the piece made of it. */
function besideOf(found: unknown, piece: ActivityEvent): Beside['events'][number] {
  const event = found as WatchEvent
  const told = watchEventOf(piece)
  const data = without(differing(event.data, told.data), ['app', 'title'])
  const all = {
    ...without(differing(event, told), ['data']),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  }
  return Object.keys(all).length === 0 ? null : all
}

function without(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[]
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

function differing(found: object, told: object): Record<string, unknown> {
  const known: Readonly<Record<string, unknown>> = { ...told }
  return Object.fromEntries(
    Object.entries(found).filter(([key, value]) => !isDeepStrictEqual(value, known[key]))
  )
}

/** The event with what was kept of it; a time only where it is still the same to the millisecond. */
function withBeside(event: WatchEvent, beside: Beside['events'][number]): WatchEvent {
  if (beside === null) {
    return event
  }
  const { timestamp, duration, data, ...rest } = beside as Partial<WatchEvent>
  const isSameTime =
    timestamp !== undefined && Date.parse(timestamp) === Date.parse(event.timestamp)
  const isSameLength = duration !== undefined && msOf(duration) === msOf(event.duration)
  return {
    ...rest,
    timestamp: isSameTime ? timestamp : event.timestamp,
    duration: isSameLength ? duration : event.duration,
    data: { ...event.data, ...data },
  }
}

const msOf = (seconds: number) => Math.round(seconds * 1000)

function eventsOf(value: unknown, type: ActivityBucket['type'], at: string): ActivityEvent[] {
  const event = recordOf(value, at)
  const data = recordOf(event.data, `${at}.data`)
  const from = Date.parse(textOf(event.timestamp, `${at}.timestamp`))
  const duration = event.duration
  if (Number.isNaN(from)) {
    throw new InvalidBuckets(`${at}.timestamp`, 'an RFC 3339 instant', event.timestamp)
  }
  if (typeof duration !== 'number' || !(duration >= 0)) {
    throw new InvalidBuckets(`${at}.duration`, 'seconds, 0 or more', duration)
  }
  const ms = msOf(duration)
  const starts = Array.from({ length: Math.max(1, Math.ceil(ms / DAY_MS)) }, (_, day) => day)
  return starts.map((day) => {
    const about = {
      captured_at: new Date(from + day * DAY_MS).toISOString(),
      duration_ms: Math.min(DAY_MS, ms - day * DAY_MS),
      pulsetime_ms: 0,
    }
    return type === 'currentwindow' ? windowOf(data, about, at) : presenceOf(data, about, at)
  })
}

type AboutEvent = Pick<ActivityEvent, 'captured_at' | 'duration_ms' | 'pulsetime_ms'>

function windowOf(
  data: Readonly<Record<string, unknown>>,
  about: AboutEvent,
  at: string
): ActivityEvent {
  const rest = restOf(data, at)
  const app = textOf(data.app, `${at}.data.app`).slice(0, MOST.app)
  const title = textOf(data.title, `${at}.data.title`).slice(0, MOST.title)
  return {
    kind: 'window',
    ...about,
    pulsetime_ms: wholeOf(rest.pulsetime_ms, about.pulsetime_ms, `${at}.pulsetime_ms`),
    app: app || 'unknown',
    title: title || null,
    domain: rest.domain === undefined ? null : textOf(rest.domain, at).slice(0, MOST.domain),
    pid: rest.pid === undefined ? null : wholeOf(rest.pid, 0, `${at}.pid`),
  }
}

function presenceOf(
  data: Readonly<Record<string, unknown>>,
  about: AboutEvent,
  at: string
): ActivityEvent {
  const { status } = data
  if (status !== 'afk' && status !== 'not-afk') {
    throw new InvalidBuckets(`${at}.data.status`, '"afk" or "not-afk"', status)
  }
  const rest = restOf(data, at)
  const assumed = assumedOf(status, about)
  const state = PRESENCE_STATES.find((one) => one === rest.state) ?? assumed.state
  return {
    kind: 'presence',
    ...about,
    pulsetime_ms: wholeOf(rest.pulsetime_ms, about.pulsetime_ms, `${at}.pulsetime_ms`),
    state,
    active_ms: wholeOf(rest.active_ms, assumed.active_ms, `${at}.active_ms`),
    slot_ms: wholeOf(rest.slot_ms, assumed.slot_ms, `${at}.slot_ms`),
  }
}

/** What a presence is taken for that says no more than ActivityWatch does. */
function assumedOf(status: 'afk' | 'not-afk', { duration_ms: duration }: AboutEvent) {
  return status === 'afk'
    ? { state: 'afk' as const, active_ms: 0, slot_ms: WATCH_AFK_MS, pulsetime_ms: 0 }
    : { state: 'active' as const, active_ms: duration, slot_ms: WATCH_AFK_MS, pulsetime_ms: 0 }
}

function watchEventOf(event: ActivityEvent): WatchEvent {
  const about = { timestamp: watchTime(event.captured_at), duration: event.duration_ms / 1000 }
  if (event.kind === 'window') {
    const { app, title, domain, pid, pulsetime_ms: pulsetime } = event
    const rest = {
      ...(domain === null ? {} : { domain }),
      ...(pid === null ? {} : { pid }),
      ...(pulsetime === 0 ? {} : { pulsetime_ms: pulsetime }),
    }
    return { ...about, data: { app, title: title ?? '', ...underRest(rest) } }
  }
  const status = event.state === 'active' ? 'not-afk' : 'afk'
  const assumed = assumedOf(status, event)
  const rest = Object.fromEntries(
    (['state', 'active_ms', 'slot_ms', 'pulsetime_ms'] as const).flatMap((key) =>
      event[key] === assumed[key] ? [] : [[key, event[key]]]
    )
  )
  return { ...about, data: { status, ...underRest(rest) } }
}

function underRest(rest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.keys(rest).length === 0 ? {} : { [REST]: rest }
}

function restOf(
  data: Readonly<Record<string, unknown>>,
  at: string
): Readonly<Record<string, unknown>> {
  return data[REST] === undefined ? {} : recordOf(data[REST], `${at}.data.${REST}`)
}

/** An instant as ActivityWatch writes it: microseconds where there are any, and an offset. */
function watchTime(instant: string): string {
  const text = new Date(instant).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}+00:00` : `${text.slice(0, -1)}000+00:00`
}

function recordOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidBuckets(at, 'an object', value)
  }
  return value as Readonly<Record<string, unknown>>
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new InvalidBuckets(at, 'a list', value)
  }
  return value
}

function textOf(value: unknown, at: string): string {
  if (typeof value !== 'string') {
    throw new InvalidBuckets(at, 'text', value)
  }
  return value
}

function wholeOf(value: unknown, absent: number, at: string): number {
  if (value === undefined) {
    return absent
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new InvalidBuckets(at, 'a whole number', value)
  }
  return value
}
