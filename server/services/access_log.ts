import type Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import type User from '#models/user'
import { record, type AuditFacts } from '#services/audit'
import { purposeOf, purposesOf } from '#services/purpose'
import db from '@adonisjs/lucid/services/db'

/** How one looked: at the small picture of a list, at the picture, at a segment of a recording. */
export type Look = 'thumbnail' | 'screenshot' | 'recording'

/** What else of a person one looks at: a day, the list of sessions, a report. */
export type Visit = 'day' | 'sessions' | 'report' | 'activities'

/**
 * Writes down that `viewer` looks at a picture or a recording, before its bytes leave; when it cannot
 * be written, the look fails. The person sees these lines under "Who looked".
 */
export async function noteLook(
  viewer: User,
  seen: Screenshot | Recording,
  kind: Look,
  purpose: string | null,
  address: string
) {
  await record({
    kind: 'look',
    action: kind,
    actor: 'user',
    actor_id: viewer.id,
    person_id: seen.agent.personId ?? null,
    agent_id: seen.agentId,
    object_id: seen.id,
    purpose,
    details: null,
    address,
  })
}

/** How long one look at a recording lasts: what a player asks for within it is the same look. */
const ONE_LOOK_MS = 10 * 60_000

/** Whether a look of `viewer` at this recording was written down a moment ago. */
export async function hasLooked(viewer: User, seen: Recording): Promise<boolean> {
  const line = await db
    .from('audit_log')
    .where({ kind: 'look', action: 'recording', actor_id: viewer.id, object_id: seen.id })
    .where({ agent_id: seen.agentId })
    .where('at', '>', Date.now() - ONE_LOOK_MS)
    .select('id')
    .first()
  return line !== null && line !== undefined
}

/**
 * Writes down that `viewer` looks at a day of a person, or at what else is not one medium, before it is
 * sent; when it cannot be written, the look fails. Looks at oneself are nobody's news.
 */
export async function noteVisit(
  viewer: User,
  person: Pick<User, 'id'>,
  kind: Visit,
  object: string,
  address: string
) {
  if (viewer.id !== person.id) {
    await record(
      visit(viewer, person.id, kind, object, await purposeOf(viewer, person.id), address)
    )
  }
}

/** As `noteVisit`, for a list in which several people stand: each of them reads that it was looked at. */
export async function noteVisits(
  viewer: User,
  personIds: Iterable<number>,
  kind: Visit,
  object: string,
  address: string
) {
  const others = [...new Set(personIds)].filter((id) => id !== viewer.id)
  const purposes = await purposesOf(viewer, others)
  await Promise.all(
    others.map((id) => record(visit(viewer, id, kind, object, purposes.get(id) ?? null, address)))
  )
}

function visit(
  viewer: User,
  personId: number,
  kind: Visit,
  object: string,
  purpose: string | null,
  address: string
): AuditFacts {
  return {
    kind: 'look',
    action: kind,
    actor: 'user',
    actor_id: viewer.id,
    person_id: personId,
    agent_id: null,
    object_id: object,
    purpose,
    details: null,
    address,
  }
}

/** Who looked at a person since `since`, most looks first: all, or `viewer` alone where these are nobody else's business. */
export async function lookersAt(person: Pick<User, 'id'>, since: number, viewer: User) {
  const query = db
    .from('audit_log')
    .leftJoin('users', 'users.id', 'audit_log.actor_id')
    .where('audit_log.kind', 'look')
    .where('audit_log.person_id', person.id)
    .where('audit_log.at', '>=', since)
  if (viewer.role !== 'owner' && viewer.id !== person.id) {
    query.where('audit_log.actor_id', viewer.id)
  }
  const rows: { name: string | null; looks: number | string; last_at: number | string }[] =
    await query
      .groupBy('audit_log.actor_id', 'users.full_name')
      .select('users.full_name as name')
      .count('* as looks')
      .max('audit_log.at as last_at')
      .orderBy('looks', 'desc')
  return rows.map(({ name, looks, last_at: lastAt }) => ({
    name: name ?? 'An account that is gone',
    looks: Number(looks),
    lastAt: Number(lastAt),
  }))
}
