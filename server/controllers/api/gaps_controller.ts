import Gap from '#models/gap'
import { keysetPage, pageAnswer } from '#services/keyset'
import type { Condition } from '#services/newest'
import { gapJson } from '#services/presentation'
import { agentsSeenBy, oneOf, visibleGaps } from '#services/visible'
import { gapListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Times in which something was not observed, as agents told. */
export default class GapsController {
  /** `kind` is what was not observed. */
  async index({ auth, request, response }: HttpContext) {
    const { kind, ...listing } = await gapListingValidator.validate(request.qs())
    const agents = agentsSeenBy(auth.use('api').getUserOrFail())
    const conditions: Condition[] = kind ? [['what', '=', kind]] : []
    const { rows, next } = await keysetPage({ model: Gap, agents, conditions }, listing, request)
    return pageAnswer(response, rows.map(gapJson), next)
  }

  async show({ auth, params }: HttpContext) {
    return gapJson(await oneOf(visibleGaps(auth.use('api').getUserOrFail()), params.id))
  }
}
