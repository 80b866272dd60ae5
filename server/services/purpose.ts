import { E_PURPOSE_REQUIRED } from '#exceptions/api_errors'
import Agent from '#models/agent'
import type User from '#models/user'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** Purposes that one page looks through. */
const MOST_PURPOSES = 2000

/** Rows in one statement. */
const CHUNK = 400

/** Whose pictures are asked for; without a choice, those of everybody whose pictures one may see. */
export type Chosen = {
  readonly agent?: number | null
  readonly person?: number | null
  readonly team?: number | null
}

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

/** As `purposeOf`, for several people, by their numbers: those for whom one was given. */
export async function purposesOf(
  viewer: User,
  personIds?: readonly number[]
): Promise<ReadonlyMap<number, string>> {
  const query = db.from('purposes').where({ viewer_id: viewer.id, given_on: today(viewer) })
  if (personIds) {
    query.whereIn('person_id', personIds as number[])
  }
  const given: { person_id: number; text: string }[] = await query
    .orderBy('id')
    .select('person_id', 'text')
  return new Map(given.map((row) => [Number(row.person_id), row.text]))
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
  const at = Date.now()
  const day = today(viewer)
  for (let from = 0; from < personIds.length; from += CHUNK) {
    await db.table('purposes').multiInsert(
      personIds.slice(from, from + CHUNK).map((personId) => ({
        viewer_id: viewer.id,
        person_id: personId,
        given_on: day,
        text,
        given_at: at,
      }))
    )
  }
}

/** Others of whose pictures nothing is shown to `viewer` today, because no purpose was given for them. */
export async function peopleBehindPurpose(viewer: User, chosen: Chosen = {}): Promise<number[]> {
  const rows = await picturedPeople(viewer, chosen).whereNotIn(
    'person_id',
    peopleWithPurpose(viewer)
  )
  return rows.map(({ person_id: id }) => Number(id))
}

/** One reason for everybody whose pictures are asked for and who was not given this one last. */
export async function givePicturePurpose(viewer: User, chosen: Chosen, text: string) {
  const people = await picturedPeople(viewer, chosen)
  await givePurposesOnce(
    viewer,
    people.map(({ person_id: id }) => Number(id)),
    text
  )
}

/** One reason for those of several people who were not given this one last. */
export async function givePurposesOnce(viewer: User, personIds: readonly number[], text: string) {
  const last = await purposesOf(viewer)
  await givePurposes(
    viewer,
    personIds.filter((id) => last.get(id) !== text),
    text
  )
}

/** Others whose pictures `viewer` may see, as far as they are asked for, each once. */
function picturedPeople(viewer: User, { agent, person, team }: Chosen) {
  const query = Agent.query()
    .withScopes((scopes) => scopes.picturesVisibleTo(viewer))
    .whereNotNull('person_id')
    .whereNot('person_id', viewer.id)
    .distinct('person_id')
    .pojo<{ person_id: number }>()
  if (agent) {
    query.where('agents.id', agent)
  }
  if (person) {
    query.where('person_id', person)
  }
  if (team) {
    query.whereIn('person_id', db.from('users').where('team_id', team).select('id'))
  }
  return query
}

/** Nobody needs a purpose to see oneself, or what is of nobody; for others, throws E_PURPOSE_REQUIRED when none was given today. */
export async function requirePurpose(
  viewer: User,
  personId: number | null | undefined
): Promise<string | null> {
  if (!personId || viewer.id === personId) {
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
