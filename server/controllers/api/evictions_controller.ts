import { keysetPage, pageAnswer } from '#services/keyset'
import { evictionJson } from '#services/presentation'
import { visibleEvictions } from '#services/visible'
import { gapListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What agents gave up before it could be delivered. */
export default class EvictionsController {
  /** `kind` is the kind of what was given up. */
  async index({ auth, request, response }: HttpContext) {
    const { kind, ...listing } = await gapListingValidator.validate(request.qs())
    const query = visibleEvictions(auth.use('api').getUserOrFail())
    if (kind) {
      query.where('evicted_kind', kind)
    }
    const { rows, next } = await keysetPage(query, listing, request)
    return pageAnswer(response, rows.map(evictionJson), next)
  }
}
