import { personWithDaysFor } from '#services/people'
import { givePurpose } from '#services/purpose'
import { purposeValidator } from '#validators/days'
import type { HttpContext } from '@adonisjs/core/http'

/** Why one looks at a person, once a day. */
export default class PurposesController {
  async store({ auth, params, request, response }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const person = await personWithDaysFor(viewer, params.id)
    const { purpose, back } = await request.validateUsing(purposeValidator)
    await givePurpose(viewer, person.id, purpose)
    return response.redirect(back ?? `/people/${person.id}`)
  }
}
