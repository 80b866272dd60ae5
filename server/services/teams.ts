import { E_NAME_TAKEN } from '#exceptions/api_errors'
import type Team from '#models/team'
import { recordChange, type Actor } from '#services/audit'
import { agentChanges } from '#services/agent_changes'
import { isLostRace } from '#services/database_errors'
import db from '@adonisjs/lucid/services/db'

type TeamChange = { readonly name?: string; readonly manager_ids?: readonly number[] }

/** Makes or changes a team: its name, and who manages it. Throws E_NAME_TAKEN. */
export async function changeTeam(
  team: Team,
  { name, manager_ids: managers }: TeamChange,
  actor: Actor
) {
  const before = team.$isPersisted ? factsOf(team) : null
  try {
    await db.transaction(async (trx) => {
      team.useTransaction(trx)
      await team.merge(name === undefined ? {} : { name }).save()
      if (managers) {
        await team.related('managers').sync([...managers])
      }
      await team.load('managers')
      const object = { type: 'team', id: team.id }
      const action = before ? 'team.update' : 'team.create'
      await recordChange(trx, actor, action, object, before, factsOf(team))
    })
  } catch (error) {
    throw isLostRace(error) ? new E_NAME_TAKEN(undefined, { cause: error }) : error
  }
  return team
}

/** Removes a team. Its people stay, without one; what its policy said no longer holds for them. */
export async function deleteTeam(team: Team, actor: Actor) {
  await db.transaction(async (trx) => {
    const object = { type: 'team', id: team.id }
    await recordChange(trx, actor, 'team.delete', object, { name: team.name })
    await team.useTransaction(trx).delete()
    await agentChanges.announce(null, trx)
  })
}

/** What the log keeps of a team; its managers are loaded. */
function factsOf({ name, managers }: Team) {
  return { name, manager_ids: managers.map(({ id }) => id).sort((one, other) => one - other) }
}
