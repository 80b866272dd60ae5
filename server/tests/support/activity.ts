import type Agent from '#models/agent'
import { uuidv7 } from '#tests/support/observations'
import db from '@adonisjs/lucid/services/db'

let seq = 1_000_000

function common(agent: Agent, at: number) {
  seq += 1
  return {
    id: uuidv7(at),
    agent_id: agent.id,
    seq,
    captured_at: at,
    utc_offset_minutes: 0,
    policy_version: 0,
    received_at: at,
    content_sha256: String(seq).padStart(64, '0'),
  }
}

const NOTHING = {
  app: null,
  title: null,
  domain: null,
  pid: null,
  state: null,
  active_ms: null,
  slot_ms: null,
}

/** Puts a span of presence of an agent into the database; gives its id. */
export async function putPresence(
  agent: Agent,
  state: string,
  from: number,
  until: number
): Promise<string> {
  const row = common(agent, from)
  await db.table('activities').insert({
    ...row,
    ...NOTHING,
    kind: 'presence',
    duration_ms: until - from,
    pulsetime_ms: 60_000,
    state,
    active_ms: state === 'active' ? until - from : 0,
    slot_ms: 10_000,
  })
  return row.id
}

/** Puts a window that was in front into the database. */
export async function putWindow(
  agent: Agent,
  window: { app: string; title?: string | null; domain?: string | null },
  from: number,
  until: number
) {
  await db.table('activities').insert({
    ...common(agent, from),
    ...NOTHING,
    title: null,
    domain: null,
    ...window,
    kind: 'window',
    duration_ms: until - from,
    pulsetime_ms: 0,
  })
}

/** Puts a gap into the database. */
export async function putGap(agent: Agent, cause: string, from: number, until: number) {
  await db.table('gaps').insert({ ...common(agent, until), what: 'presence', cause, from, until })
}

/** Puts the row of a screenshot, without a file, into the database; gives its id. */
export async function putScreenshot(agent: Agent, at: number, bytes = 1000): Promise<string> {
  const row = common(agent, at)
  await db.table('screenshots').insert({
    ...row,
    capture_group: uuidv7(at),
    display: JSON.stringify({ id: '0', x: 0, y: 0, width: 64, height: 48, primary: true }),
    width: 64,
    height: 48,
    media_type: 'image/webp',
    bytes,
    sha256: '0'.repeat(64),
    dhash: '0'.repeat(16),
    source: 'x11',
    simulated: false,
    degraded: null,
    media_key: `screenshots/${agent.id}/${row.id}.webp`,
  })
  return row.id
}

/** Puts rows of segments of thirty seconds, without files, into the database; gives the recording's id. */
export async function putRecording(
  agent: Agent,
  from: number,
  segments: readonly number[]
): Promise<string> {
  const recordingId = uuidv7(from)
  for (const segment of segments) {
    const row = common(agent, from + segment * 30_000)
    await db.table('recordings').insert({
      ...row,
      recording_id: recordingId,
      segment,
      display: JSON.stringify({ id: '0', x: 0, y: 0, width: 64, height: 48, primary: true }),
      width: 64,
      height: 48,
      frame_rate: 2,
      duration_ms: 30_000,
      media_type: 'video/mp4',
      codec: 'h264',
      bytes: 1000,
      sha256: '0'.repeat(64),
      source: 'x11grab',
      simulated: false,
      complete: true,
      media_key: `recordings/${agent.id}/${row.id}.mp4`,
    })
  }
  return recordingId
}
