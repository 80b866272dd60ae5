import Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import { recordChange, type Actor } from '#services/audit'
import { heldAmong } from '#services/retention/holds'
import { markDirty } from '#services/rollups/dirty'
import { queueRemovals, removeFiles } from '#services/storage/removals'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/**
 * Removes a screenshot or a segment of a recording everywhere: row, file, thumbnail. Its sequence
 * number is remembered, so that the report of what is missing does not call a deletion a loss. The
 * row goes first: a crash leaves a file without a row, which the reaper takes, or on another disk the
 * note that it has to go; never a row without a file. What `note` writes stands when the row is gone.
 */
export async function removeMedia(
  row: Screenshot | Recording,
  note: (trx: TransactionClientContract) => Promise<void> = async () => undefined
) {
  const kind = row instanceof Recording ? 'recording' : 'screenshot'
  await db.transaction(async (trx) => {
    await trx.table('deletions').insert({
      agent_id: row.agentId,
      seq: row.seq,
      id: row.id,
      content_sha256: row.contentSha256,
      kind,
      captured_at: row.capturedAt,
      utc_offset_minutes: row.utcOffsetMinutes,
      deleted_at: Date.now(),
    })
    await trx.from(`${kind}s`).where({ id: row.id, agent_id: row.agentId }).delete()
    await note(trx)
    await queueRemovals(trx, [row])
    const columns = { agent_id: row.agentId, captured_at: row.capturedAt }
    await markDirty(trx, [{ table: `${kind}s`, columns }])
  })
  await removeFiles([row])
}

/**
 * Removes a medium for somebody who wants it gone, with a line in the log of changes; one that a hold
 * keeps stays. Its agent is preloaded.
 */
export async function deleteMedium(
  actor: Actor,
  row: Screenshot | Recording,
  reason: string | null = null
): Promise<'deleted' | 'held'> {
  if ((await heldAmong([row])).size > 0) {
    return 'held'
  }
  const type = row instanceof Recording ? 'recording' : 'screenshot'
  const object = { type, id: row.id, personId: row.agent.personId, agentId: row.agentId }
  await removeMedia(row, (trx) =>
    recordChange(trx, actor, `${type}.delete`, object, null, reason === null ? null : { reason })
  )
  return 'deleted'
}
