import { E_NOT_FOUND } from '#exceptions/api_errors'
import DayNote, { type NoteKind } from '#models/day_note'
import type User from '#models/user'
import { recordChange, type Actor } from '#services/audit'
import { peopleWithDaysFor } from '#services/people'
import type { Day } from '#services/timeline/calendar'
import db from '@adonisjs/lucid/services/db'

/** Notes of one day: more are no notes any more. */
const MOST_NOTES = 50

/** Open contests that the overview names. */
const MOST_OPEN = 5

export function notesOfDay(person: User, day: Day): Promise<DayNote[]> {
  return DayNote.query()
    .where({ person_id: person.id, day })
    .preload('answerer')
    .orderBy('id')
    .exec()
}

export type NewNote = {
  readonly kind: NoteKind
  readonly text: string
  /** Milliseconds; null where it is about the whole day. */
  readonly aboutAt: number | null
}

/** Writes a note of a person about one of their own days, where it holds one more. */
export async function writeNote(
  actor: Actor,
  person: User,
  day: Day,
  note: NewNote
): Promise<'written' | 'full'> {
  return db.transaction(async (trx) => {
    const [{ count }] = await trx
      .from('day_notes')
      .where({ person_id: person.id, day })
      .count('* as count')
    if (Number(count) >= MOST_NOTES) {
      return 'full'
    }
    const written = await DayNote.create(
      { ...note, personId: person.id, day, writtenAt: Date.now() },
      { client: trx }
    )
    if (note.kind === 'contest') {
      await recordChange(trx, actor, 'day.contest', objectOf(written), null, { day })
    }
    return 'written'
  })
}

/** Takes a note back. One that was answered stays, because the answer would hang in the air. Throws E_NOT_FOUND. */
export async function removeNote(actor: Actor, person: User, day: Day, id: number) {
  await db.transaction(async (trx) => {
    const note = await DayNote.query({ client: trx })
      .where({ id, person_id: person.id, day })
      .whereNull('answered_at')
      .first()
    if (!note) {
      throw new E_NOT_FOUND()
    }
    await note.delete()
    if (note.kind === 'contest') {
      await recordChange(trx, actor, 'day.contest.withdraw', objectOf(note), { day }, null)
    }
  })
}

/** Answers what a person contests, once. Throws E_NOT_FOUND. */
export async function answerContest(
  answerer: { readonly user: User; readonly address: string },
  person: User,
  day: Day,
  { id, answer }: { readonly id: number; readonly answer: string }
) {
  await db.transaction(async (trx) => {
    const note = await DayNote.query({ client: trx })
      .where({ id, person_id: person.id, day, kind: 'contest' })
      .whereNull('answered_at')
      .forUpdate()
      .first()
    if (!note) {
      throw new E_NOT_FOUND()
    }
    await note.merge({ answer, answeredBy: answerer.user.id, answeredAt: Date.now() }).save()
    await recordChange(trx, answerer, 'day.contest.answer', objectOf(note), null, { day })
  })
}

/** What is contested and not answered, of people whose days `viewer` sees: the oldest first. */
export function openContests(viewer: User): Promise<DayNote[]> {
  return DayNote.query()
    .where('kind', 'contest')
    .whereNull('answered_at')
    .whereNot('person_id', viewer.id)
    .whereIn('person_id', peopleWithDaysFor(viewer).select('users.id'))
    .preload('person')
    .orderBy('id')
    .limit(MOST_OPEN)
    .exec()
}

function objectOf({ id, personId }: DayNote) {
  return { type: 'day_note', id, personId }
}
