import { activityValidators } from '#contract/activity'
import { LIMITS } from '#contract/limits'
import { E_INVALID } from '#exceptions/api_errors'
import { ingestEvent } from '#services/ingest'
import { readJson } from '#services/json_body'
import { joinedPage } from '#services/joined_activities'
import { keysetPage, pageAnswer } from '#services/keyset'
import { answerResult } from '#services/observation_answer'
import { activityJson, joinedActivityJson } from '#services/presentation'
import { oneOf, visibleActivities } from '#services/visible'
import { activityListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What was in front and whether the person was there. */
export default class ActivitiesController {
  async index({ auth, request, response }: HttpContext) {
    const { merged, kind, ...listing } = await activityListingValidator.validate(request.qs())
    const query = visibleActivities(auth.use('api').getUserOrFail())
    if (kind) {
      query.where('kind', kind)
    }
    if (!merged) {
      const { rows, next } = await keysetPage(query, listing, request)
      return pageAnswer(response, rows.map(activityJson), next)
    }
    if (!listing.agent || !kind) {
      throw new E_INVALID('Events are merged for one agent and one kind: name both', {
        field: listing.agent ? 'kind' : 'agent',
      })
    }
    const { joined, next } = await joinedPage(query, listing, request)
    return pageAnswer(response, joined.map(joinedActivityJson), next)
  }

  async store(ctx: HttpContext) {
    const body = await readJson(ctx, LIMITS.batchBytes)
    const { kind } = body as { kind?: unknown }
    if (kind !== 'window' && kind !== 'presence') {
      throw new E_INVALID('The kind must be window or presence', { field: 'kind' })
    }
    const activity = await activityValidators[kind].validate(body)
    const agent = ctx.auth.use('agent').getUserOrFail()
    return answerResult(ctx.response, await ingestEvent(agent, activity))
  }

  async show({ auth, params }: HttpContext) {
    const viewer = auth.use('api').getUserOrFail()
    return activityJson(await oneOf(visibleActivities(viewer), params.id))
  }
}
