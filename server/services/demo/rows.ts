import type { Random } from '#services/demo/random'
import type { Shelf } from '#services/demo/seed'
import type { WorkDay } from '#services/demo/work_day'
import { createHash } from 'node:crypto'

/** Minutes between two heartbeats of a demo. */
const BEAT_MS = 15 * 60_000

const DISPLAY = JSON.stringify({ id: '0', x: 0, y: 0, width: 1600, height: 900, primary: true })

type Row = { readonly captured_at: number } & Record<string, unknown>
type MediaRow = Row & { readonly sha256: string; readonly media_key: string }

export type Rows = {
  readonly activities: readonly Row[]
  readonly heartbeats: readonly Row[]
  readonly gaps: readonly Row[]
  readonly screenshots: readonly MediaRow[]
  readonly unchanged_screens: readonly Row[]
  readonly evictions: readonly Row[]
  readonly recordings: readonly MediaRow[]
}

type Draft = { readonly table: keyof Rows; readonly at: number } & Record<string, unknown>

/** Collects what one agent observed, and numbers it in the order of time. */
export class RowsOfAgent {
  readonly #agentId: number
  readonly #random: Random
  readonly #now: number
  readonly #drafts: Draft[] = []

  constructor(agentId: number, random: Random, now: number) {
    this.#agentId = agentId
    this.#random = random
    this.#now = now
  }

  /** Without a shelf the day has no pictures and no recordings. */
  add(day: WorkDay, offset: number, shelf: Shelf | null) {
    const random = this.#random
    const put = (table: keyof Rows, at: number, columns: Record<string, unknown>) => {
      if (at < this.#now) {
        this.#drafts.push({ table, at, utc_offset_minutes: offset, ...columns })
      }
    }
    const until = (span: { until: number }) => Math.min(span.until, this.#now)
    for (const { state, ...span } of day.presence) {
      const duration = until(span) - span.from
      put('activities', span.from, {
        ...NOTHING,
        kind: 'presence',
        duration_ms: duration,
        pulsetime_ms: 60_000,
        state,
        active_ms: state === 'active' ? Math.round(duration * (0.5 + random.next() * 0.4)) : 0,
        slot_ms: 10_000,
      })
    }
    for (const { scene, title, ...span } of day.windows) {
      put('activities', span.from, {
        ...NOTHING,
        kind: 'window',
        duration_ms: until(span) - span.from,
        pulsetime_ms: 30_000,
        app: scene.app,
        title,
        domain: scene.domain,
      })
    }
    for (const { cause, ...span } of day.gaps) {
      for (const what of ['screenshot', 'presence']) {
        put('gaps', span.from, { what, cause, from: span.from, until: until(span) })
      }
    }
    for (const at of day.withheld) {
      const evicted = { evicted_id: random.uuid(at), evicted_kind: 'screenshot' }
      const facts = { evicted_captured_at: at, bytes: 30_000, cause: 'withheld' }
      put('evictions', at + 60_000, { ...evicted, ...facts })
    }
    const [first, last] = [day.presence[0], day.presence.at(-1)]
    for (let at = first?.from ?? 0; at < (last?.until ?? 0); at += BEAT_MS) {
      const state = day.presence.find((span) => span.from <= at && at < span.until)?.state
      put('heartbeats', at, { state: state === 'active' ? 'active' : 'afk', isBeat: true })
    }
    if (shelf) {
      this.#addMedia(day, shelf, put)
    }
  }

  finish(): Rows {
    const rows = {
      activities: [] as Row[],
      heartbeats: [] as Row[],
      gaps: [] as Row[],
      screenshots: [] as MediaRow[],
      unchanged_screens: [] as Row[],
      evictions: [] as Row[],
      recordings: [] as MediaRow[],
    }
    const ordered = this.#drafts.sort((a, b) => a.at - b.at)
    let seq = 0
    for (const { table, at, isBeat, ...columns } of ordered) {
      const evicted = table === 'evictions' ? { evicted_seq: (seq += 1) } : null
      seq += 1
      const id = (columns.id as string | undefined) ?? this.#random.uuid(at)
      const row = {
        ...columns,
        id,
        agent_id: this.#agentId,
        seq,
        captured_at: at,
        policy_version: 0,
        received_at: at + 1500,
        content_sha256: createHash('sha256').update(id).digest('hex'),
      }
      const full = isBeat ? { ...row, ...beat(row as unknown as Beat, seq) } : row
      ;(rows[table] as Row[]).push({ ...full, ...evicted })
    }
    return rows
  }

  #addMedia(
    day: WorkDay,
    shelf: Shelf,
    put: (table: keyof Rows, at: number, columns: Record<string, unknown>) => void
  ) {
    const random = this.#random
    let previous: string | null = null
    const looks = [
      ...day.pictures.map(({ at, scene }) => ({ at, scene })),
      ...day.unchanged.map((at) => ({ at, scene: null })),
    ].sort((a, b) => a.at - b.at)
    for (const { at, scene } of looks) {
      const common = { capture_group: random.uuid(at), display: DISPLAY }
      if (scene) {
        const picture = shelf.pictureOf(scene, random)
        const id = random.uuid(at)
        previous = id
        put('screenshots', at, {
          id,
          ...common,
          width: picture.width,
          height: picture.height,
          media_type: 'image/webp',
          bytes: picture.bytes.length,
          sha256: picture.sha256,
          dhash: picture.sha256.slice(0, 16),
          source: 'demo',
          simulated: true,
          degraded: null,
          media_key: this.#key('screenshots', at, `${id}.webp`),
        })
      } else if (previous) {
        put('unchanged_screens', at, { ...common, same_as: previous })
      }
    }
    for (const span of day.recordings) {
      this.#addRecording(span, shelf, put)
    }
  }

