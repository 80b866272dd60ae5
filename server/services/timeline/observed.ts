import type { HeartbeatState } from '#contract/heartbeat'
import type { PresenceState } from '#contract/activity'
import type { PresenceOfAgent } from '#services/timeline/presence'
import { BEAT_HOLDS_MS } from '#services/timeline/presence'
import type { Span } from '#services/timeline/spans'
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

/**
 * What some agents observed in a span, with as much around it as merging needs to give the same result
 * as if everything were known.
 */
export async function loadObserved(
  agentIds: readonly number[],
  span: Span,
  client: Client = db.connection()
): Promise<Observed[]> {
  const wide = {
    from: span.from - LONGEST_PULSETIME_MS,
    until: span.until + LONGEST_PULSETIME_MS,
  }
  const found: Observed[] = []
  for (const agentId of agentIds) {
    const activities = await loadActivities(client, agentId, wide)
    found.push({
      agentId,
      presence: activities.flatMap(({ kind, state, ...event }) =>
        kind === 'presence' && state ? [{ ...event, state }] : []
      ),
      windows: activities.flatMap(({ kind, app, title, domain, ...event }) =>
        kind === 'window' ? [{ ...event, agentId, app: app ?? '', title, domain }] : []
      ),
      beats: await loadBeats(client, agentId, span),
      gaps: await loadGaps(client, agentId, span),
    })
  }
  return found
}

async function loadActivities(client: Client, agentId: number, { from, until }: Span) {
  const rows: {
    kind: string
    captured_at: number
    duration_ms: number
    pulsetime_ms: number
    app: string | null
    title: string | null
    domain: string | null
    state: PresenceState | null
  }[] = await client
    .from('activities')
    .select('kind', 'captured_at', 'duration_ms', 'pulsetime_ms', 'app', 'title', 'domain', 'state')
    .where('agent_id', agentId)
    .where('captured_at', '>', from - LONGEST_EVENT_MS)
    .where('captured_at', '<', until)
  return rows
    .map(({ captured_at: start, duration_ms: duration, pulsetime_ms: pulse, ...row }) => ({
      ...row,
      from: Number(start),
      until: Number(start) + Number(duration),
      pulsetimeMs: Number(pulse),
    }))
    .filter((event) => event.until >= from)
}

async function loadBeats(client: Client, agentId: number, { from, until }: Span) {
  const rows: { captured_at: number; state: HeartbeatState }[] = await client
    .from('heartbeats')
    .select('captured_at', 'state')
    .where('agent_id', agentId)
    .where('captured_at', '>', from - BEAT_HOLDS_MS)
    .where('captured_at', '<', until + BEAT_HOLDS_MS)
  return rows.map((row) => ({ at: Number(row.captured_at), state: row.state }))
}

async function loadGaps(client: Client, agentId: number, span: Span) {
  const rows: { from: number; until: number; cause: string; what: string }[] = await client
    .from('gaps')
    .select('from', 'until', 'cause', 'what')
    .where('agent_id', agentId)
    .where('from', '>', span.from - LONGEST_GAP_MS)
    .where('from', '<', span.until)
  return rows
    .map((row) => ({
      from: Number(row.from),
      until: Math.min(Number(row.until), Number(row.from) + LONGEST_GAP_MS),
      cause: row.cause,
      what: row.what,
    }))
    .filter(({ until }) => until > span.from)
}
