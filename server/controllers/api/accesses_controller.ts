import AuditEntry from '#models/audit_entry'
import { newestPage, pageAnswer } from '#services/keyset'
import { accessJson } from '#services/presentation'
import { numberedListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Who looked at what is kept of oneself. */
export default class AccessesController {
  async index({ auth, request, response }: HttpContext) {
    const listing = await numberedListingValidator.validate(request.qs())
    const looks = AuditEntry.query()
      .withScopes((scopes) => scopes.looks())
      .where('person_id', auth.use('api').getUserOrFail().id)
      .preload('viewer')
    const { rows, next } = await newestPage(looks, listing, request)
    return pageAnswer(response, rows.map(accessJson), next)
  }
}
