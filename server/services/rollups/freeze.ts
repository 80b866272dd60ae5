import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/**
 * Keeps the sums of an agent before a moment for good: to be called, in the same transaction, before
 * retention removes observations of then. What arrives for that time afterwards changes no sum.
 */
export async function freezeSums(
  trx: Pick<TransactionClientContract, 'from'>,
  agentId: number,
  before: number
) {
  await trx
    .from('agents')
    .where('id', agentId)
    .where('sums_frozen_before', '<', before)
    .update({ sums_frozen_before: before })
}

/** Before which moment the sums of some agents stand for good; 0 where none do. */
export async function frozenBefore(
  trx: Pick<TransactionClientContract, 'from'>,
  agentIds: readonly number[]
): Promise<number> {
  const row: { latest: number | null } | null = await trx
    .from('agents')
    .whereIn('id', [...agentIds])
    .max('sums_frozen_before as latest')
    .first()
  return Number(row?.latest ?? 0)
}
