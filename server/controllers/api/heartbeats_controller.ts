import { heartbeatValidator } from '#contract/heartbeat'
import { LIMITS } from '#contract/limits'
import { E_NOT_FOUND } from '#exceptions/api_errors'
import { ingestEvent } from '#services/ingest'
import { readJson } from '#services/json_body'
import { keysetPage } from '#services/keyset'
import { answerResult } from '#services/observation_answer'
import { heartbeatJson } from '#services/presentation'
import { visibleHeartbeats } from '#services/visible'
import { listingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Signs of life of the agents. */
export default class HeartbeatsController {
  async index({ auth, request }: HttpContext) {
    const listing = await listingValidator.validate(request.qs())
    const query = visibleHeartbeats(auth.use('api').getUserOrFail())
    const { rows, next } = await keysetPage(query, listing, request)
    return { data: rows.map(heartbeatJson), next }
  }

  async store(ctx: HttpContext) {
    const heartbeat = await heartbeatValidator.validate(await readJson(ctx, LIMITS.batchBytes))
    const agent = ctx.auth.use('agent').getUserOrFail()
    return answerResult(ctx.response, await ingestEvent(agent, heartbeat))
  }

  async show({ auth, params }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    const heartbeat = await visibleHeartbeats(viewer).where('id', params.id).first()
    if (!heartbeat) {
      throw new E_NOT_FOUND()
    }
    return heartbeatJson(heartbeat)
  }
}
