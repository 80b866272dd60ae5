import type Agent from '#models/agent'
import Heartbeat from '#models/heartbeat'

/** Fills in `lastHeartbeat` of agents, with one query by key. Gives the agents back. */
export async function loadLastHeartbeats<Agents extends readonly Agent[]>(agents: Agents) {
  const ids = agents.flatMap(({ lastHeartbeatId }) => lastHeartbeatId ?? [])
  const beats = ids.length > 0 ? await Heartbeat.query().whereIn('id', ids) : []
  for (const agent of agents) {
    const own = beats.find(
      ({ id, agentId }) => id === agent.lastHeartbeatId && agentId === agent.id
    )
    agent.lastHeartbeat = own?.body ?? null
  }
  return agents
}
