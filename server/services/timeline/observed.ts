import type { HeartbeatState } from '#contract/heartbeat'
import type { PresenceState } from '#contract/activity'
import { BEAT_HOLDS_MS, knownTime, type PresenceOfAgent } from '#services/timeline/presence'
import { subtract, type Span } from '#services/timeline/spans'
import type { WindowEvent } from '#services/timeline/windows'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

export type Client = Pick<TransactionClientContract, 'from'>

/** What one agent observed around a span, as it was sent. */
export type Observed = PresenceOfAgent & {
  readonly agentId: number
  readonly windows: readonly WindowEvent[]
}

/** The longest activity event that the contract takes, and the longest hole that one bridges. */
const LONGEST_EVENT_MS = 86_400_000
const LONGEST_PULSETIME_MS = 3_600_000

/** A gap counts for a week at the most: an agent that says more is wrong or was forgotten. */
export const LONGEST_GAP_MS = 7 * 86_400_000

/** Times of which a statement asks at once. */
const CHUNK = 50

/** Heartbeats between holes that lie closer than this are read with them. */
const HOLE_DISTANCE_MS = 600_000

type OfAgent = Span & { readonly agentId: number }

/**
 * What some agents observed in a span, with as much around it as merging needs to give the same result
 * as if everything were known.
 */
export function loadObserved(
  agentIds: readonly number[],
  span: Span,
  client?: Client
): Promise<Observed[]> {
  return loadObservedOf(
    agentIds.map((agentId) => ({ agentId, ...span })),
    client
  )
}

/**
 * The same of agents with a span of each, in their order. Of heartbeats only those are there that say
 * something that no presence event says.
 */
export async function loadObservedOf(
  wanted: readonly OfAgent[],
  client: Client = db.connection()
): Promise<Observed[]> {
  const activities = await loadActivities(client, wanted)
  const gaps = await loadGaps(client, wanted)
  const parts = wanted.map(({ agentId, from, until }) => {
    const own = activities
      .filter((event) => event.agentId === agentId)
      .filter((event) => event.until >= from - LONGEST_PULSETIME_MS)
      .filter((event) => event.from < until + LONGEST_PULSETIME_MS)
    return {
      agentId,
      presence: own.flatMap(({ kind, state, categoryId: _category, ...event }) =>
        kind === 'presence' && state ? [{ ...event, state }] : []
      ),
      windows: own.flatMap(({ kind, app, title, domain, ...event }) =>
        kind === 'window' ? [{ ...event, app: app ?? '', title, domain }] : []
      ),
      gaps: gaps.filter((gap) => gap.agentId === agentId && gap.until > from && gap.from < until),
    }
  })
  const beats = await loadBeats(
    client,
    parts.flatMap(({ agentId, presence }, index) =>
      holesOf(presence, wanted[index] as Span).map((span) => ({ agentId, ...span }))
    )
  )
  return parts.map((part) => ({
    ...part,
    beats: beats.filter(({ agentId }) => agentId === part.agentId),
  }))
}

/** Where heartbeats count: in time without presence, with the ones before it that still hold. */
function holesOf(presence: PresenceOfAgent['presence'], { from, until }: Span): Span[] {
  const wide = { from: from - BEAT_HOLDS_MS, until: until + BEAT_HOLDS_MS }
  const holes: { from: number; until: number }[] = []
  for (const hole of subtract([wide], knownTime(presence))) {
    const start = Math.max(wide.from, hole.from - BEAT_HOLDS_MS)
    const last = holes.at(-1)
    if (last && start - last.until < HOLE_DISTANCE_MS) {
      last.until = hole.until
    } else {
      holes.push({ from: start, until: hole.until })
    }
  }
  return holes
}

async function loadActivities(client: Client, wanted: readonly OfAgent[]) {
  const rows: {
    agent_id: number
    kind: string
    captured_at: number
    duration_ms: number
    pulsetime_ms: number
    app: string | null
    title: string | null
    domain: string | null
    category_id: number | null
    state: PresenceState | null
  }[] = await rowsOf(client, wanted, ({ from, until }) => ({
    table: 'activities',
    time: 'captured_at',
    columns: [
      ...['kind', 'captured_at', 'duration_ms', 'pulsetime_ms'],
      ...['app', 'title', 'domain', 'category_id', 'state'],
    ],
    after: from - LONGEST_PULSETIME_MS - LONGEST_EVENT_MS,
    before: until + LONGEST_PULSETIME_MS,
  }))
  return rows.map(
    ({
      agent_id: agentId,
      captured_at: start,
      duration_ms: duration,
      pulsetime_ms: pulse,
      category_id: categoryId,
      ...row
    }) => ({
      ...row,
      categoryId,
      agentId: Number(agentId),
      from: Number(start),
      until: Number(start) + Number(duration),
      pulsetimeMs: Number(pulse),
    })
  )
}

async function loadBeats(client: Client, wanted: readonly OfAgent[]) {
  const rows: { agent_id: number; captured_at: number; state: HeartbeatState }[] = await rowsOf(
    client,
    wanted,
    ({ from, until }) => ({
      table: 'heartbeats',
      time: 'captured_at',
      columns: ['captured_at', 'state'],
      after: from,
      before: until,
    })
  )
  return rows.map((row) => ({
    agentId: Number(row.agent_id),
    at: Number(row.captured_at),
    state: row.state,
  }))
}

async function loadGaps(client: Client, wanted: readonly OfAgent[]) {
  const rows: { agent_id: number; from: number; until: number; cause: string; what: string }[] =
    await rowsOf(client, wanted, ({ from, until }) => ({
      table: 'gaps',
      time: 'from',
      columns: ['from', 'until', 'cause', 'what'],
      after: from - LONGEST_GAP_MS,
      before: until,
    }))
  return rows.map((row) => ({
    agentId: Number(row.agent_id),
    from: Number(row.from),
    until: Math.min(Number(row.until), Number(row.from) + LONGEST_GAP_MS),
    cause: row.cause,
    what: row.what,
  }))
}

type Reading = {
  readonly table: string
  readonly time: string
  readonly columns: readonly string[]
  /** Both ends are left out. */
  readonly after: number
  readonly before: number
}

/** Rows of some agents, each within its own time, in few statements. */
async function rowsOf<Row>(
  client: Client,
  wanted: readonly OfAgent[],
  reading: (span: Span) => Reading
): Promise<Row[]> {
  const rows: Row[] = []
  for (let at = 0; at < wanted.length; at += CHUNK) {
    const parts = wanted
      .slice(at, at + CHUNK)
      .map(({ agentId, ...span }) => ({ agentId, ...reading(span) }))
    const { table, columns } = parts[0] as Reading
    const found: Row[] = await client
      .from(table)
      .select('agent_id', ...columns)
      .where((any) => {
        for (const { agentId, time, after, before } of parts) {
          any.orWhere((one) => {
            one.where('agent_id', agentId).where(time, '>', after).where(time, '<', before)
          })
        }
      })
    rows.push(...found)
  }
  return rows
}
