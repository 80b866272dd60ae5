import type Agent from '#models/agent'
import type Recording from '#models/recording'
import type User from '#models/user'
import { agentsWithPurposeFor, visibleRecordings } from '#services/visible'
import db from '@adonisjs/lucid/services/db'

const PAGE = 25

/** How far back one page looks. */
const REACH_MS = 31 * 86_400_000

/** One run of the recorder of one display. */
export type Run = {
  readonly id: string
  readonly agent: Agent
  readonly from: number
  readonly until: number
  readonly segments: number
  readonly durationMs: number
  readonly bytes: number
}

/**
 * Runs of the recorder that `viewer` said today why to look at, newest first, that began before a moment,
 * within a month of it.
 */
export async function listRuns(viewer: User, before: number, person: number | null) {
  const query = agentsWithPurposeFor(viewer).preload('person')
  if (person) {
    query.where('person_id', person)
  }
  const agents = new Map((await query).map((agent) => [agent.id, agent]))
  const rows: {
    agent_id: number
    recording_id: string
    first: number
    last: number
    segments: number
    duration: number
    bytes: number
  }[] = await db
    .from('recordings')
    .whereIn('agent_id', [...agents.keys()])
    .where('captured_at', '>=', before - REACH_MS)
    .where('captured_at', '<', before)
    .select('agent_id', 'recording_id')
    .min('captured_at as first')
    .select(db.raw('max(captured_at + duration_ms) as last'))
    .count('* as segments')
    .sum('duration_ms as duration')
    .sum('bytes as bytes')
    .groupBy('agent_id', 'recording_id')
    .orderBy('first', 'desc')
    .limit(PAGE + 1)
  const runs = rows.slice(0, PAGE).flatMap((row): Run[] => {
    const agent = agents.get(row.agent_id)
    const { first, last, segments, duration, bytes } = row
    return agent
      ? [
          {
            id: row.recording_id,
            agent,
            from: Number(first),
            until: Number(last),
            segments: Number(segments),
            durationMs: Number(duration),
            bytes: Number(bytes),
          },
        ]
      : []
  })
  return { runs, next: rows.length > PAGE ? (runs.at(-1)?.from ?? null) : null }
}

/** The segments of a run that `viewer` may see, in order. */
export async function segmentsOf(viewer: User, recordingId: string): Promise<Recording[]> {
  return visibleRecordings(viewer)
    .where('recording_id', recordingId)
    .preload('agent', (agents) => agents.preload('person'))
    .orderBy('captured_at')
    .orderBy('segment')
}
