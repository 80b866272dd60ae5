import type { Heartbeat as HeartbeatBody } from '#contract/heartbeat'
import { AgentSchema } from '#database/schema'
import User from '#models/user'
import { VerifyingTokensProvider } from '#services/verifying_tokens_provider'
import { agentChanges } from '#services/agent_changes'
import { afterDelete, afterSave, belongsTo, scope } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'
import type { LucidModel, ModelQueryBuilderContract } from '@adonisjs/lucid/types/model'

/** The one thing an agent's token is for. */
export const INGEST = 'ingest'

/** How long after a missed heartbeat an agent still counts as online, in milliseconds. */
const GRACE_MS = 60_000

/** States of a heartbeat in which nobody works there. */
const IDLE = new Set(['afk', 'locked', 'outside_hours'])

export type Presence = 'never' | 'online' | 'offline' | 'revoked'

/** Presence, and of who is heard what the newest heartbeat said: `idle` is without input, locked or outside the hours. */
export const NOW = ['online', 'idle', 'paused', 'offline', 'never', 'revoked'] as const
export type Now = (typeof NOW)[number]

/** How a person is: as the computer of the person that is most awake. Without one that reports: `never`. */
export const PERSON_NOW = NOW.filter((state) => state !== 'revoked')
export type PersonNow = Exclude<Now, 'revoked'>

/** `nowAt` of an agent that is not revoked as the position in `NOW`, in the database, with its bindings. */
function positionNow(now: number) {
  const idle = [...IDLE].map((state) => `'${state}'`).join(', ')
  const sql = `case
    when agents.last_seen_at is null then ${NOW.indexOf('never')}
    when agents.last_seen_at + coalesce(agents.interval_seconds, 60) * 1000 + ${GRACE_MS} < ? then ${NOW.indexOf('offline')}
    when agents.state = 'paused' or coalesce(agents.paused_until, 0) > ? then ${NOW.indexOf('paused')}
    when agents.state in (${idle}) then ${NOW.indexOf('idle')}
    else ${NOW.indexOf('online')} end`
  return { sql, bindings: [now, now] }
}

/** Keeps the people of a query of users who are `state` at the moment `now`. */
export function wherePersonIs(
  query: ModelQueryBuilderContract<typeof User>,
  state: PersonNow,
  now: number
) {
  const { sql, bindings } = positionNow(now)
  const never = NOW.indexOf('never')
  query.whereRaw(
    `(select coalesce(min(case when agents.revoked_at is null then ${sql} end), ${never}) from agents where agents.person_id = users.id) = ?`,
    [...bindings, NOW.indexOf(state)]
  )
}

/** How a person with these computers is at the moment `now`. */
export function personNow(agents: readonly Agent[], now: number): PersonNow {
  const states = new Set(agents.map((agent) => agent.nowAt(now)))
  return PERSON_NOW.find((state) => states.has(state)) ?? 'never'
}

/** A machine that observes. */
export default class Agent extends AgentSchema {
  static accessTokens = VerifyingTokensProvider.forModel(Agent, {
    table: 'agent_access_tokens',
    type: 'agent',
    prefix: 'wsa_',
  })

  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  /** What the newest heartbeat said, once `loadLastHeartbeats` looked; null when there is none. */
  lastHeartbeat: HeartbeatBody | null = null

  /** What is remembered of an agent is forgotten when it changes. */
  @afterSave()
  @afterDelete()
  static async announceChange(agent: Agent) {
    await agentChanges.announce(agent.id, agent.$trx)
  }

  /** Agents whose machine, state and health `viewer` may see; not yet their pictures. */
  static visibleTo = scope((query, viewer: User) => {
    if (!seesEveryAgent(viewer)) {
      ofPeopleOf(query as ModelQueryBuilderContract<LucidModel>, viewer)
    }
  })

  /** Agents whose pictures `viewer` may see: the owner all, a manager the teams', others their own. */
  static picturesVisibleTo = scope((query, viewer: User) => {
    if (viewer.role !== 'owner') {
      ofPeopleOf(query as ModelQueryBuilderContract<LucidModel>, viewer)
    }
  })

  get isRevoked() {
    return this.revokedAt !== null && this.revokedAt !== undefined
  }

  /** Whether the agent is heard from: within its own interval and a minute. */
  presenceAt(now: number): Presence {
    if (this.isRevoked) {
      return 'revoked'
    }
    if (!this.lastSeenAt) {
      return 'never'
    }
    const silentMs = now - this.lastSeenAt
    return silentMs <= (this.intervalSeconds ?? 60) * 1000 + GRACE_MS ? 'online' : 'offline'
  }

  /** How it is now. */
  nowAt(now: number): Now {
    const presence = this.presenceAt(now)
    if (presence !== 'online') {
      return presence
    }
    if (this.state === 'paused' || (this.pausedUntil ?? 0) > now) {
      return 'paused'
    }
    return IDLE.has(this.state ?? '') ? 'idle' : 'online'
  }
}

/** Owners, admins and auditors see every agent. */
export function seesEveryAgent(viewer: User) {
  return viewer.role === 'owner' || viewer.role === 'admin' || viewer.role === 'auditor'
}

function ofPeopleOf(query: ModelQueryBuilderContract<LucidModel>, viewer: User) {
  query.where((agents) => {
    agents.where('agents.person_id', viewer.id)
    if (viewer.role === 'manager') {
      agents.orWhereIn('agents.person_id', (people) => {
        people
          .from('users')
          .join('team_managers', 'team_managers.team_id', 'users.team_id')
          .where('team_managers.user_id', viewer.id)
          .select('users.id')
      })
    }
  })
}
