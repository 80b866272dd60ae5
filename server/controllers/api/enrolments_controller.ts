import { enrolmentValidator, type EnrolmentAnswer } from '#contract/enrolment'
import { enrol } from '#services/enrolment'
import type { HttpContext } from '@adonisjs/core/http'

/** Exchanges a code for an agent's identity. */
export default class EnrolmentsController {
  async store({ request, response }: HttpContext) {
    const { agent, token, seq } = await enrol(await enrolmentValidator.validate(request.body()))
    await agent.load('person')
    const answer: EnrolmentAnswer = {
      agent: {
        id: agent.id,
        name: agent.name,
        site: agent.site,
        person: agent.person?.fullName ?? null,
      },
      token: token.value?.release() ?? '',
      seq,
    }
    return response.created(answer)
  }
}
