import { ROLES, type Role } from '#models/user'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

const TWO_FACTOR_ROLES = 'two_factor_roles'

/** The roles that sign in with a second factor, or see nothing but the page that sets it up. */
export async function twoFactorRoles(): Promise<readonly Role[]> {
  const row = await db.from('settings').where('key', TWO_FACTOR_ROLES).select('value').first()
  const roles: string[] = row ? JSON.parse(row.value) : []
  return ROLES.filter((role) => roles.includes(role))
}

export async function setTwoFactorRoles(trx: TransactionClientContract, roles: readonly Role[]) {
  const setting = { value: JSON.stringify(roles), updated_at: Date.now() }
  await trx
    .knexQuery()
    .insert({ key: TWO_FACTOR_ROLES, ...setting })
    .into('settings')
    .onConflict('key')
    .merge(setting)
}
