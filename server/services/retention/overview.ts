import { repeatingJobs } from '#services/jobs/state'
import { RETENTION_KINDS, retentionPlans, type RetentionKind } from '#services/retention/plan'
import { previewRetention } from '#services/retention/run'
import { policiesOf } from '#services/policy/store'
import { resolvePolicy } from '#services/policy/resolve'
import { INITIAL_POLICY } from '#contract/policy'
import db from '@adonisjs/lucid/services/db'

const DAY_MS = 86_400_000

/** The kinds, as a page lists them. */
const KINDS = Object.keys(RETENTION_KINDS) as RetentionKind[]

/**
 * How long each kind is kept, in days: what holds for everybody, and the least and the most that any
 * computer has; what would go if retention ran now; when it runs next, and how much is held.
 */
export async function retentionOverview(now = Date.now()) {
  const plans = await retentionPlans(now)
  const gone = await previewRetention(plans, KINDS)
  const [organisation, repeating, [held]] = await Promise.all([
    policiesOf([{ level: 'organisation', id: 0 }]),
    repeatingJobs(),
    db.from('retention_holds').whereNull('released_at').count('* as holds'),
  ])
  const { values } = resolvePolicy(organisation)
  return {
    kinds: KINDS.map((kind) => {
      const { policy } = RETENTION_KINDS[kind]
      const everybody = values[policy] ?? INITIAL_POLICY[policy]
      const days = plans.map(({ before }) => Math.round((now - before[kind]) / DAY_MS))
      return {
        kind,
        days: everybody,
        least: Math.min(everybody, ...days),
        most: Math.max(everybody, ...days),
        ...gone[kind],
      }
    }),
    holds: Number(held?.holds ?? 0),
    nextRunAt: repeating.find(({ id }) => id === 'retention')?.nextRunAt ?? null,
  }
}
