import { LIMITS } from '#contract/limits'
import { E_INVALID, E_ON_HOLD } from '#exceptions/api_errors'
import Activity from '#models/activity'
import Agent from '#models/agent'
import type User from '#models/user'
import { noteVisit, noteVisits } from '#services/access_log'
import { deleteActivity } from '#services/activity_removal'
import { purposeOfRequest, takePurposeOfDays } from '#services/api_purpose'
import { eventRoutes } from '#services/event_routes'
import { readJson } from '#services/json_body'
import { joinedPage } from '#services/joined_activities'
import { keysetPage, pageAnswer, type Listing } from '#services/keyset'
import type { Condition } from '#services/newest'
import { send } from '#services/observation_answer'
import { peopleWithDaysFor } from '#services/people'
import { activityJson, joinedActivityJson } from '#services/presentation'
import { agentsWithPurposeFor, oneOf, visibleActivities } from '#services/visible'
import { activityListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** What was in front and whether the person was there. */
export default class ActivitiesController {
  /** Of others, with a purpose; who stands in the list reads that it was looked at. */
  async index(ctx: HttpContext) {
    const { auth, request, response } = ctx
    const { merged, kind, ...listing } = await activityListingValidator.validate(request.qs())
    const viewer = auth.use('api').getUserOrFail()
    const person = await personOf(viewer, listing)
    if (person) {
      await noteLook(ctx, viewer, person, 'list')
    } else if (!listing.agent && !listing.person) {
      await takePurposeOfDays(ctx, viewer, listing.team)
    }
    const conditions: Condition[] = kind ? [['kind', '=', kind]] : []
    const listed = { model: Activity, agents: agentsWithPurposeFor(viewer), conditions }
    if (!merged) {
      const { rows, next } = await keysetPage(listed, listing, request)
      if (!person) {
        await noteVisits(viewer, await peopleOf(rows), 'activities', 'list', request.ip())
      }
      return pageAnswer(response, rows.map(activityJson), next)
    }
    if (!listing.agent || !kind) {
      throw new E_INVALID('Events are merged for one agent and one kind: name both', {
        field: listing.agent ? 'kind' : 'agent',
      })
    }
    const { joined, next } = await joinedPage(listed, listing, request)
    return pageAnswer(response, joined.map(joinedActivityJson), next)
  }

  async store(ctx: HttpContext) {
    const body = await readJson(ctx.request.request, LIMITS.batchBytes)
    const agent = ctx.auth.use('agent').getUserOrFail()
    return send(ctx.response, await eventRoutes.activities(agent, body))
  }

  async show(ctx: HttpContext) {
    const viewer = ctx.auth.use('api').getUserOrFail()
    const activity = await seen(viewer, ctx.params.id)
    if (activity.agent.person) {
      await noteLook(ctx, viewer, activity.agent.person, activity.id)
    }
    return activityJson(activity)
  }

  async destroy({ auth, params, request, response }: HttpContext) {
    const user = auth.use('api').getUserOrFail()
    const activity = await seen(user, params.id)
    if ((await deleteActivity({ user, address: request.ip() }, activity)) === 'held') {
      throw new E_ON_HOLD()
    }
    return response.noContent()
  }
}

/** An event that `viewer` may see, with its agent and person. */
function seen(viewer: User, id: string): Promise<Activity> {
  return oneOf(
    visibleActivities(viewer).preload('agent', (agents) => agents.preload('person')),
    id
  )
}

/** Whose the events of a list are. */
async function peopleOf(rows: readonly Activity[]): Promise<number[]> {
  const ids = [...new Set(rows.map(({ agentId }) => agentId))]
  const agents = await Agent.query().whereIn('id', ids).select('person_id')
  return agents.flatMap(({ personId }) => personId ?? [])
}

/** Whose activities are asked for, where it is one person who may be seen. */
async function personOf(viewer: User, { agent, person }: Listing): Promise<User | null> {
  const one = agent ? (await Agent.find(agent))?.personId : person
  return one ? peopleWithDaysFor(viewer).where('users.id', one).first() : null
}

async function noteLook(ctx: HttpContext, viewer: User, person: User, object: string) {
  await purposeOfRequest(ctx, viewer, person.id)
  await noteVisit(viewer, person, 'activities', object, ctx.request.ip())
}
