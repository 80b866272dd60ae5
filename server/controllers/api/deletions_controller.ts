import { keysetPage, pageAnswer } from '#services/keyset'
import { deletionJson } from '#services/presentation'
import { visibleDeletions } from '#services/visible'
import { gapListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What was deleted here on purpose. */
export default class DeletionsController {
  async index({ auth, request, response }: HttpContext) {
    const { kind, ...listing } = await gapListingValidator.validate(request.qs())
    const query = visibleDeletions(auth.use('api').getUserOrFail())
    if (kind) {
      query.where('kind', kind)
    }
    const { rows, next } = await keysetPage(query, listing, request)
    return pageAnswer(response, rows.map(deletionJson), next)
  }
}
