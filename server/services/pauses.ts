import Agent from '#models/agent'
import type User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { policyOfAgent } from '#services/policy/store'
import db from '@adonisjs/lucid/services/db'

/** A computer of a person, as its pause stands. */
export type PausableAgent = {
  readonly agent: Agent
  /** Until when a pause was asked for here; milliseconds since 1970, null: not (any more). */
  readonly askedUntil: number | null
  /** Minutes a day that the policy allows; null: as many as they like. */
  readonly minutesPerDay: number | null
}

/** The computers of a person that can be paused. The machine itself keeps to what the day allows. */
export async function pausableAgents(person: User, now = Date.now()): Promise<PausableAgent[]> {
  const agents = await Agent.query()
    .where('person_id', person.id)
    .whereNull('revoked_at')
    .orderBy('name')
  const found: PausableAgent[] = []
  for (const agent of agents) {
    const { values } = await policyOfAgent(agent)
    found.push({
      agent,
      askedUntil: (agent.pausedUntil ?? 0) > now ? agent.pausedUntil : null,
      minutesPerDay: values['pause.minutes_per_day'] ?? null,
    })
  }
  return found
}

/**
 * Asks the computers of a person to observe nothing for so long, or, with null, to go on. Each hears
 * of it at once when it waits for news. Gives how many will: those whose policy allows no pause do not.
 */
export async function askForPause(person: User, minutes: number | null): Promise<number> {
  const now = Date.now()
  const agents = await pausableAgents(person, now)
  let asked = 0
  await db.transaction(async (trx) => {
    for (const { agent, minutesPerDay } of agents) {
      const until = pauseEnd(minutes, minutesPerDay, now)
      if (until !== null || minutes === null) {
        await agent.useTransaction(trx).merge({ pausedUntil: until }).save()
        asked += 1
      }
    }
  })
  return asked
}

/**
 * The same for one computer, by somebody who runs the server; it stands in the log, where its person
 * reads it. Gives until when, milliseconds since 1970; null: it goes on. `refused` where the policy
 * allows no pause.
 */
export async function pauseAgent(
  actor: Actor,
  agent: Agent,
  minutes: number | null
): Promise<{ readonly until: number | null } | 'refused'> {
  const { values } = await policyOfAgent(agent)
  const until = pauseEnd(minutes, values['pause.minutes_per_day'] ?? null, Date.now())
  if (until === null && minutes !== null) {
    return 'refused'
  }
  const { id, personId } = agent
  const facts = ({ pausedUntil }: Agent) => ({ paused_until: pausedUntil ?? null })
  await db.transaction(async (trx) => {
    const before = facts(agent)
    await agent.useTransaction(trx).merge({ pausedUntil: until }).save()
    const object = { type: 'agent', id, agentId: id, personId }
    await recordChange(trx, actor, 'agent.pause', object, before, facts(agent))
  })
  return { until }
}

function pauseEnd(minutes: number | null, perDay: number | null, now: number): number | null {
  const allowed = minutes === null ? 0 : Math.min(minutes, perDay ?? minutes)
  return allowed > 0 ? now + allowed * 60_000 : null
}
