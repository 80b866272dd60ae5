import SubjectRequest, { type SubjectRequestKind } from '#models/subject_request'
import User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { erasePerson, type Receipt } from '#services/subject/erasure'
import db from '@adonisjs/lucid/services/db'

/** One month, as Article 12(3) GDPR gives; the shortest month, so that it is never late. */
const ANSWER_MS = 28 * 24 * 3600_000

/** Keeps what a person asks for, with its clock. One that is open already is given back instead. */
export async function askFor(
  person: User,
  kind: SubjectRequestKind,
  note: string | null
): Promise<SubjectRequest> {
  const now = Date.now()
  const open =
    kind === 'erasure'
      ? await SubjectRequest.query()
          .where({ person_id: person.id, kind })
          .whereIn('state', ['open', 'approved'])
          .first()
      : null
  return (
    open ??
    SubjectRequest.create({
      personId: person.id,
      kind,
      state: 'open',
      note,
      askedAt: now,
      dueAt: now + ANSWER_MS,
    })
  )
}

/**
 * Decides on a request. An approved erasure is carried out at once and gets its receipt; one that a
 * crash interrupted is carried out again by approving it again. Nobody decides on their own request.
 */
export async function decide(
  request: SubjectRequest,
  { user: by, address }: Exclude<Actor, 'command'>,
  { decision, answer }: { readonly decision: 'approve' | 'refuse'; readonly answer: string | null }
): Promise<'done' | 'refused' | 'own' | 'decided'> {
  if (request.personId === by.id) {
    return 'own'
  }
  if (request.state === 'done' || request.state === 'refused') {
    return 'decided'
  }
  const decided = { decidedBy: by.id, decidedAt: Date.now(), answer }
  if (decision === 'refuse') {
    await keep(request, { ...decided, state: 'refused' }, { user: by, address })
    return 'refused'
  }
  await keep(request, { ...decided, state: 'approved' }, { user: by, address })
  const person = request.kind === 'erasure' ? await User.find(request.personId) : null
  const receipt = person === null ? null : await erasePerson(person, request.id)
  await request
    .merge({
      state: 'done',
      doneAt: Date.now(),
      receipt: receipt === null ? null : JSON.stringify(receipt),
    })
    .save()
  return 'done'
}

/** Keeps a decision, and writes it down. */
async function keep(request: SubjectRequest, decided: Partial<SubjectRequest>, actor: Actor) {
  await db.transaction(async (trx) => {
    const before = { state: request.state }
    await request.useTransaction(trx).merge(decided).save()
    const { id, personId, kind, state } = request
    const object = { type: 'subject_request', id, personId }
    await recordChange(trx, actor, `request.${kind}`, object, before, { state })
  })
}

/** The receipt of a request that is done, or null. */
export function receiptOf({ receipt }: SubjectRequest): Receipt | null {
  return receipt ? (JSON.parse(receipt) as Receipt) : null
}
