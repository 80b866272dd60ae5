import User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import db from '@adonisjs/lucid/services/db'

export type NewToken = {
  readonly name: string
  readonly abilities: readonly string[]
  /** Seconds, or a time such as `90 days`. */
  readonly expiresIn: number | string
}

/** Makes a token of a person, which is shown once, and writes it down. */
export function createToken(actor: Actor, owner: User, { name, abilities, expiresIn }: NewToken) {
  return db.transaction(async (trx) => {
    const made = await User.accessTokens.createIn(trx, owner, [...abilities], { name, expiresIn })
    const object = { type: 'token', id: String(made.identifier), personId: owner.id }
    const expiresAt = made.expiresAt?.toISOString() ?? null
    const facts = { name, abilities, expires_at: expiresAt }
    await recordChange(trx, actor, 'token.create', object, null, facts)
    return made
  })
}

/** Ends a token of a person, and writes it down. False when the person has no such token. */
export function revokeToken(actor: Actor, ownerId: number, id: number): Promise<boolean> {
  return db.transaction(async (trx) => {
    const token = { id, tokenable_id: ownerId }
    const row = await trx.from('user_access_tokens').where(token).select('name').first()
    const removed = await trx.from('user_access_tokens').where(token).delete()
    if (Number(removed) === 0) {
      return false
    }
    const object = { type: 'token', id, personId: ownerId }
    await recordChange(trx, actor, 'token.revoke', object, { name: row?.name ?? null }, null)
    return true
  })
}
