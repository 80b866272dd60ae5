import type { Actor } from '#services/audit'
import { E_INVALID } from '#exceptions/api_errors'
import Team from '#models/team'
import User from '#models/user'
import { numberedPage, pageAnswer } from '#services/keyset'
import { teamJson } from '#services/presentation'
import { changeTeam, deleteTeam } from '#services/teams'
import { oneOf, visibleTeams } from '#services/visible'
import { numberedListingValidator } from '#validators/listing'
import { teamChangeValidator, teamValidator } from '#validators/resources'
import type { HttpContext } from '@adonisjs/core/http'

/** Teams, and who manages them. */
export default class TeamsController {
  async index({ auth, request, response }: HttpContext) {
    const listing = await numberedListingValidator.validate(request.qs())
    const query = visibleTeams(auth.use('api').getUserOrFail()).preload('managers')
    const { rows, next } = await numberedPage(query, listing, request)
    return pageAnswer(response, rows.map(teamJson), next)
  }

  async show({ auth, params }: HttpContext) {
    return teamJson(await teamOf(auth.use('api').getUserOrFail(), params.id))
  }

  async store(ctx: HttpContext) {
    const { request, response } = ctx
    const body = await teamValidator.validate(request.body())
    await requireManagers(body.manager_ids)
    return response.created(teamJson(await changeTeam(new Team(), body, actorOf(ctx))))
  }

  async update(ctx: HttpContext) {
    const { auth, params, request } = ctx
    const body = await teamChangeValidator.validate(request.body())
    await requireManagers(body.manager_ids)
    return teamJson(
      await changeTeam(await teamOf(auth.use('api').getUserOrFail(), params.id), body, actorOf(ctx))
    )
  }

  /** Its people stay, without a team. */
  async destroy(ctx: HttpContext) {
    const { auth, params, response } = ctx
    await deleteTeam(await teamOf(auth.use('api').getUserOrFail(), params.id), actorOf(ctx))
    return response.noContent()
  }
}

function actorOf({ auth, request }: HttpContext): Actor {
  return { user: auth.use('api').getUserOrFail(), address: request.ip() }
}

function teamOf(viewer: User, id: number) {
  return oneOf(visibleTeams(viewer).preload('managers'), id)
}

/** Only who has the role of a manager can manage. */
async function requireManagers(ids: readonly number[] = []) {
  const known = await User.query()
    .whereIn('id', [...ids])
    .where('role', 'manager')
    .select('id')
  const wrong = ids.find((id) => !known.some((manager) => manager.id === id))
  if (wrong !== undefined) {
    throw new E_INVALID(`There is no manager ${wrong}`, { field: 'manager_ids' })
  }
}
