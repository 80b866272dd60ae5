import ObservationsStored from '#events/observations_stored'
import Agent from '#models/agent'

/** Ends what an agent may do: its tokens are gone, its spool stays on the computer. */
export async function revokeAgent(agent: Agent) {
  if (!agent.isRevoked) {
    await agent.merge({ revokedAt: Date.now() }).save()
  }
  await Agent.accessTokens.deleteAll(agent)
  await ObservationsStored.dispatch([{ agent, kind: 'agent', last: String(agent.id) }])
}
