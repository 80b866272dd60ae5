import { E_NAME_TAKEN } from '#exceptions/api_errors'
import type Team from '#models/team'
import { agentChanges } from '#services/agent_changes'
import { isLostRace } from '#services/database_errors'
import db from '@adonisjs/lucid/services/db'

type TeamChange = { readonly name?: string; readonly manager_ids?: readonly number[] }

/** Makes or changes a team: its name, and who manages it. Throws E_NAME_TAKEN. */
export async function changeTeam(team: Team, { name, manager_ids: managers }: TeamChange) {
  try {
    await db.transaction(async (trx) => {
      team.useTransaction(trx)
      await team.merge(name === undefined ? {} : { name }).save()
      if (managers) {
        await team.related('managers').sync([...managers])
      }
    })
  } catch (error) {
    throw isLostRace(error) ? new E_NAME_TAKEN(undefined, { cause: error }) : error
  }
  await team.load('managers')
  return team
}

/** Removes a team. Its people stay, without one; what its policy said no longer holds for them. */
export async function deleteTeam(team: Team) {
  await db.transaction(async (trx) => {
    await team.useTransaction(trx).delete()
    await agentChanges.announce(null, trx)
  })
}
