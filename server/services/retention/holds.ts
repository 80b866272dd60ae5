import type { Hold } from '#services/retention/plan'
import type Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** Characters of the reason of a hold. */
const REASON_LENGTH = 500

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
