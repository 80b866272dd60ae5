import { NOW, type default as Agent, type Now } from '#models/agent'

/** Sentences of one kind that the overview has room for. */
const MOST_SENTENCES = 5

type Attention = { readonly agent: Agent; readonly text: string }

/** Plugin states that a person has to do something about. */
const UNWELL = new Set(['degraded', 'permission', 'unavailable', 'failed'])

const NAMES: Readonly<Record<Now, string>> = {
  online: 'Online',
  idle: 'Idle',
  paused: 'Paused',
  offline: 'Silent',
  never: 'Not heard yet',
  revoked: 'Revoked',
}

/** How many agents are how, for the tiles of the overview. */
export function countNow(agents: readonly Agent[], now: number) {
  const states = Map.groupBy(agents, (agent) => agent.nowAt(now))
  return NOW.map((state) => ({
    state,
    name: NAMES[state],
    count: states.get(state)?.length ?? 0,
  }))
}

/**
 * What needs a hand, silent agents first, those in `unread` last: a sentence each as far as there is room,
 * and how many more.
 */
export function attentionOf(
  agents: readonly Agent[],
  now: number,
  unread: ReadonlySet<number> = new Set()
): { readonly shown: readonly Attention[]; readonly more: number } {
  const silent = agents
    .filter((agent) => agent.presenceAt(now) === 'offline')
    .map((agent) => ({ agent, text: 'is silent' }))
  const online = agents.filter((agent) => agent.presenceAt(now) === 'online')
  const unwell = online.flatMap((agent) => complaintsOf(agent).map((text) => ({ agent, text })))
  const waiting = online
    .filter((agent) => unread.has(agent.id) && agent.nowAt(now) !== 'paused')
    .map((agent) => ({ agent, text: 'waits for its notice to be acknowledged' }))
  const kinds = [silent, unwell, waiting]
  const shown = kinds.flatMap((kind) => kind.slice(0, MOST_SENTENCES))
  return { shown, more: kinds.flat().length - shown.length }
}

function complaintsOf({ lastHeartbeat }: Agent): string[] {
  if (!lastHeartbeat) {
    return []
  }
  const { plugins, spool } = lastHeartbeat
  const complaints = plugins
    .filter(({ state }) => UNWELL.has(state))
    .map(({ name, state, reason }) => {
      const is = state === 'permission' ? 'needs permission' : `is ${state}`
      return `${name} ${is}${reason ? `: ${reason}` : ''}`
    })
  if (spool.dead > 0) {
    complaints.push(`has ${spool.dead} dead letters`)
  }
  if (spool.accepted !== spool.delivered + spool.evicted + spool.dead + spool.queued) {
    complaints.push('has counters that do not balance: something may be missing')
  }
  return complaints
}
