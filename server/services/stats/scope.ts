import { E_NOT_FOUND } from '#exceptions/api_errors'
import User from '#models/user'
import { personWithDaysFor } from '#services/people'

/** Fewer people than this are not shown as a group: one could tell them apart. */
export const LEAST_GROUP = 5

/** Whose figures: one person's, a team's, or those of all that the viewer may see as a group. */
export type Scope =
  | { readonly kind: 'person'; readonly person: User; readonly ids: readonly number[] }
  | {
      readonly kind: 'group'
      readonly team: number | null
      readonly ids: readonly number[]
      /** Who is not among them, where they are everybody but a few; else null. */
      readonly without: readonly number[] | null
    }

/**
 * What a viewer may ask figures of: owner, admin and auditor every group, a manager the groups of the
 * teams managed, a member oneself. One person's figures are for those who may see the days. Throws
 * E_NOT_FOUND.
 */
export async function scopeFor(
  viewer: User,
  { person, team }: { person?: number | null; team?: number | null }
): Promise<Scope> {
  if (person || viewer.role === 'member') {
    if (team && viewer.role === 'member') {
      throw new E_NOT_FOUND()
    }
    const found = await personWithDaysFor(viewer, person ?? viewer.id)
    return { kind: 'person', person: found, ids: [found.id] }
  }
  const query = User.query().whereNull('disabled_at').select('id')
  if (viewer.role === 'manager') {
    query.withScopes((scopes) => scopes.managedBy(viewer))
  }
  if (team) {
    query.where('team_id', team)
  }
  const ids = (await query).map(({ id }) => id)
  if (team && ids.length === 0) {
    throw new E_NOT_FOUND()
  }
  const isEverybody = viewer.role !== 'manager' && !team
  return { kind: 'group', team: team ?? null, ids, without: isEverybody ? await disabled() : null }
}

/** Whose figures stand in no group any more. */
export async function disabled(): Promise<number[]> {
  return (await User.query().whereNotNull('disabled_at').select('id')).map(({ id }) => id)
}
