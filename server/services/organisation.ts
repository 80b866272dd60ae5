import User from '#models/user'
import { readSetting, writeSetting } from '#services/settings'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

const KEY = 'organisation'

/** Whose server this is. `name` and `zone` (IANA) are null where nobody said them. */
export type Organisation = { readonly name: string | null; readonly zone: string | null }

export async function organisation(): Promise<Organisation> {
  const kept = await readSetting<Partial<Organisation>>(db.connection(), KEY)
  return { name: kept?.name ?? null, zone: kept?.zone ?? null }
}

export function setOrganisation(trx: TransactionClientContract, to: Organisation) {
  return writeSetting(trx, KEY, to)
}

/** The zone of the organisation; where none was set, its first owner's. */
export async function organisationZone(): Promise<string> {
  const { zone } = await organisation()
  if (zone !== null) {
    return zone
  }
  const owner = await User.query().where('role', 'owner').orderBy('id').first()
  return owner?.timeZone ?? 'UTC'
}
