import ObservationsStored from '#events/observations_stored'
import Agent from '#models/agent'
import { recordChange, type Actor } from '#services/audit'
import db from '@adonisjs/lucid/services/db'

/** Ends what an agent may do: its tokens are gone, its spool stays on the computer. */
export async function revokeAgent(agent: Agent, actor: Actor) {
  if (!agent.isRevoked) {
    await db.transaction(async (trx) => {
      agent.useTransaction(trx)
      await agent.merge({ revokedAt: Date.now() }).save()
      const { id, personId } = agent
      await recordChange(trx, actor, 'agent.revoke', { type: 'agent', id, personId, agentId: id })
    })
  }
  await Agent.accessTokens.deleteAll(agent)
  await ObservationsStored.dispatch([{ agent, kind: 'agent', last: String(agent.id) }])
}
