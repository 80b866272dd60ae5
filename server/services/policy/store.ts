import { POLICY_KEYS, policyValues, type PolicyKey, type PolicyValues } from '#contract/policy'
import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import type Agent from '#models/agent'
import type User from '#models/user'
import { agentChanges } from '#services/agent_changes'
import { recordChange, type Actor } from '#services/audit'
import {
  differences,
  POLICY_LEVELS,
  resolvePolicy,
  type PolicyLevel,
  type PublishedPolicy,
} from '#services/policy/resolve'
import { POLICY_LABELS } from '#services/policy/words'
import db from '@adonisjs/lucid/services/db'
import type { QueryClientContract, TransactionClientContract } from '@adonisjs/lucid/types/database'
import vine from '@vinejs/vine'

/** Whom a policy is for; the organisation has no subject but 0. */
export type PolicySubject = { readonly level: PolicyLevel; readonly id: number }

type VersionRow = {
  readonly id: number
  readonly level: PolicyLevel
  readonly subject_id: number
  readonly values: string | Partial<PolicyValues>
  readonly locked: string | PolicyKey[]
}

const ORGANISATION: PolicySubject = { level: 'organisation', id: 0 }

/** Tables whose rows a policy can be for. */
const SUBJECTS = { team: 'teams', person: 'users', agent: 'agents' } as const

const valuesValidator = vine.create(policyValues())

/** The policies in force for these subjects, widest level first: one query. */
export async function policiesOf(
  subjects: readonly PolicySubject[],
  client: QueryClientContract = db.connection()
): Promise<PublishedPolicy[]> {
  const rows: VersionRow[] = await client
    .from('policy_versions')
    .join('policies', 'policies.id', 'policy_versions.policy_id')
    .whereIn('policy_versions.id', (newest) => {
      newest.from('policy_versions').max('id').groupBy('policy_id')
    })
    .where((either) => {
      for (const { level, id } of subjects) {
        either.orWhere((one) => one.where('level', level).where('subject_id', id))
      }
    })
    .select('policy_versions.id', 'level', 'subject_id', 'values', 'locked')
  return rows
    .map((row) => ({
      level: row.level,
      subjectId: Number(row.subject_id),
      version: Number(row.id),
      values: parsed(row.values),
      locked: parsed(row.locked),
    }))
    .sort((one, other) => POLICY_LEVELS.indexOf(one.level) - POLICY_LEVELS.indexOf(other.level))
}

/** What holds for an agent: organisation → team → person → agent. */
export async function policyOfAgent(agent: Agent) {
  const person = agent.personId
    ? await db.from('users').where('id', agent.personId).select('team_id').first()
    : null
  return resolvePolicy(
    await policiesOf([
      ORGANISATION,
      ...(person?.team_id ? [{ level: 'team' as const, id: Number(person.team_id) }] : []),
      ...(agent.personId ? [{ level: 'person' as const, id: agent.personId }] : []),
      { level: 'agent', id: agent.id },
    ])
  )
}

/** What holds for a person, before a policy of one of their agents. */
export async function policyOfPerson({ id, teamId }: User) {
  return resolvePolicy(
    await policiesOf([
      ORGANISATION,
      ...(teamId ? [{ level: 'team' as const, id: teamId }] : []),
      { level: 'person', id },
    ])
  )
}

export type NewVersion = {
  readonly subject: PolicySubject
  readonly values: unknown
  readonly locked: readonly PolicyKey[]
  readonly reason: string | null
  readonly actor: Actor
}

/**
 * What publishing would change: value by value, and which of it loosens. Throws E_INVALID for values
 * that do not exist and E_NOT_FOUND for a subject that does not.
 */
export async function previewVersion({ subject, values }: Pick<NewVersion, 'subject' | 'values'>) {
  await requireSubject(subject)
  const checked = await valuesValidator.validate(values)
  const [current] = await policiesOf([subject])
  const next = Object.fromEntries(
    POLICY_KEYS.flatMap((key) => (checked[key] === undefined ? [] : [[key, checked[key]]]))
  ) as Partial<PolicyValues>
  return { values: next, changes: differences(current?.values ?? {}, next) }
}

/**
 * Publishes a version: agents hear of it at once, and the audit log has what it changed. A version that
 * loosens needs a reason. Throws what `previewVersion` throws. Gives its number, and what changed.
 */
