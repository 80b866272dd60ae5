import { batchValidator } from '#contract/batch'
import { LIMITS } from '#contract/limits'
import { ingestEvents } from '#services/ingest'
import { readJson } from '#services/json_body'
import type { HttpContext } from '@adonisjs/core/http'

/** Takes up to a hundred events at once and answers for each. */
export default class ObservationsController {
  async store(ctx: HttpContext) {
    const agent = ctx.auth.use('agent').getUserOrFail()
    const { observations } = await batchValidator.validate(await readJson(ctx, LIMITS.batchBytes))
    return ctx.response.ok({ results: await ingestEvents(agent, observations) })
  }
}
