import type { Presence, WindowActivity } from '#contract/activity'
import type { Heartbeat } from '#contract/heartbeat'
import type { Gap } from '#contract/gap'
import type { Screenshot } from '#contract/screenshot'
import { createHash, randomBytes } from 'node:crypto'
import sharp from 'sharp'

/** A UUIDv7 of now, or of the instant given in milliseconds. */
export function uuidv7(time = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(time, 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const fields = (seq: number) => ({
  id: uuidv7(),
  seq,
  captured_at: '2026-11-22T10:00:00.123Z',
  utc_offset_minutes: 60,
  policy_version: 0,
})

export function heartbeat(seq: number, changes: Partial<Heartbeat> = {}): Heartbeat {
  return {
    ...fields(seq),
    kind: 'heartbeat',
    state: 'active',
    seconds_since_input: 3.5,
    interval_seconds: 30,
    late_seconds: 0,
    time_zone: 'Europe/Berlin',
    agent_version: '0.1.0',
    clock_skew_ms: 12,
    system: {
      os: { platform: 'linux', name: 'Debian GNU/Linux', release: '12', arch: 'x64' },
      host: 'dana-laptop',
      cpu: { model: 'A processor', cores: 8, load_percent: 3.5 },
      memory: { total_bytes: 16_000_000_000, used_bytes: 4_000_000_000 },
      disk: { total_bytes: 500_000_000_000, free_bytes: 100_000_000_000 },
      battery: null,
      uptime_seconds: 3600,
      displays: [{ id: '0', x: 0, y: 0, width: 1920, height: 1080, primary: true }],
    },
    plugins: [{ name: 'screenshot', version: '0.1.0', state: 'ok', reason: null }],
    spool: {
      accepted: seq,
      delivered: seq - 1,
      evicted: 0,
      dead: 0,
      queued: 1,
      spool_bytes: 900,
      oldest_age_s: 0,
      seq,
    },
    ...changes,
  }
}

export function gap(seq: number): Gap {
  return {
    ...fields(seq),
    kind: 'gap',
    what: 'screenshot',
    cause: 'paused',
    from: '2026-11-22T09:00:00.000Z',
    until: '2026-11-22T09:30:00.000Z',
  }
}

export function windowEvent(seq: number, changes: Partial<WindowActivity> = {}): WindowActivity {
  return {
    ...fields(seq),
    kind: 'window',
    duration_ms: 10_000,
    pulsetime_ms: 60_000,
    app: 'editor',
    title: 'notes.md',
    domain: null,
    pid: 4711,
    ...changes,
  }
}

export function presence(seq: number, changes: Partial<Presence> = {}): Presence {
  return {
    ...fields(seq),
    kind: 'presence',
    duration_ms: 60_000,
    pulsetime_ms: 60_000,
    state: 'active',
    active_ms: 30_000,
    slot_ms: 5000,
    ...changes,
  }
}

/** A picture of one colour with noise in it, so that cutting it short can be seen. */
export async function picture(width = 64, height = 48): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 120, sigma: 40 }
  return sharp({ create: { width, height, channels: 3, background: '#3366cc', noise } })
    .webp({ lossless: true, effort: 0 })
    .toBuffer()
}

/** The true description of `bytes`, changed where `changes` says so. */
export function describe(
  seq: number,
  bytes: Buffer,
  changes: Partial<Screenshot> = {}
): Screenshot {
  return {
    ...fields(seq),
    kind: 'screenshot',
    capture_group: uuidv7(),
    display: { id: '0', x: 0, y: 0, width: 64, height: 48, primary: true },
    width: 64,
    height: 48,
    media_type: 'image/webp',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    dhash: '00ff00ff00ff00ff',
    source: 'x11',
    simulated: false,
    degraded: null,
    ...changes,
  }
}
