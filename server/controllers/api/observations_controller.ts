import { LIMITS } from '#contract/limits'
import { eventRoutes } from '#services/event_routes'
import { readJson } from '#services/json_body'
import { send } from '#services/observation_answer'
import type { HttpContext } from '@adonisjs/core/http'

/** Takes up to a hundred events at once and answers for each. */
export default class ObservationsController {
  async store(ctx: HttpContext) {
    const body = await readJson(ctx.request.request, LIMITS.batchBytes)
    const agent = ctx.auth.use('agent').getUserOrFail()
    return send(ctx.response, await eventRoutes.observations(agent, body))
  }
}
