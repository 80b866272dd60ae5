import Agent from '#models/agent'
import User from '#models/user'
import type { Refusal } from '#services/accounts'
import { recordChange, type Actor } from '#services/audit'
import db from '@adonisjs/lucid/services/db'

export type AgentDetails = {
  readonly name: string
  readonly site: string
  readonly personId: number | null
}

const facts = ({ name, site, personId }: Agent) => ({ name, site, person: personId ?? null })

/**
 * Changes what an agent is called, where it belongs and whose it is. What was observed of somebody
 * stays theirs: a computer that observed for one person is never handed to another. Where it gets its
 * first person, the hours so far are counted for that person. What may not be is a sentence.
 */
export function updateAgent(actor: Actor, id: number, details: AgentDetails): Promise<Refusal> {
  return db.transaction(async (trx) => {
    const agent = await Agent.query({ client: trx }).where('id', id).forUpdate().firstOrFail()
    const isOther = (agent.personId ?? null) !== details.personId
    if (isOther && agent.personId && Number(agent.lastSeq) > 0) {
      return 'What this computer observed belongs to its person. Revoke it, and enrol the computer again for another one.'
    }
    if (details.personId && !(await User.find(details.personId, { client: trx }))) {
      return 'There is no such person.'
    }
    const before = facts(agent)
    await agent.merge(details).save()
    if (isOther && details.personId) {
      const hours = trx
        .knexQuery()
        .from('rollup_hours')
        .where('agent_id', id)
        .select('agent_id', 'hour')
      await trx
        .knexQuery()
        .insert(hours)
        .into(trx.knexRawQuery('?? (??, ??)', ['dirty_hours', 'agent_id', 'hour']))
        .onConflict(['agent_id', 'hour'])
        .ignore()
    }
    await recordChange(
      trx,
      actor,
      'agent.update',
      { type: 'agent', id, agentId: id, personId: details.personId },
      before,
      facts(agent)
    )
    return null
  })
}
