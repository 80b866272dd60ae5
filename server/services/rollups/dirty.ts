import { LONGEST_GAP_MS } from '#services/timeline/observed'
import { BEAT_HOLDS_MS } from '#services/timeline/presence'
import type { Span } from '#services/timeline/spans'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

export const HOUR_MS = 3_600_000

/** The longest hole that an event bridges, before and after it. */
const REACH_MS = 3_600_000

/** Marks in one statement. */
const CHUNK = 500

type Inserted = {
  readonly table: string
  readonly columns: Readonly<Record<string, unknown>>
}
export type Mark = { readonly agent_id: number; readonly hour: number }

/**
 * Notes which hours of which agents have to be counted again, in the transaction that changes their
 * observations: whoever sees the change sees the mark. What is late, repeated or deleted is nothing
 * special then. Marks go in the order of their key, so that two transactions never wait in a circle.
 */
export async function markDirty(trx: TransactionClientContract, rows: readonly Inserted[]) {
  await insertMarks(trx, marksOf(rows))
}

/** The hours that rows touch, in the order of their key. */
export function marksOf(rows: Iterable<Inserted>): readonly Mark[] {
  const marks = new Map<number, Set<number>>()
  for (const { table, columns } of rows) {
    const agentId = Number(columns.agent_id)
    const hours = marks.get(agentId) ?? new Set()
    const { from, until } = touched(table, columns)
    for (let hour = hourOf(from); hour <= until; hour += HOUR_MS) {
      hours.add(hour)
    }
    marks.set(agentId, hours)
  }
  return [...marks]
    .flatMap(([id, hours]) => [...hours].map((hour) => ({ agent_id: id, hour })))
    .sort(byKey)
}

const byKey = (a: Mark, b: Mark) => a.agent_id - b.agent_id || a.hour - b.hour

export async function insertMarks(
  trx: Pick<TransactionClientContract, 'insertQuery'>,
  marks: readonly Mark[]
) {
  const sorted = [...marks].sort(byKey)
  for (let at = 0; at < sorted.length; at += CHUNK) {
    const query = trx.insertQuery().table('dirty_hours')
    query.knexQuery
      .insert(sorted.slice(at, at + CHUNK))
      .onConflict()
      .ignore()
    await query
  }
}

/** The beginning of the hour of an instant, UTC. */
export const hourOf = (at: number) => Math.floor(at / HOUR_MS) * HOUR_MS

/** The time whose sums a row can change. */
function touched(table: string, columns: Readonly<Record<string, unknown>>): Span {
  const at = Number(columns.captured_at)
  switch (table) {
    case 'activities':
      return { from: at - REACH_MS, until: at + Number(columns.duration_ms) + REACH_MS }
    case 'heartbeats':
      return { from: at - BEAT_HOLDS_MS, until: at + BEAT_HOLDS_MS }
    case 'gaps': {
      const from = Number(columns.from)
      const until = Math.min(Number(columns.until), from + LONGEST_GAP_MS)
      return { from, until: Math.max(from, until) }
    }
    case 'recordings':
      return { from: at, until: at + Number(columns.duration_ms ?? 0) }
    case 'evictions': {
      const evicted = Number(columns.evicted_captured_at)
      return { from: evicted, until: evicted }
    }
    default:
      return { from: at, until: at }
  }
}
