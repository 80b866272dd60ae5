import SignInLink from '#models/sign_in_link'
import User, { type Role } from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { endSessions } from '#services/browser_sessions'
import { untilWon } from '#services/database_errors'
import { hashSecret, makeLinkKey } from '#services/secrets'
import { insertDayMarks } from '#services/rollups/settle'
import { addDays, dayOf } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { turnOff } from '#services/two_factor'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** Accounts and what may happen to them. Every change is a row of the audit log in the same transaction. */

export type Details = {
  readonly email: string
  readonly fullName: string
  readonly role: Role
  readonly teamId: number | null
  readonly timeZone: string
}

/** How long links to a new password are good for, in milliseconds. */
const LINK_MS = { invitation: 7 * 24 * 3_600_000, reset: 24 * 3_600_000 }

export type LinkPurpose = keyof typeof LINK_MS

/** Why something cannot be done, as a sentence; null when it can. */
export type Refusal = string | null

/** What of an account is written down. */
export function facts({ email, fullName, role, teamId, timeZone, disabledAt }: User) {
  return { email, name: fullName, role, team: teamId ?? null, time_zone: timeZone, disabledAt }
}

export const objectOf = (user: User) => ({ type: 'user', id: user.id, personId: user.id })

/** Makes an account; with a password, or without one, for an invitation. */
export function createAccount(actor: Actor, details: Details, password: string | null) {
  return db.transaction(async (trx) => {
    const user = await User.create(
      {
        ...details,
        password: password ?? makeLinkKey(),
        invitedAt: password === null ? Date.now() : null,
      },
      { client: trx }
    )
    await recordChange(trx, actor, 'user.create', objectOf(user), null, facts(user))
    return user
  })
}

/** Changes an account. Throws nothing; what may not be is a sentence. */
export function updateAccount(
  actor: Actor,
  id: number,
  changes: Partial<Details>
): Promise<Refusal> {
  return change(actor, id, 'user.update', async (user, trx) => {
    if (changes.role && changes.role !== user.role) {
      const refusal = await roleRefusal(actor, user, changes.role, trx)
      if (refusal) {
        return refusal
      }
    }
    await keepFormerZone(user, changes.timeZone, trx)
    await user.merge(changes).save()
    return null
  })
}

/**
 * Days that began in the zone a person leaves stay in it; the day of the move is counted anew. One who
 * moves twice in a day never lived in the zone between.
 */
async function keepFormerZone(
  user: User,
  zone: string | undefined,
  trx: TransactionClientContract
): Promise<void> {
  if (!zone || zone === user.timeZone) {
    return
  }
  const today = dayOf(await calendarOf(user, trx), Date.now())
  const left = { user_id: user.id, until_day: today }
  if (!(await trx.from('former_zones').where(left).first())) {
    await trx.table('former_zones').insert({ ...left, time_zone: user.timeZone })
  }
  await insertDayMarks(trx, user.id, [addDays(today, -1), today, addDays(today, 1)])
}

/** Disables an account: its sessions end, its tokens are refused. */
export async function disableAccount(actor: Actor, id: number): Promise<Refusal> {
  const refusal = await change(actor, id, 'user.disable', async (user, trx) => {
    const why = (await lastOwnerRefusal(user, trx)) ?? selfRefusal(actor, user)
    if (!why) {
      await user.merge({ disabledAt: Date.now() }).save()
    }
    return why
  })
  if (!refusal) {
    await endSessions(await User.findOrFail(id))
  }
  return refusal
}

export function enableAccount(actor: Actor, id: number): Promise<Refusal> {
  return change(actor, id, 'user.enable', async (user) => {
    await user.merge({ disabledAt: null }).save()
    return null
  })
}

/** Sets a password; every other session of the person ends, and no browser remembers the person. */
export async function setPassword(actor: Actor, user: User, password: string, spared?: string) {
  await db.transaction(async (trx) => {
    user.useTransaction(trx)
    await user.merge({ password, invitedAt: null, resetAskedAt: null }).save()
    await User.rememberMeTokens.forget(trx, user.id)
    await recordChange(trx, actor, 'user.password', objectOf(user))
  })
  await endSessions(user, { spared })
}

