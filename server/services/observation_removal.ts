import { markDirty } from '#services/rollups/dirty'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** The word for one row of a table of observations. */
export const kindOf = (table: string): string =>
  table === 'activities' ? 'activity' : table.slice(0, -1)

type Observation = {
  readonly id: string
  readonly agentId: number
  readonly seq: number
  readonly contentSha256: string
  readonly capturedAt: number
  readonly utcOffsetMinutes: number
  readonly durationMs?: number | null
}

/**
 * Removes the row of an observation. Its sequence number is remembered, so that the report of what is
 * missing does not call a deletion a loss and a late re-send does not bring it back; the hours that it
 * touched are counted anew. Gives false where somebody else removed it first: nothing is written then.
 */
export async function removeObservation(
  trx: TransactionClientContract,
  table: 'activities' | 'screenshots' | 'recordings',
  row: Observation
): Promise<boolean> {
  const { id, agentId, seq, capturedAt } = row
  const removed = await trx.from(table).where({ id, agent_id: agentId }).delete()
  if (Number(removed) === 0) {
    return false
  }
  await trx.table('deletions').insert({
    ...{ id, seq, agent_id: agentId, kind: kindOf(table), captured_at: capturedAt },
    content_sha256: row.contentSha256,
    utc_offset_minutes: row.utcOffsetMinutes,
    deleted_at: Date.now(),
  })
  const columns = { agent_id: agentId, captured_at: capturedAt, duration_ms: row.durationMs ?? 0 }
  await markDirty(trx, [{ table, columns }])
  return true
}
