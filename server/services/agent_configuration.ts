import type { AgentConfiguration } from '#contract/configuration'
import Agent from '#models/agent'
import { policyOfAgent } from '#services/policy/store'
import db from '@adonisjs/lucid/services/db'
import { createHash } from 'node:crypto'

/** All that the server says to one agent, and the tag that changes when it does. */
export async function configurationOf(
  id: number
): Promise<{ configuration: AgentConfiguration; etag: string; isRevoked: boolean }> {
  const agent = await Agent.query().where('id', id).preload('person').firstOrFail()
  const { version, values } = await policyOfAgent(agent)
  const acknowledged = await db
    .from('acknowledgements')
    .where('agent_id', agent.id)
    .orderBy('id', 'desc')
    .select('version', 'text_sha256')
    .first()
  const lasting = {
    agent: {
      id: agent.id,
      name: agent.name,
      site: agent.site,
      person: agent.person?.fullName ?? null,
      time_zone: agent.person?.timeZone ?? 'UTC',
    },
    policy: { version, values },
    acknowledged: acknowledged
      ? { version: Number(acknowledged.version), text_sha256: acknowledged.text_sha256 }
      : null,
    paused_until: pausedUntil(agent, Date.now()),
  }
  // Its number grows with all that it sends: no news to the agent.
  const hash = createHash('sha256').update(JSON.stringify(lasting)).digest('base64url')
  return {
    configuration: { ...lasting, seq: agent.lastSeq },
    etag: `"${hash.slice(0, 27)}"`,
    isRevoked: agent.revokedAt !== null,
  }
}

/** Until when the person asked here not to be observed; null when that is over. */
function pausedUntil({ pausedUntil: until }: Agent, now: number): string | null {
  return until && until > now ? new Date(until).toISOString() : null
}
