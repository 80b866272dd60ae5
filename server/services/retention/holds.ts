import { recordChange, type Actor } from '#services/audit'
import type { Hold } from '#services/retention/plan'
import type Activity from '#models/activity'
import type Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import type { DatabaseQueryBuilderContract } from '@adonisjs/lucid/types/querybuilder'

/** Characters of the reason of a hold. */
const REASON_LENGTH = 500

/** The holds of a person that are not released, the oldest first. */
export async function holdsOf(personId: number): Promise<(Hold & { readonly reason: string })[]> {
  const rows: (Hold & { reason: string })[] = await db
    .from('retention_holds')
    .where('person_id', personId)
    .whereNull('released_at')
    .orderBy('id')
    .select('from', 'until', 'reason')
  return rows.map(({ from, until, reason }) => ({
    from: Number(from),
    until: Number(until),
    reason,
  }))
}

/** What of a query was captured at no time that is held. */
export function notHeld<Query extends DatabaseQueryBuilderContract<any>>(
  query: Query,
  holds: readonly Hold[]
): Query {
  for (const { from, until } of holds) {
    query.whereNot((held) =>
      held.where('captured_at', '>=', from).where('captured_at', '<=', until)
    )
  }
  return query
}

/** Those of some observations that a hold keeps; their agents are preloaded. */
export async function heldAmong<Observed extends Activity | Screenshot | Recording>(
  rows: readonly Observed[]
): Promise<Set<Observed>> {
  const people = [...new Set(rows.map(({ agent }) => agent.personId))].filter((id) => id !== null)
  const holds: (Hold & { person_id: number })[] = await db
    .from('retention_holds')
    .whereIn('person_id', people)
    .whereNull('released_at')
    .select('person_id', 'from', 'until')
  return new Set(
    rows.filter(({ agent, capturedAt }) =>
      holds.some(
        (hold) =>
          Number(hold.person_id) === agent.personId &&
          Number(hold.from) <= capturedAt &&
          capturedAt <= Number(hold.until)
      )
    )
  )
}

/** Keeps what was captured of a person at one moment until the hold is released. */
export async function holdMoment(
  trx: TransactionClientContract,
  personId: number,
  at: number,
  reason: string
) {
  await trx.table('retention_holds').insert({
    person_id: personId,
    from: at,
    until: at,
    reason: reason.slice(0, REASON_LENGTH),
    created_at: Date.now(),
  })
}

/** Holds on one list at the most. */
const MOST_HOLDS = 200

export type ListedHold = Hold & {
  readonly id: number
  readonly person: string
  readonly reason: string
  readonly createdAt: number
  readonly releasedAt: number | null
}

/** Holds of everybody or of one person, the newest first. */
export async function listHolds({
  person,
  state,
}: {
  readonly person: number | null
  readonly state: 'held' | 'released' | null
}): Promise<ListedHold[]> {
  const query = db
    .from('retention_holds')
    .join('users', 'users.id', 'retention_holds.person_id')
    .select('retention_holds.*', 'users.full_name')
    .orderBy('retention_holds.id', 'desc')
    .limit(MOST_HOLDS)
  if (person) {
    query.where('person_id', person)
  }
  if (state) {
    state === 'held' ? query.whereNull('released_at') : query.whereNotNull('released_at')
  }
  return (await query).map((row) => ({
    id: Number(row.id),
    person: String(row.full_name),
    from: Number(row.from),
    until: Number(row.until),
    reason: String(row.reason),
    createdAt: Number(row.created_at),
    releasedAt: row.released_at === null ? null : Number(row.released_at),
  }))
}

/** Keeps what was captured of a person in a span, and writes it down. */
export function createHold(
  actor: Actor,
  personId: number,
  { from, until, reason }: Hold & { readonly reason: string }
): Promise<void> {
  const hold = { from, until, reason: reason.trim().slice(0, REASON_LENGTH) }
  return db.transaction(async (trx) => {
    const row = { ...hold, person_id: personId, created_at: Date.now() }
    await trx.table('retention_holds').insert(row)
    await recordChange(
      trx,
      actor,
      'hold.create',
      { type: 'user', id: personId, personId },
      null,
      hold
    )
  })
}

/** Releases one hold, and writes it down; false when there is none, or none any more. */
export function releaseHold(actor: Actor, id: number): Promise<boolean> {
  return db.transaction(async (trx) => {
    const row = await trx.from('retention_holds').where('id', id).whereNull('released_at').first()
    if (!row) {
      return false
    }
    await trx.from('retention_holds').where('id', id).update({ released_at: Date.now() })
    const personId = Number(row.person_id)
    const facts = { from: Number(row.from), until: Number(row.until), reason: row.reason }
    await recordChange(trx, actor, 'hold.release', { type: 'hold', id, personId }, facts, null)
    return true
  })
}
