import type User from '#models/user'
import { hashSecret, makeRecoveryCode } from '#services/secrets'
import encryption from '@adonisjs/core/services/encryption'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { Secret, TOTP } from 'otpauth'

/** RFC 6238 as every authenticator app speaks it: SHA-1, six digits, steps of 30 s. */
const STEP_SECONDS = 30

/** Steps that a clock may be wrong by, before and after. */
const WINDOW = 1

const RECOVERY_CODES = 10

/** A new secret in base 32: 160 random bits. */
export function makeTwoFactorSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** What an authenticator app scans. */
export function otpauthUrl(email: string, secret: string): string {
  return totp(secret, email).toString()
}

/** The step whose code this is, at `now` in milliseconds; null when it is of none. */
export function stepOf(secret: string, code: string, now = Date.now()): number | null {
  const delta = totp(secret).validate({ token: code, timestamp: now, window: WINDOW })
  return delta === null ? null : Math.floor(now / 1000 / STEP_SECONDS) + delta
}

/** Turns the second factor on; gives the recovery codes, which are kept as hashes. */
export async function turnOn(
  trx: TransactionClientContract,
  user: User,
  secret: string,
  step: number
): Promise<string[]> {
  await trx
    .from('users')
    .where('id', user.id)
    .update({
      two_factor_secret: encryption.encrypt(secret),
      two_factor_at: Date.now(),
      two_factor_step: step,
    })
  return makeRecoveryCodes(trx, user)
}

/** Turns it off, with its recovery codes. */
export async function turnOff(trx: TransactionClientContract, user: User): Promise<void> {
  await trx
    .from('users')
    .where('id', user.id)
    .update({ two_factor_secret: null, two_factor_at: null, two_factor_step: null })
  await trx.from('recovery_codes').where('user_id', user.id).delete()
}

/** New recovery codes; the old ones are good no more. */
export async function makeRecoveryCodes(
  trx: TransactionClientContract,
  user: User
): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeRecoveryCode)
  await trx.from('recovery_codes').where('user_id', user.id).delete()
  await trx
    .table('recovery_codes')
    .multiInsert(codes.map((code) => ({ user_id: user.id, hash: hashSecret(code) })))
  return codes
}

export async function recoveryCodesLeft(user: User): Promise<number> {
  const row = await db
    .from('recovery_codes')
    .where('user_id', user.id)
    .whereNull('used_at')
    .count('* as count')
    .first()
  return Number(row?.count ?? 0)
}

/**
 * Whether a code lets a person in: one of the app that was not used yet, or a recovery code. Of two
 * requests with the same code one wins.
 */
export async function passes(user: User, typed: string): Promise<'totp' | 'recovery' | null> {
  const code = typed.replace(/[\s-]/g, '').toUpperCase()
  if (/^\d{6}$/.test(code)) {
    return (await useStep(user, code)) ? 'totp' : null
  }
  const used = await db
    .from('recovery_codes')
    .where({ user_id: user.id, hash: hashSecret(code) })
    .whereNull('used_at')
    .update({ used_at: Date.now() })
  return Number(used) === 1 ? 'recovery' : null
}

async function useStep(user: User, code: string): Promise<boolean> {
  const secret = user.twoFactorSecret && encryption.decrypt<string>(user.twoFactorSecret)
  const step = secret ? stepOf(secret, code) : null
  if (step === null) {
    return false
  }
  const used = await db
    .from('users')
    .where('id', user.id)
    .where((unused) => unused.whereNull('two_factor_step').orWhere('two_factor_step', '<', step))
    .update({ two_factor_step: step })
  return Number(used) === 1
}

function totp(secret: string, label = '') {
  return new TOTP({
    issuer: 'WorkSight',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_SECONDS,
    secret: Secret.fromBase32(secret),
  })
}
