import { E_PURPOSE_REQUIRED } from '#exceptions/api_errors'
import type User from '#models/user'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** Purposes that one page looks through. */
const MOST_PURPOSES = 2000

/** The day of a viewer, for which a purpose holds. */
const today = (viewer: User) => DateTime.now().setZone(viewer.timeZone).toISODate() as string

/** Why `viewer` looks at the days of a person, as given today; null when nothing was given yet. */
export async function purposeOf(viewer: User, personId: number): Promise<string | null> {
  const row = await db
    .from('purposes')
    .where({ viewer_id: viewer.id, person_id: personId, given_on: today(viewer) })
    .orderBy('id', 'desc')
    .select('text')
    .first()
  return row?.text ?? null
}

/** People whose days `viewer` gave a purpose for today, as a query of their numbers. */
export function peopleWithPurpose(viewer: User) {
  return db
    .from('purposes')
    .where({ viewer_id: viewer.id, given_on: today(viewer) })
    .select('person_id')
}

export async function givePurpose(viewer: User, personId: number, text: string) {
  await givePurposes(viewer, [personId], text)
}

/** One reason for several people. */
export async function givePurposes(viewer: User, personIds: readonly number[], text: string) {
  if (personIds.length > 0) {
    const at = Date.now()
    await db.table('purposes').multiInsert(
      personIds.map((personId) => ({
        viewer_id: viewer.id,
        person_id: personId,
        given_on: today(viewer),
        text,
        given_at: at,
      }))
    )
  }
}

/** Nobody needs a purpose to see oneself; for others, throws E_PURPOSE_REQUIRED when none was given today. */
export async function requirePurpose(viewer: User, personId: number): Promise<string | null> {
  if (viewer.id === personId) {
    return null
  }
  const purpose = await purposeOf(viewer, personId)
  if (purpose === null) {
    throw new E_PURPOSE_REQUIRED()
  }
  return purpose
}

type Look = { readonly actorId: number | null; readonly at: number }

/** Tells for a look at a person which purpose its viewer had given before it; null where none was. */
export async function purposesGivenFor(personId: number): Promise<(look: Look) => string | null> {
  const rows: { viewer_id: number; given_at: number; text: string }[] = await db
    .from('purposes')
    .where('person_id', personId)
    .orderBy('given_at', 'desc')
    .limit(MOST_PURPOSES)
  return ({ actorId, at }) =>
    rows.find(
      (row) => row.viewer_id === actorId && row.given_at <= at && at - row.given_at < 24 * 3_600_000
    )?.text ?? null
}
