import { peopleWithDaysFor, personWithDaysFor } from '#services/people'
import { givePicturePurpose, givePurpose, givePurposesOnce } from '#services/purpose'
import { peoplePurposeValidator, picturePurposeValidator, purposeValidator } from '#validators/days'
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

  /** One reason for people of a list; those whose days one may not see are left out. */
  async storeForPeople({ auth, request, response }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const { purpose, back, people } = await request.validateUsing(peoplePurposeValidator)
    const found = await peopleWithDaysFor(viewer)
      .whereIn('users.id', people)
      .whereNot('users.id', viewer.id)
    await givePurposesOnce(
      viewer,
      found.map(({ id }) => id),
      purpose
    )
    return response.redirect(back ?? '/people')
  }

  /** One reason for everybody whose pictures a list asks for. */
  async storeForPictures({ auth, request, response }: HttpContext) {
    const { purpose, back, ...chosen } = await request.validateUsing(picturePurposeValidator)
    await givePicturePurpose(auth.use('web').getUserOrFail(), chosen, purpose)
    return response.redirect(back ?? '/screenshots')
  }
}
