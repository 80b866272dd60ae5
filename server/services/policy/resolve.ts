import {
  INITIAL_POLICY,
  POLICY_KEYS,
  POLICY_VALUES,
  widerIn,
  type PolicyKey,
  type PolicyValues,
} from '#contract/policy'

/** Whom a policy is for, widest first: each level tunes what the ones before it say. */
export const POLICY_LEVELS = ['organisation', 'team', 'person', 'agent'] as const
export type PolicyLevel = (typeof POLICY_LEVELS)[number]

/** The version in force of one policy. */
export type PublishedPolicy = {
  readonly level: PolicyLevel
  readonly subjectId: number
  readonly version: number
  readonly values: Partial<PolicyValues>
  readonly locked: readonly PolicyKey[]
}

/** A value that a level set and that does not hold, and why. */
export type RefusedValue = {
  readonly level: PolicyLevel
  readonly value: unknown
  readonly why: 'locked' | 'weaker'
  /** The level that stands against it. */
  readonly by: PolicyLevel
}

/** One value: what holds, which level said so (`site` where none did), and what did not hold. */
export type ExplainedValue = {
  readonly key: PolicyKey
  readonly value: unknown
  readonly from: PolicyLevel | 'site'
  readonly version: number | null
  readonly isLocked: boolean
  readonly refused: readonly RefusedValue[]
}

/** What holds for one agent. `version` is the newest of the versions it was made of; 0 for none. */
export type ResolvedPolicy = {
  readonly version: number
  readonly values: Partial<PolicyValues>
  readonly explained: readonly ExplainedValue[]
}

/**
 * What the policies of a chain, widest level first, say together. A level below tunes a value that no
 * level above locked, and only towards less observation: nothing below is weaker on privacy than
 * what stands above it. What no level names is left to the site of the agent.
 */
export function resolvePolicy(chain: readonly PublishedPolicy[]): ResolvedPolicy {
  const explained = POLICY_KEYS.map((key) => explain(key, chain))
  const set = explained.filter(({ from }) => from !== 'site')
  return {
    version: chain.reduce((newest, { version }) => Math.max(newest, version), 0),
    values: Object.fromEntries(set.map(({ key, value }) => [key, value])),
    explained,
  }
}

function explain<Key extends PolicyKey>(
  key: Key,
  chain: readonly PublishedPolicy[]
): ExplainedValue {
  let holding: PublishedPolicy | null = null
  let locker: PublishedPolicy | null = null
  const refused: RefusedValue[] = []
  for (const policy of chain) {
    const value = policy.values[key]
    if (value !== undefined) {
      const obstacle: { why: 'locked' | 'weaker'; by: PolicyLevel } | null = locker
        ? { why: 'locked', by: locker.level }
        : holding && isWeaker(key, holding.values[key], value)
          ? { why: 'weaker', by: holding.level }
          : null
      if (obstacle) {
        refused.push({ level: policy.level, value, ...obstacle })
      } else {
        holding = policy
      }
    }
    if (policy.locked.includes(key)) {
      locker ??= policy
    }
  }
  return {
    key,
    value: holding ? holding.values[key] : null,
    from: holding?.level ?? 'site',
    version: holding?.version ?? null,
    isLocked: locker !== null,
    refused,
  }
}

function isWeaker<Key extends PolicyKey>(
  key: Key,
  now: PolicyValues[Key] | undefined,
  next: PolicyValues[Key] | undefined
): boolean {
  return now !== undefined && next !== undefined && POLICY_VALUES[key].isWider(now, next)
}

/** What would change from one policy to another, and which of it observes more than before. */
export function differences(before: Partial<PolicyValues>, after: Partial<PolicyValues>) {
  const loosened = new Set(
    widerIn({ ...INITIAL_POLICY, ...before }, { ...INITIAL_POLICY, ...after })
  )
  return POLICY_KEYS.filter(
    (key) => JSON.stringify(before[key] ?? null) !== JSON.stringify(after[key] ?? null)
  ).map((key) => ({
    key,
    before: before[key] ?? null,
    after: after[key] ?? null,
    loosens: loosened.has(key),
  }))
}
