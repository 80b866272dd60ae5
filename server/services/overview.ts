import type Agent from '#models/agent'

type Attention = { readonly agent: Agent; readonly text: string }

/** Plugin states that a person has to do something about. */
const UNWELL = new Set(['degraded', 'permission', 'unavailable', 'failed'])

/** How many agents are in which state of presence, for the tiles of the overview. */
export function countPresence(agents: readonly Agent[], now: number) {
  const count = (presence: string) =>
    agents.filter((agent) => agent.presenceAt(now) === presence).length
  return [
    { presence: 'online', name: 'Online', count: count('online') },
    { presence: 'offline', name: 'Silent', count: count('offline') },
    { presence: 'never', name: 'Not heard yet', count: count('never') },
    { presence: 'revoked', name: 'Revoked', count: count('revoked') },
  ]
}

/** What needs a hand, silent agents first: a sentence each. */
export function attentionOf(agents: readonly Agent[], now: number): Attention[] {
  const silent = agents
    .filter((agent) => agent.presenceAt(now) === 'offline')
    .map((agent) => ({ agent, text: 'is silent' }))
  const unwell = agents
    .filter((agent) => agent.presenceAt(now) === 'online')
    .flatMap((agent) => complaintsOf(agent).map((text) => ({ agent, text })))
  return [...silent, ...unwell]
}

function complaintsOf({ lastHeartbeat }: Agent): string[] {
  if (!lastHeartbeat) {
    return []
  }
  const { plugins, spool } = lastHeartbeat
  const complaints = plugins
    .filter(({ state }) => UNWELL.has(state))
    .map(({ name, state, reason }) => `${name} is ${state}${reason ? `: ${reason}` : ''}`)
  if (spool.dead > 0) {
    complaints.push(`has ${spool.dead} dead letters`)
  }
  if (spool.accepted !== spool.delivered + spool.evicted + spool.dead + spool.queued) {
    complaints.push('has counters that do not balance: something may be missing')
  }
  return complaints
}
