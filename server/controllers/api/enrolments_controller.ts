import { enrolmentValidator } from '#contract/enrolment'
import { enrol, enrolmentAnswer } from '#services/enrolment'
import type { HttpContext } from '@adonisjs/core/http'

/** Exchanges a code for an agent's identity. */
export default class EnrolmentsController {
  async store({ request, response }: HttpContext) {
    const enrolled = await enrol(await enrolmentValidator.validate(request.body()))
    return response.created(await enrolmentAnswer(enrolled))
  }
}
