import { ROLES, type Role } from '#models/user'
import db from '@adonisjs/lucid/services/db'
import type { QueryClientContract, TransactionClientContract } from '@adonisjs/lucid/types/database'

const TWO_FACTOR_ROLES = 'two_factor_roles'

/** The roles that sign in with a second factor, or see nothing but the page that sets it up. */
export async function twoFactorRoles(): Promise<readonly Role[]> {
  const roles = (await readSetting<string[]>(db.connection(), TWO_FACTOR_ROLES)) ?? []
  return ROLES.filter((role) => roles.includes(role))
}

export function setTwoFactorRoles(trx: TransactionClientContract, roles: readonly Role[]) {
  return writeSetting(trx, TWO_FACTOR_ROLES, roles)
}

/** What is kept under a key, or null. */
export async function readSetting<Value>(
  client: QueryClientContract,
  key: string
): Promise<Value | null> {
  const row = await client.from('settings').where('key', key).select('value').first()
  return row ? (JSON.parse(row.value) as Value) : null
}

/** Keeps a value under a key, as JSON. */
export async function writeSetting(trx: TransactionClientContract, key: string, value: unknown) {
  const setting = { value: JSON.stringify(value), updated_at: Date.now() }
  await trx
    .knexQuery()
    .insert({ key, ...setting })
    .into('settings')
    .onConflict('key')
    .merge(setting)
}
