import { AgentError } from './errors.ts'
import type { Spool } from './spool.ts'

/**
 * Gives up queued items because someone at the machine says so; each leaves a tombstone for the
 * server. Throws E_UNKNOWN_ITEM before anything is dropped.
 */
export async function dropItems(
  spool: Spool,
  ids: readonly string[],
  policyVersion: number
): Promise<void> {
  const queued = new Set(
    (['events', 'media'] as const)
      .flatMap((lane) => spool.oldest(lane, Number.MAX_SAFE_INTEGER))
      .map(({ id }) => id)
  )
  const missing = ids.find((id) => !queued.has(id))
  if (missing !== undefined) {
    throw new AgentError('E_UNKNOWN_ITEM', `Expected the id of a queued item, found "${missing}"`)
  }
  for (const id of ids) {
    await spool.bury(id, {
      code: 'E_DROPPED',
      reason: 'Dropped by a command on this machine',
      field: null,
      attempts: 0,
    })
  }
  const dead = new Set(spool.dead().map(({ id }) => id))
  await spool.purge(
    ids.filter((id) => dead.has(id)),
    policyVersion
  )
}
