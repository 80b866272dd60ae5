import Eviction from '#models/eviction'
import { keysetPage, pageAnswer } from '#services/keyset'
import type { Condition } from '#services/newest'
import { evictionJson } from '#services/presentation'
import { agentsSeenBy } from '#services/visible'
import { gapListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What agents gave up before it could be delivered. */
export default class EvictionsController {
  /** `kind` is the kind of what was given up. */
  async index({ auth, request, response }: HttpContext) {
    const { kind, ...listing } = await gapListingValidator.validate(request.qs())
    const agents = agentsSeenBy(auth.use('api').getUserOrFail())
    const conditions: Condition[] = kind ? [['evicted_kind', '=', kind]] : []
    const { rows, next } = await keysetPage(
      { model: Eviction, agents, conditions },
      listing,
      request
    )
    return pageAnswer(response, rows.map(evictionJson), next)
  }
}
