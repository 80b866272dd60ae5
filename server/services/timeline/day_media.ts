import type { Client } from '#services/timeline/observed'
import type { Span } from '#services/timeline/spans'
import db from '@adonisjs/lucid/services/db'

/** A screenshot as the day page needs it. */
export type DayShot = {
  readonly id: string
  readonly agentId: number
  readonly at: number
  readonly width: number
  readonly height: number
  readonly simulated: boolean
  readonly degraded: string | null
}

/** A segment of a recording, and the run of the recorder that it belongs to. */
export type DaySegment = Span & {
  readonly id: string
  readonly recordingId: string
  readonly segment: number
}

export type DayMedia = {
  readonly shots: readonly DayShot[]
  /** Looks that found nothing new on the display. */
  readonly unchanged: readonly number[]
  /** Pictures that the person took back before they were sent. */
  readonly withheld: number
  readonly segments: readonly DaySegment[]
  /** Size of pictures and recordings together. */
  readonly bytes: number
}

/** Pictures and recordings of some agents in a span, in the order of time. */
export async function loadMedia(
  agentIds: readonly number[],
  { from, until }: Span,
  client: Client = db.connection()
): Promise<DayMedia> {
  const shots: DayShot[] = []
  const unchanged: number[] = []
  const segments: DaySegment[] = []
  let withheld = 0
  let size = 0
  for (const agentId of agentIds) {
    const within = (table: string, ...columns: string[]) =>
      client
        .from(table)
        .select('id', 'captured_at', ...columns)
        .where('agent_id', agentId)
        .where('captured_at', '>=', from)
        .where('captured_at', '<', until)
        .orderBy('captured_at')
        .orderBy('id')
    for (const row of await within(
      'screenshots',
      'width',
      'height',
      'simulated',
      'degraded',
      'bytes'
    )) {
      size += Number(row.bytes)
      const { id, width, height, degraded } = row
      shots.push({
        id,
        agentId,
        at: Number(row.captured_at),
        width,
        height,
        simulated: Boolean(row.simulated),
        degraded,
      })
    }
    for (const row of await within('unchanged_screens')) {
      unchanged.push(Number(row.captured_at))
    }
    for (const row of await within(
      'recordings',
      'duration_ms',
      'recording_id',
      'segment',
      'bytes'
    )) {
      size += Number(row.bytes)
      const start = Number(row.captured_at)
      segments.push({
        id: row.id,
        recordingId: row.recording_id,
        segment: row.segment,
        from: start,
        until: start + Number(row.duration_ms),
      })
    }
    withheld += await countWithheld(client, agentId, { from, until })
  }
  return {
    shots: shots.sort((a, b) => a.at - b.at),
    unchanged: unchanged.sort((a, b) => a - b),
    withheld,
    segments: segments.sort((a, b) => a.from - b.from),
    bytes: size,
  }
}

async function countWithheld(client: Client, agentId: number, { from, until }: Span) {
  const row: { count: number } | null = await client
    .from('evictions')
    .where('agent_id', agentId)
    .where('evicted_captured_at', '>=', from)
    .where('evicted_captured_at', '<', until)
    .where({ evicted_kind: 'screenshot', cause: 'withheld' })
    .count('* as count')
    .first()
  return Number(row?.count ?? 0)
}
