import SubjectRequest, { type SubjectRequestKind } from '#models/subject_request'
import User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { erasePerson, type Receipt } from '#services/subject/erasure'
import db from '@adonisjs/lucid/services/db'

/** One month, as Article 12(3) GDPR gives; the shortest month, so that it is never late. */
const ANSWER_MS = 28 * 24 * 3600_000

/** Requests that this process carries out now: a second approval of one would seal a receipt of nothing. */
const underWay = new Set<number>()

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
 * gets its receipt; one that a crash interrupted is carried out again by approving it again, and cannot be
 * refused any more. Nobody decides on their own request, and nobody refuses without saying why.
 */
export async function decide(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  { decision, answer }: { readonly decision: 'approve' | 'refuse'; readonly answer: string | null }
): Promise<'done' | 'refused' | 'own' | 'unexplained' | 'decided'> {
  if (request.personId === actor.user.id) {
    return 'own'
  }
  if (decision === 'refuse' && !answer?.trim()) {
    return 'unexplained'
  }
  if (underWay.has(request.id)) {
    return 'decided'
  }
  underWay.add(request.id)
  try {
    if (!(await isTaken(request, actor, decision, answer))) {
      return 'decided'
    }
    return decision === 'refuse' ? 'refused' : await carryOut(request, actor)
  } finally {
    underWay.delete(request.id)
  }
}

/** Whether the decision still was to be made; then it is. */
function isTaken(
  request: SubjectRequest,
  actor: Exclude<Actor, 'command'>,
  decision: 'approve' | 'refuse',
  answer: string | null
): Promise<boolean> {
  const isRefused = decision === 'refuse'
  const state = isRefused ? 'refused' : 'approved'
  return db.transaction(async (trx) => {
    const before = await trx
      .from('subject_requests')
      .where('id', request.id)
      .select('state')
      .first()
    const count = await trx
      .from('subject_requests')
      .where('id', request.id)
      .whereIn('state', isRefused ? ['open'] : ['open', 'approved'])
      .update({ state, decided_by: actor.user.id, decided_at: Date.now(), answer })
    if (Number(count) === 0) {
      return false
    }
    const action = `request.${request.kind}`
    await recordChange(trx, actor, action, objectOf(request), { state: before.state }, { state })
    return true
  })
}

async function carryOut(request: SubjectRequest, actor: Exclude<Actor, 'command'>) {
  const person = request.kind === 'erasure' ? await User.find(request.personId) : null
  const receipt = person === null ? null : await erasePerson(person, request.id)
  await db.transaction(async (trx) => {
    await trx
      .from('subject_requests')
      .where('id', request.id)
      .update({
        state: 'done',
        done_at: Date.now(),
        receipt: receipt === null ? null : JSON.stringify(receipt),
      })
    if (receipt) {
      const { files, rows, seal } = receipt
      const sum = Object.values(rows).reduce((total, count) => total + count, 0)
      const after = { files, rows: sum, seal }
      await recordChange(trx, actor, 'request.erased', objectOf(request), null, after)
    }
  })
  return 'done' as const
}

function objectOf({ id, personId }: SubjectRequest) {
  return { type: 'subject_request', id, personId: personId ?? null }
}

/** The receipt of a request that is done, or null. */
export function receiptOf({ receipt }: SubjectRequest): Receipt | null {
  return receipt ? (JSON.parse(receipt) as Receipt) : null
}
