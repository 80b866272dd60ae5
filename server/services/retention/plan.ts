import { INITIAL_POLICY, type PolicyKey } from '#contract/policy'
import Agent from '#models/agent'
import { resolvePolicy, type PublishedPolicy } from '#services/policy/resolve'
import { publishedPolicies } from '#services/policy/store'
import db from '@adonisjs/lucid/services/db'

const DAY_MS = 86_400_000

/** What is kept for a time of its own: its policy, and the tables it lies in. */
export const RETENTION_KINDS = {
  recordings: { policy: 'retention.recordings_days', tables: ['recordings'] },
  screenshots: {
    policy: 'retention.screenshots_days',
    tables: ['screenshots', 'unchanged_screens'],
  },
  titles: { policy: 'retention.titles_days', tables: [] },
  heartbeats: {
    policy: 'retention.heartbeats_days',
    tables: ['heartbeats', 'activities', 'gaps', 'evictions'],
  },
} as const satisfies Record<string, { policy: PolicyKey; tables: readonly string[] }>

export type RetentionKind = keyof typeof RETENTION_KINDS
export type RetainedTable = (typeof RETENTION_KINDS)[RetentionKind]['tables'][number]

/** A span that is held back, in milliseconds; both ends belong to it. */
export type Hold = { readonly from: number; readonly until: number }

/** What retention does to one agent: everything of a kind captured before its `before` goes. */
export type RetentionPlan = {
  readonly agent: Agent
  readonly before: Readonly<Record<RetentionKind, number>>
  readonly holds: readonly Hold[]
}

/** The plan of every agent, from the policies in force at `now`: four queries, however many there are. */
export async function retentionPlans(now: number): Promise<RetentionPlan[]> {
  const [agents, policies, people, held] = await Promise.all([
    Agent.query().orderBy('id'),
    publishedPolicies(),
    db.from('users').select('id', 'team_id') as Promise<{ id: number; team_id: number | null }[]>,
    db
      .from('retention_holds')
      .whereNull('released_at')
      .select('person_id', 'from', 'until') as Promise<
      { person_id: number; from: number; until: number }[]
    >,
  ])
  const teamOf = new Map(people.map(({ id, team_id: team }) => [Number(id), Number(team)]))
  return agents.map((agent) => {
    const { values } = resolvePolicy(
      policies.filter((policy) => isFor(policy, agent, teamOf.get(agent.personId ?? 0)))
    )
    const before = (kind: RetentionKind) => {
      const { policy } = RETENTION_KINDS[kind]
      return now - (values[policy] ?? INITIAL_POLICY[policy]) * DAY_MS
    }
    return {
      agent,
      before: {
        recordings: before('recordings'),
        screenshots: before('screenshots'),
        titles: before('titles'),
        heartbeats: before('heartbeats'),
      },
      holds: held
        .filter((hold) => Number(hold.person_id) === agent.personId)
        .map(({ from, until }) => ({ from: Number(from), until: Number(until) })),
    }
  })
}

function isFor({ level, subjectId }: PublishedPolicy, agent: Agent, team: number | undefined) {
  const subjects = { organisation: 0, team, person: agent.personId, agent: agent.id }
  return subjects[level] === subjectId
}
