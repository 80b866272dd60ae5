import Deletion from '#models/deletion'
import { keysetPage, pageAnswer } from '#services/keyset'
import type { Condition } from '#services/newest'
import { deletionJson } from '#services/presentation'
import { agentsSeenBy } from '#services/visible'
import { gapListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What was deleted here on purpose. */
export default class DeletionsController {
  async index({ auth, request, response }: HttpContext) {
    const { kind, ...listing } = await gapListingValidator.validate(request.qs())
    const agents = agentsSeenBy(auth.use('api').getUserOrFail())
    const conditions: Condition[] = kind ? [['kind', '=', kind]] : []
    const { rows, next } = await keysetPage(
      { model: Deletion, agents, conditions },
      listing,
      request
    )
    return pageAnswer(response, rows.map(deletionJson), next)
  }
}
