import type { Hold } from '#services/retention/plan'
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

/** Those of some screenshots or recordings that a hold keeps; their agents are preloaded. */
export async function heldAmong<Medium extends Screenshot | Recording>(
  shots: readonly Medium[]
): Promise<Set<Medium>> {
  const people = [...new Set(shots.map(({ agent }) => agent.personId))].filter((id) => id !== null)
  const holds: (Hold & { person_id: number })[] = await db
    .from('retention_holds')
    .whereIn('person_id', people)
    .whereNull('released_at')
    .select('person_id', 'from', 'until')
  return new Set(
    shots.filter(({ agent, capturedAt }) =>
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