export async function publishVersion({ subject, values, locked, reason, actor }: NewVersion) {
  const preview = await previewVersion({ subject, values })
  const loosened = preview.changes.filter(({ loosens }) => loosens)
  if (loosened.length > 0 && !reason?.trim()) {
    const labels = loosened.map(({ key }) => POLICY_LABELS[key]).join(', ')
    throw new E_INVALID(`This observes more than before (${labels}): say why`, { field: 'reason' })
  }
  const version = await db.transaction(async (trx) => {
    const [{ id }] = await policyRow(trx, subject)
    const before = await policiesOf([subject], trx)
    const [number] = await trx.table('policy_versions').insert({
      policy_id: id,
      values: JSON.stringify(preview.values),
      locked: JSON.stringify(locked),
      author_id: actor === 'command' ? null : actor.user.id,
      reason: reason?.trim() || null,
      published_at: Date.now(),
    })
    await agentChanges.announce(null, trx)
    await recordPublished(trx, { subject, actor, reason }, before[0], {
      values: preview.values,
      locked,
    })
    return Number(number)
  })
  return { version, ...preview }
}

/** The log says which values were said otherwise before, and the reason that was given. */
async function recordPublished(
  trx: TransactionClientContract,
  { subject, actor, reason }: Pick<NewVersion, 'subject' | 'actor' | 'reason'>,
  before: PublishedPolicy | undefined,
  after: { readonly values: Partial<PolicyValues>; readonly locked: readonly PolicyKey[] }
) {
  const object = {
    type: 'policy',
    id: `${subject.level}:${subject.id}`,
    personId: subject.level === 'person' ? subject.id : null,
    agentId: subject.level === 'agent' ? subject.id : null,
  }
  await recordChange(
    trx,
    actor,
    'policy.publish',
    object,
    { ...before?.values, locked: before?.locked ?? [] },
    { ...after.values, locked: after.locked, ...(reason?.trim() && { reason: reason.trim() }) }
  )
}

async function policyRow(trx: QueryClientContract, { level, id }: PolicySubject) {
  const find = () => trx.from('policies').where({ level, subject_id: id }).select('id')
  const found = await find()
  if (found.length > 0) {
    return found
  }
  await trx.table('policies').insert({ level, subject_id: id, created_at: new Date() })
  return find()
}

async function requireSubject({ level, id }: PolicySubject) {
  if (level === 'organisation' && id === 0) {
    return
  }
  const known =
    level === 'organisation' ? null : await db.from(SUBJECTS[level]).where('id', id).first()
  if (!known) {
    throw new E_NOT_FOUND(`There is no ${level} ${id}`)
  }
}

/** JSON columns come as text from SQLite and MariaDB, and as objects from MySQL. */
function parsed<Value>(value: string | Value): Value {
  return typeof value === 'string' ? JSON.parse(value) : value
}

/** Every policy in force, the organisation's first, with when it was published and by whom. */
export async function publishedPolicies(): Promise<
  (PublishedPolicy & { publishedAt: number; author: string | null })[]
> {
  const rows: (VersionRow & { published_at: number; full_name: string | null })[] = await db
    .from('policy_versions')
    .join('policies', 'policies.id', 'policy_versions.policy_id')
    .leftJoin('users', 'users.id', 'policy_versions.author_id')
    .whereIn('policy_versions.id', (newest) => {
      newest.from('policy_versions').max('id').groupBy('policy_id')
    })
    .select(
      'policy_versions.id',
      'level',
      'subject_id',
      'values',
      'locked',
      'published_at',
      'full_name'
    )
  return rows
    .map((row) => ({
      level: row.level,
      subjectId: Number(row.subject_id),
      version: Number(row.id),
      values: parsed(row.values),
      locked: parsed(row.locked),
      publishedAt: Number(row.published_at),
      author: row.full_name,
    }))
    .sort((one, other) => POLICY_LEVELS.indexOf(one.level) - POLICY_LEVELS.indexOf(other.level))
}

/** The latest versions of one policy, the newest first. */
export async function policyHistory({ level, id }: PolicySubject) {
  const rows: {
    id: number
    reason: string | null
    published_at: number
    full_name: string | null
  }[] = await db
    .from('policy_versions')
    .join('policies', 'policies.id', 'policy_versions.policy_id')
    .leftJoin('users', 'users.id', 'policy_versions.author_id')
    .where({ level, subject_id: id })
    .orderBy('policy_versions.id', 'desc')
    .limit(20)
    .select('policy_versions.id', 'reason', 'published_at', 'full_name')
  return rows.map((row) => ({
    version: Number(row.id),
    reason: row.reason,
    publishedAt: Number(row.published_at),
    author: row.full_name,
  }))
}
