import { LIMITS } from '#contract/limits'
import Heartbeat from '#models/heartbeat'
import { eventRoutes } from '#services/event_routes'
import { readJson } from '#services/json_body'
import { keysetPage, pageAnswer } from '#services/keyset'
import { send } from '#services/observation_answer'
import { heartbeatJson } from '#services/presentation'
import { agentsSeenBy, oneOf, visibleHeartbeats } from '#services/visible'
import { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Heartbeats of the agents. */
export default class HeartbeatsController {
  async index({ auth, request, response }: HttpContext) {
    const listing = await listingValidator.validate(request.qs())
    const agents = agentsSeenBy(auth.use('api').getUserOrFail())
    const { rows, next } = await keysetPage({ model: Heartbeat, agents }, listing, request)
    return pageAnswer(response, rows.map(heartbeatJson), next)
  }

  async store(ctx: HttpContext) {
    const body = await readJson(ctx.request.request, LIMITS.batchBytes)
    const agent = ctx.auth.use('agent').getUserOrFail()
    return send(ctx.response, await eventRoutes.heartbeats(agent, body))
  }

  async show({ auth, params }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    return heartbeatJson(await oneOf(visibleHeartbeats(viewer), params.id))
  }
}
