import { hash } from 'node:crypto'
import type { PolicyValues } from '../contract/policy.ts'
import { effectivePolicy, type Policy } from '../src/policy.ts'
import type {
  HeartbeatDraft,
  RecordingDraft,
  ScreenshotDraft,
  UnchangedScreenDraft,
} from '../src/observation.ts'
import type { Spool, Unnumbered } from '../src/spool.ts'

const DISPLAY = { id: '0', x: 0, y: 0, width: 1280, height: 720, primary: true }
const GROUP = '019a0000-0000-7000-8000-000000000000'

/** A policy in force: what `values` does not name is as where nobody set it. */
export function aPolicy(values: Partial<PolicyValues> = {}, version = 1): Policy {
  return effectivePolicy({}, { version, values, timeZone: null })
}

/** A valid heartbeat, as a plugin drafts it. */
export function aHeartbeat(): HeartbeatDraft {
  return {
    kind: 'heartbeat',
    state: 'active',
    seconds_since_input: 1,
    interval_seconds: 30,
    late_seconds: 0,
    time_zone: 'Europe/Berlin',
    agent_version: '0.1.0',
    clock_skew_ms: null,
    system: {
      os: { platform: 'linux', name: 'Linux', release: '1', arch: 'x64' },
      host: 'desk',
      cpu: { model: 'One', cores: 2, load_percent: 5 },
      memory: { total_bytes: 2, used_bytes: 1 },
      disk: null,
      battery: null,
      uptime_seconds: 1,
      displays: [DISPLAY],
    },
    plugins: [],
    spool: {
      accepted: 0,
      delivered: 0,
      evicted: 0,
      dead: 0,
      queued: 0,
      spool_bytes: 0,
      oldest_age_s: 0,
      seq: 0,
    },
  }
}

/** A valid screenshot of `bytes`, as a plugin drafts it. */
export function aScreenshot(bytes: Uint8Array): ScreenshotDraft {
  return {
    kind: 'screenshot',
    capture_group: GROUP,
    display: DISPLAY,
    width: 1280,
    height: 720,
    media_type: 'image/webp',
    bytes: bytes.byteLength,
    sha256: hash('sha256', bytes, 'hex'),
    dhash: '0123456789abcdef',
    source: 'fake',
    simulated: true,
    degraded: null,
  }
}

/** A valid segment of a recording of `bytes`, as a plugin drafts it. */
export function aRecording(bytes: Uint8Array): RecordingDraft {
  return {
    kind: 'recording',
    recording_id: GROUP,
    segment: 0,
    display: DISPLAY,
    width: 1280,
    height: 720,
    frame_rate: 2,
    duration_ms: 10_000,
    media_type: 'video/mp4',
    codec: 'h264',
    bytes: bytes.byteLength,
    sha256: hash('sha256', bytes, 'hex'),
    source: 'fake',
    simulated: true,
    complete: true,
  }
}

const UNCHANGED: UnchangedScreenDraft = {
  kind: 'unchanged_screen',
  capture_group: GROUP,
  display: DISPLAY,
  same_as: GROUP,
}

/** A draft as the runtime would hand it to `spool.put`: an event, or the draft given. */
export function anEvent(
  spool: Pick<Spool, 'ids'>,
  draft: UnchangedScreenDraft | HeartbeatDraft | ScreenshotDraft | RecordingDraft = UNCHANGED
): Unnumbered {
  return {
    ...draft,
    id: spool.ids.next(),
    captured_at: '2026-03-02T09:00:00.000Z',
    utc_offset_minutes: 60,
    policy_version: 0,
  }
}