  #addRecording(
    span: { from: number; until: number },
    { segment }: Shelf,
    put: (table: keyof Rows, at: number, columns: Record<string, unknown>) => void
  ) {
    if (!segment) {
      return
    }
    const recordingId = this.#random.uuid(span.from)
    let number = 0
    for (let at = span.from; at + segment.durationMs <= span.until; at += segment.durationMs) {
      const id = this.#random.uuid(at)
      put('recordings', at, {
        id,
        recording_id: recordingId,
        segment: number,
        display: DISPLAY,
        width: segment.width,
        height: segment.height,
        frame_rate: 2,
        duration_ms: segment.durationMs,
        media_type: 'video/mp4',
        codec: 'h264',
        bytes: segment.bytes.length,
        sha256: segment.sha256,
        source: 'demo',
        simulated: true,
        complete: true,
        media_key: this.#key('recordings', at, `${id}.mp4`),
      })
      number += 1
    }
  }

  #key(kind: string, at: number, name: string): string {
    const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')
    return `${kind}/${this.#agentId}/${day}/${name}`
  }
}

/** The columns of an activity that the other kind of activity fills. */
const NOTHING = {
  app: null,
  title: null,
  domain: null,
  pid: null,
  state: null,
  active_ms: null,
  slot_ms: null,
}

type Beat = {
  readonly id: string
  readonly seq: number
  readonly captured_at: number
  readonly utc_offset_minutes: number
  readonly state: string
}

function beat({ id, seq, captured_at: at, utc_offset_minutes: offset, state }: Beat, last: number) {
  const seconds = state === 'active' ? 4 : 400
  const body = {
    id,
    seq,
    captured_at: new Date(at).toISOString(),
    utc_offset_minutes: offset,
    policy_version: 0,
    kind: 'heartbeat',
    state,
    seconds_since_input: seconds,
    interval_seconds: 900,
    late_seconds: 0,
    time_zone: 'UTC',
    agent_version: '0.1.0',
    clock_skew_ms: 12,
    system: {
      os: { platform: 'linux', name: 'Debian GNU/Linux', release: '12', arch: 'x64' },
      host: 'demo',
      cpu: { model: 'Demo processor', cores: 8, load_percent: 6 },
      memory: { total_bytes: 16_000_000_000, used_bytes: 5_400_000_000 },
      disk: { total_bytes: 512_000_000_000, free_bytes: 260_000_000_000 },
      battery: null,
      uptime_seconds: 7200,
      displays: [JSON.parse(DISPLAY)],
    },
    plugins: ['heartbeat', 'activity', 'screenshot', 'recording'].map((name) => ({
      name,
      version: '0.1.0',
      state: 'ok',
      reason: null,
    })),
    spool: {
      accepted: last,
      delivered: last,
      evicted: 0,
      dead: 0,
      queued: 0,
      spool_bytes: 0,
      oldest_age_s: 0,
      seq: last,
    },
  }
  return { seconds_since_input: seconds, body: JSON.stringify(body) }
}
