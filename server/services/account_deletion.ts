import Agent from '#models/agent'
import Export from '#models/export'
import User from '#models/user'
import {
  change,
  facts,
  lastOwnerRefusal,
  objectOf,
  selfRefusal,
  type Refusal,
} from '#services/accounts'
import { recordChange, type Actor } from '#services/audit'
import { endSessions } from '#services/browser_sessions'
import { untilWon } from '#services/database_errors'
import { removeExport } from '#services/exports'
import { revokeAgent } from '#services/revocation'
import { erasePerson } from '#services/subject/erasure'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { setTimeout as wait } from 'node:timers/promises'

/** What went with an account. */
export type AccountDeletion = {
  /** Computers whose tokens are refused from now on. */
  readonly agents: number
  /** Observations that were erased, and files of them. */
  readonly rows: number
  readonly files: number
}

/** How long another process may go on believing a token that was revoked. */
const REVOKED_WITHIN_MS = 1000

/**
 * Deletes an account with everything that was observed of its person: nothing stays that is nobody's
 * and could become somebody else's. The log and the acknowledgements stay, as proof. First nobody gets
 * in any more and the person's computers are revoked, then the observations go, the account last: one
 * that a crash interrupted is disabled, and deleting it again finishes it. What may not be is a sentence.
 */
export async function deleteAccount(
  actor: Actor,
  id: number
): Promise<{ readonly refusal: Refusal; readonly deleted: AccountDeletion | null }> {
  const refusal = await change(actor, id, 'user.disable', async (user, trx) => {
    const why =
      selfRefusal(actor, user) ??
      (await lastOwnerRefusal(user, trx)) ??
      (await holdRefusal(user, trx))
    if (!why) {
      await user.merge({ disabledAt: user.disabledAt ?? Date.now() }).save()
    }
    return why
  })
  if (refusal) {
    return { refusal, deleted: null }
  }
  const user = await User.findOrFail(id)
  await endSessions(user)
  const agents = await revokeAgentsOf(user, actor)
  const { rows, files } = await erasePerson(user, 0)
  for (const asked of await Export.query().where('asked_by', id)) {
    await removeExport(asked)
  }
  const erased = Object.values(rows).reduce((sum, count) => sum + count, 0)
  const deleted = { agents, rows: erased, files }
  await untilWon(() => removeAccount(actor, user, deleted))
  return { refusal: null, deleted }
}

/** Why an account cannot be deleted now, as far as that is known before trying; null when it can. */
export async function deletionRefusal(actor: Actor, user: User): Promise<Refusal> {
  return db.transaction(
    async (trx) =>
      selfRefusal(actor, user) ??
      (await lastOwnerRefusal(user, trx)) ??
      (await holdRefusal(user, trx))
  )
}

async function holdRefusal(user: User, trx: TransactionClientContract): Promise<Refusal> {
  const hold = await trx
    .from('retention_holds')
    .where('person_id', user.id)
    .whereNull('released_at')
    .select('id')
    .first()
  return hold ? 'A hold keeps what was captured of this person: release it first.' : null
}

/** Revokes the computers of a person, and waits until no process takes anything from them any more. */
async function revokeAgentsOf(user: User, actor: Actor): Promise<number> {
  const agents = await Agent.query().where('person_id', user.id).whereNull('revoked_at')
  for (const agent of agents) {
    await revokeAgent(agent, actor)
  }
  if (agents.length > 0) {
    await wait(REVOKED_WITHIN_MS)
  }
  return agents.length
}

function removeAccount(actor: Actor, user: User, deleted: AccountDeletion): Promise<void> {
  return db.transaction(async (trx) => {
    await trx.from('policies').where({ level: 'person', subject_id: user.id }).delete()
    await trx.from('users').where('id', user.id).delete()
    await recordChange(trx, actor, 'user.delete', objectOf(user), facts(user), deleted)
  })
}
