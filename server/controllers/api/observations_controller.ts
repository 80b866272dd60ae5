import { batchValidator } from '#contract/batch'
import { ingestEvents } from '#services/ingest'
import type { HttpContext } from '@adonisjs/core/http'

/** Takes up to a hundred events at once and answers for each. */
export default class ObservationsController {
  async store({ auth, request, response }: HttpContext) {
    const agent = auth.use('agent').getUserOrFail()
    const { observations } = await batchValidator.validate(request.body())
    return response.ok({ results: await ingestEvents(agent, observations) })
  }
}