/** Takes the second factor off an account whose person lost it; no browser remembers the person. */
export function resetTwoFactor(actor: Actor, user: User) {
  return db.transaction(async (trx) => {
    await turnOff(trx, user)
    await User.rememberMeTokens.forget(trx, user.id)
    await recordChange(trx, actor, 'user.two_factor_reset', objectOf(user))
  })
}

/** Makes a link to a new password, good once; its key is given back and kept nowhere. */
export async function makeAccountLink(
  actor: Actor,
  user: User,
  purpose: LinkPurpose
): Promise<string> {
  const key = makeLinkKey()
  await db.transaction(async (trx) => {
    await trx
      .from('sign_in_links')
      .where({ user_id: user.id })
      .whereIn('purpose', ['invitation', 'reset'])
      .whereNull('used_at')
      .delete()
    await SignInLink.create(
      { userId: user.id, purpose, hash: hashSecret(key), expiresAt: Date.now() + LINK_MS[purpose] },
      { client: trx }
    )
    await recordChange(trx, actor, `user.${purpose}_link`, objectOf(user))
  })
  return key
}

/** The person of a link that is still good; null when it is not. */
export async function personOfLink(key: string, purpose: LinkPurpose): Promise<User | null> {
  const link = await SignInLink.query()
    .where({ hash: hashSecret(key), purpose })
    .whereNull('used_at')
    .where('expires_at', '>', Date.now())
    .preload('user')
    .first()
  return link && !link.user.isDisabled ? link.user : null
}

/** Uses a link up: of two requests with it one gets true. */
export async function useLink(key: string, purpose: LinkPurpose): Promise<boolean> {
  const now = Date.now()
  const used = await db
    .from('sign_in_links')
    .where({ hash: hashSecret(key), purpose })
    .whereNull('used_at')
    .where('expires_at', '>', now)
    .update({ used_at: now })
  return Number(used) === 1
}

/**
 * Changes one account in a transaction that writes it down. Of two that change accounts at once the
 * second sees what the first did, so that two owners cannot disable each other.
 */
export function change(
  actor: Actor,
  id: number,
  action: string,
  act: (user: User, trx: TransactionClientContract) => Promise<Refusal>
): Promise<Refusal> {
  return untilWon(() =>
    db.transaction(async (trx) => {
      const user = await User.query({ client: trx }).where('id', id).forUpdate().firstOrFail()
      const why = ownerRefusal(actor, user)
      if (why) {
        return why
      }
      const before = facts(user)
      const refusal = await act(user, trx)
      if (!refusal) {
        await recordChange(trx, actor, action, objectOf(user), before, facts(user))
      }
      return refusal
    })
  )
}

/** An owner's account is changed by an owner. */
export function ownerRefusal(actor: Actor, user: User): Refusal {
  return actor !== 'command' && user.role === 'owner' && actor.user.role !== 'owner'
    ? 'Only an owner changes an owner.'
    : null
}

export function selfRefusal(actor: Actor, user: User): Refusal {
  return actor !== 'command' && actor.user.id === user.id
    ? 'Somebody else has to do that to your own account.'
    : null
}

async function roleRefusal(
  actor: Actor,
  user: User,
  role: Role,
  trx: TransactionClientContract
): Promise<Refusal> {
  if (actor !== 'command' && role === 'owner' && actor.user.role !== 'owner') {
    return 'Only an owner makes an owner.'
  }
  return selfRefusal(actor, user) ?? (await lastOwnerRefusal(user, trx))
}

/** There is always somebody who can do everything. */
export async function lastOwnerRefusal(
  user: User,
  trx: TransactionClientContract
): Promise<Refusal> {
  if (user.role !== 'owner') {
    return null
  }
  const other = await trx
    .from('users')
    .where('role', 'owner')
    .whereNull('disabled_at')
    .whereNot('id', user.id)
    .select('id')
    .forUpdate()
    .first()
  return other ? null : 'This is the last owner: make another one first.'
}
