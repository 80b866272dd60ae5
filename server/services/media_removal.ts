import Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import { recordChange, type Actor } from '#services/audit'
import { removeObservation } from '#services/observation_removal'
import { heldAmong } from '#services/retention/holds'
import { queueRemovals, removeFiles } from '#services/storage/removals'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/**
 * Removes a screenshot or a segment of a recording everywhere: row, file, thumbnail. The row goes first: a crash leaves a file without a row, which the reaper takes, or on another disk the
 * note that it has to go; never a row without a file. What `note` writes stands when the row is gone.
 */
export async function removeMedia(
  row: Screenshot | Recording,
  note: (trx: TransactionClientContract) => Promise<void> = async () => undefined
) {
  await db.transaction(async (trx) => {
    if (
      await removeObservation(trx, row instanceof Recording ? 'recordings' : 'screenshots', row)
    ) {
      await note(trx)
      await queueRemovals(trx, [row])
    }
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
