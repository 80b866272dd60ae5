import Agent from '#models/agent'
import type Recording from '#models/recording'
import type User from '#models/user'
import { agentsWithPurposeFor, visibleRecordings } from '#services/visible'
import { newestKeys } from '#services/newest'
import db from '@adonisjs/lucid/services/db'

/** Runs on one page; those that began at the same moment as the last of them stand there too. */
const PAGE = 25

/** Time that is looked through at first, from a segment on, and how much more each time it is not enough. */
const [AT_FIRST_MS, GROWTH] = [5 * 60_000, 4]

/** Runs of which a statement asks at once. */
const CHUNK = 200

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
 * Runs of the recorder that `viewer` said today why to look at, newest first, that began before a moment;
 * of one person or one computer, where those are named.
 */
export async function listRuns(
  viewer: User,
  before: number,
  { person, agent }: { readonly person: number | null; readonly agent: number | null }
) {
  const query = agentsWithPurposeFor(viewer)
  if (person) {
    query.where('person_id', person)
  }
  if (agent) {
    query.where('id', agent)
  }
  const agentIds = (await query.select('id')).map(({ id }) => id)
  const runs = await newestRuns(agentIds, before)
  const last = runs[PAGE - 1]
  const shown = last ? runs.filter(({ from }) => from >= last.from) : runs
  const agents = await Agent.query()
    .whereIn(
      'id',
      shown.map(({ agentId }) => agentId)
    )
    .preload('person')
  return {
    runs: shown.flatMap(({ agentId, ...run }): Run[] => {
      const found = agents.find(({ id }) => id === agentId)
      return found ? [{ ...run, agent: found }] : []
    }),
    next: runs.length > shown.length ? (shown.at(-1)?.from ?? null) : null,
  }
}

type RunOfAgent = Omit<Run, 'agent'> & { readonly agentId: number }

/**
 * More runs than a page has, if there are so many. Segments are looked through from the newest one back,
 * in growing steps; a run is known to be among the newest once its first segment was passed.
 */
async function newestRuns(agentIds: readonly number[], before: number): Promise<RunOfAgent[]> {
  const found = new Map<string, RunOfAgent>()
  for (let until = before, step = AT_FIRST_MS; ; step *= GROWTH) {
    const [newest] = await newestKeys(
      { table: 'recordings', owner: 'agent_id', time: 'captured_at' },
      { owners: agentIds, conditions: [['captured_at', '<', until]], cursor: null, limit: 1 }
    )
    until = newest ? newest.time - step : 0
    if (newest) {
      const seen = await runsBetween(agentIds, until, newest.time)
      const fresh = seen.filter((run) => !found.has(keyOf(run)))
      for (const run of await sumsOf(fresh)) {
        found.set(keyOf(run), run)
      }
    }
    const passed = [...found.values()].filter(({ from }) => from >= until)
    if (passed.length > PAGE || !newest) {
      return passed.sort((one, other) => other.from - one.from || one.agentId - other.agentId)
    }
  }
}

type RunKey = { readonly agentId: number; readonly id: string }

const keyOf = ({ agentId, id }: RunKey) => `${agentId} ${id}`

/** The runs that have a segment between two moments, both included. */
async function runsBetween(
  agentIds: readonly number[],
  from: number,
  until: number
): Promise<RunKey[]> {
  const rows: { agent_id: number; recording_id: string }[] = await db
    .from('recordings')
    .whereIn('agent_id', [...agentIds])
    .where('captured_at', '>=', from)
    .where('captured_at', '<=', until)
    .distinct('agent_id', 'recording_id')
  return rows.map((row) => ({ agentId: Number(row.agent_id), id: row.recording_id }))
}

/** Whole runs, with what of them lies before or after the time that was looked through. */
async function sumsOf(keys: readonly RunKey[]): Promise<RunOfAgent[]> {
  const wanted = new Set(keys.map(keyOf))
  const runs: RunOfAgent[] = []
  for (let at = 0; at < keys.length; at += CHUNK) {
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
      .whereIn(
        'recording_id',
        keys.slice(at, at + CHUNK).map(({ id }) => id)
      )
      .select('agent_id', 'recording_id')
      .min('captured_at as first')
      .select(db.raw('max(captured_at + duration_ms) as last'))
      .count('* as segments')
      .sum('duration_ms as duration')
      .sum('bytes as bytes')
      .groupBy('recording_id', 'agent_id')
    runs.push(
      ...rows.map((row) => ({
        agentId: Number(row.agent_id),
        id: row.recording_id,
        from: Number(row.first),
        until: Number(row.last),
        segments: Number(row.segments),
        durationMs: Number(row.duration),
        bytes: Number(row.bytes),
      }))
    )
  }
  return runs.filter((run) => wanted.has(keyOf(run)))
}

/** The segments of a run that `viewer` may see, in order. */
export async function segmentsOf(viewer: User, recordingId: string): Promise<Recording[]> {
  return visibleRecordings(viewer)
    .where('recording_id', recordingId)
    .preload('agent', (agents) => agents.preload('person'))
    .orderBy('captured_at')
    .orderBy('segment')
}
