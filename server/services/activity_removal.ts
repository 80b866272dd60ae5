import type Activity from '#models/activity'
import { recordChange, type Actor } from '#services/audit'
import { removeObservation } from '#services/observation_removal'
import { heldAmong } from '#services/retention/holds'
import db from '@adonisjs/lucid/services/db'

/**
 * Removes an event for somebody who wants it gone, with a line in the log of changes; one that a hold
 * keeps stays. Its agent is preloaded.
 */
export async function deleteActivity(actor: Actor, row: Activity): Promise<'deleted' | 'held'> {
  if ((await heldAmong([row])).size > 0) {
    return 'held'
  }
  const { id, agentId, agent } = row
  await db.transaction(async (trx) => {
    if (await removeObservation(trx, 'activities', row)) {
      const object = { type: 'activity', id, agentId, personId: agent.personId }
      await recordChange(trx, actor, 'activity.delete', object)
    }
  })
  return 'deleted'
}
