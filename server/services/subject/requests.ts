import SubjectRequest, { type SubjectRequestKind } from '#models/subject_request'
import User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { untilWon } from '#services/database_errors'
import { erasePerson, type Receipt } from '#services/subject/erasure'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { randomUUID } from 'node:crypto'

/** One month, as Article 12(3) GDPR gives; the shortest month, so that it is never late. */
const ANSWER_MS = 28 * 24 * 3600_000

/**
 * How long a process has a request that it carries out, unless it says again that it does: a second approval
 * meanwhile would seal a receipt of nothing. After a crash it may be approved again when this is over.
 */
const CLAIM_MS = 30_000

/**
 * Keeps what a person asks for, with its clock, and writes it down; an export is written down as the look that it
 * is when it leaves. An erasure that is open already is given back instead.
 */
export async function askFor(
  actor: Exclude<Actor, 'command'>,
  kind: SubjectRequestKind,
  note: string | null
): Promise<SubjectRequest> {
  const personId = actor.user.id
  const now = Date.now()
  return db.transaction(async (trx) => {
    const open =
      kind === 'erasure'
        ? await SubjectRequest.query({ client: trx })
            .where({ person_id: personId, kind })
            .whereIn('state', ['open', 'approved'])
            .first()
        : null
    if (open) {
      return open
    }
    const asked = await SubjectRequest.create(
      { personId, kind, state: 'open', note, askedAt: now, dueAt: now + ANSWER_MS },
      { client: trx }
    )
    if (kind !== 'export') {
      await recordChange(trx, actor, 'request.ask', objectOf(asked), null, { kind })
    }
    return asked
  })
}

/**
 * Decides on a request, and writes that down with the decision. An approved erasure is carried out at once and
 * gets its receipt (`held`: of what a hold does not keep); one that a crash interrupted is carried out again by approving it again, and cannot be
 * refused any more. Nobody decides on their own request, and nobody refuses without saying why.
 */
export async function decide(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  { decision, answer }: { readonly decision: 'approve' | 'refuse'; readonly answer: string | null }
): Promise<'done' | 'held' | 'refused' | 'own' | 'unexplained' | 'decided'> {
  if (request.personId === actor.user.id) {
    return 'own'
  }
  if (decision === 'refuse' && !answer?.trim()) {
    return 'unexplained'
  }
  if (decision === 'refuse') {
    return (await untilWon(() => refuse(request, actor, answer))) ? 'refused' : 'decided'
  }
  const claim = randomUUID()
  if (!(await untilWon(() => approve(request, actor, claim, answer)))) {
    return 'decided'
  }
  const mine = () => db.from('subject_requests').where({ id: request.id, claim })
  const timer = setInterval(() => {
    mine()
      .update({ claimed_until: Date.now() + CLAIM_MS })
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'a request is carried out, and its claim could not be renewed')
      })
  }, CLAIM_MS / 3)
  try {
    return await carryOut(request, actor, claim)
  } finally {
    clearInterval(timer)
    await mine().update({ claim: null, claimed_until: null })
  }
}

function refuse(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  answer: string | null
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const count = await trx
      .from('subject_requests')
      .where({ id: request.id, state: 'open' })
      .update({ state: 'refused', decided_by: actor.user.id, decided_at: Date.now(), answer })
    if (Number(count) > 0) {
      await noteDecision(trx, actor, request, 'open', 'refused')
    }
    return Number(count) > 0
  })
}

/**
 * Claims a request that is open, or that was approved and whose claim is over. One statement decides,
 * so that of several processes one wins.
 */
function approve(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  claim: string,
  answer: string | null
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const now = Date.now()
    const won = async (state: 'open' | 'approved') =>
      Number(
        await trx
          .from('subject_requests')
          .where({ id: request.id, state })
          .where((free) => free.whereNull('claimed_until').orWhere('claimed_until', '<', now))
          .update({
            ...{ state: 'approved', decided_by: actor.user.id, decided_at: now, answer },
            ...{ claim, claimed_until: now + CLAIM_MS },
          })
      ) > 0
    const before = (await won('open')) ? 'open' : (await won('approved')) ? 'approved' : null
    if (before) {
      await noteDecision(trx, actor, request, before, 'approved')
    }
    return before !== null
  })
}

function noteDecision(
  trx: TransactionClientContract,
  actor: Exclude<Actor, 'command'>,
  request: SubjectRequest,
  before: 'open' | 'approved',
  state: 'approved' | 'refused'
) {
  const action = `request.${request.kind}`
  return recordChange(trx, actor, action, objectOf(request), { state: before }, { state })
}

async function carryOut(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  claim: string
): Promise<'done' | 'held' | 'decided'> {
  const person = request.kind === 'erasure' ? await User.find(request.personId) : null
  const receipt = person === null ? null : await erasePerson(person, request.id)
  const isOurs = await db.transaction(async (trx) => {
    const count = await trx
      .from('subject_requests')
      .where({ id: request.id, claim })
      .update({
        state: 'done',
        done_at: Date.now(),
        receipt: receipt === null ? null : JSON.stringify(receipt),
      })
    if (receipt && Number(count) > 0) {
      const { files, rows, seal } = receipt
      const sum = Object.values(rows).reduce((total, amount) => total + amount, 0)
      const after = { files, rows: sum, held: heldRows(receipt), seal }
      await recordChange(trx, actor, 'request.erased', objectOf(request), null, after)
    }
    return Number(count) > 0
  })
  if (!isOurs) {
    return 'decided'
  }
  return receipt && heldRows(receipt) > 0 ? 'held' : 'done'
}

const heldRows = ({ held = [] }: Receipt) => held.reduce((sum, { rows }) => sum + rows, 0)

function objectOf({ id, personId }: SubjectRequest) {
  return { type: 'subject_request', id, personId: personId ?? null }
}

/** The receipt of a request that is done, or null. */
export function receiptOf({ receipt }: SubjectRequest): Receipt | null {
  return receipt ? (JSON.parse(receipt) as Receipt) : null
}
