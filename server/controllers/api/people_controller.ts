import { numberedPage, pageAnswer } from '#services/keyset'
import { personJson } from '#services/presentation'
import { oneOf, visiblePeople } from '#services/visible'
import { peopleListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** People whose records one may see. */
export default class PeopleController {
  async index({ auth, request, response }: HttpContext) {
    const { team, role, ...listing } = await peopleListingValidator.validate(request.qs())
    const query = visiblePeople(auth.use('api').getUserOrFail()).preload('team')
    if (team) {
      query.where('team_id', team)
    }
    if (role) {
      query.where('role', role)
    }
    const { rows, next } = await numberedPage(query, listing, request)
    return pageAnswer(response, rows.map(personJson), next)
  }

  async show({ auth, params }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    return personJson(await oneOf(visiblePeople(viewer).preload('team'), params.id))
  }
}
