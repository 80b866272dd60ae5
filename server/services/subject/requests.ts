import SubjectRequest, { type SubjectRequestKind } from '#models/subject_request'
import User from '#models/user'
import { erasePerson, type Receipt } from '#services/subject/erasure'

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
  by: User,
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
    await request.merge({ ...decided, state: 'refused' }).save()
    return 'refused'
  }
  await request.merge({ ...decided, state: 'approved' }).save()
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

/** The receipt of a request that is done, or null. */
export function receiptOf({ receipt }: SubjectRequest): Receipt | null {
  return receipt ? (JSON.parse(receipt) as Receipt) : null
}
