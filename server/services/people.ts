import { E_NOT_FOUND } from '#exceptions/api_errors'
import User from '#models/user'

/**
 * People whose days `viewer` may see: the owner everybody's, a manager those of the teams and one's
 * own, everybody else one's own. An admin and an auditor see no day of others.
 */
export function peopleWithDaysFor(viewer: User) {
  const query = User.query()
  if (viewer.role === 'owner') {
    return query
  }
  return query.where((people) => {
    people.where('users.id', viewer.id)
    if (viewer.role === 'manager') {
      people.orWhereIn('users.team_id', (teams) => {
        teams.from('team_managers').where('user_id', viewer.id).select('team_id')
      })
    }
  })
}

/** The person of that id, when `viewer` may see the person's days. Throws E_NOT_FOUND. */
export async function personWithDaysFor(viewer: User, id: number): Promise<User> {
  const person = await peopleWithDaysFor(viewer).where('users.id', id).preload('agents').first()
  if (!person) {
    throw new E_NOT_FOUND()
  }
  return person
}

/** The people before and after one, by name, among those whose days `viewer` may see. */
export async function neighboursOf(viewer: User, { id, fullName }: User) {
  const beside = (sign: '<' | '>') =>
    peopleWithDaysFor(viewer)
      .whereNull('users.disabled_at')
      .where((others) => {
        others
          .where('full_name', sign, fullName)
          .orWhere((same) => same.where('full_name', fullName).where('users.id', sign, id))
      })
      .orderBy('full_name', sign === '<' ? 'desc' : 'asc')
      .orderBy('users.id', sign === '<' ? 'desc' : 'asc')
      .first()
  const [previous, next] = await Promise.all([beside('<'), beside('>')])
  return { previous, next }
}
