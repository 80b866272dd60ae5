import db from '@adonisjs/lucid/services/db'
import { recordChange } from '#services/audit'
import Agent, { INGEST } from '#models/agent'
import User from '#models/user'
import { E_INVALID } from '#exceptions/api_errors'
import { missingRanges } from '#services/gap_report'
import { numberedPage, pageAnswer } from '#services/keyset'
import { agentJson } from '#services/presentation'
import { revokeAgent } from '#services/revocation'
import { visibleAgent } from '#services/visible'
import { agentValidator } from '#validators/agent'
import { agentListingValidator } from '#validators/listing'
import type { HttpContext } from '@adonisjs/core/http'

/** Machines that observe. */
export default class AgentsController {
  async index({ auth, request, response }: HttpContext) {
    const { person, team, ...listing } = await agentListingValidator.validate(request.qs())
    const query = Agent.query()
      .withScopes((scopes) => scopes.visibleTo(auth.use('api').getUserOrFail()))
      .preload('person')
    if (person) {
      query.where('person_id', person)
    }
    if (team) {
      query.whereIn('person_id', (people) =>
        people.from('users').where('team_id', team).select('id')
      )
    }
    const { rows, next } = await numberedPage(query, listing, request)
    return pageAnswer(
      response,
      rows.map((agent) => agentJson(agent)),
      next
    )
  }

  /** Makes an agent by hand, for machines that are set up by a script; its token is shown once. */
  async store({ auth, request, response }: HttpContext) {
    const { person_id: personId, ...details } = await agentValidator.validate(request.body())
    if (personId && !(await User.find(personId))) {
      throw new E_INVALID(`There is no person ${personId}`, { field: 'person_id' })
    }
    const actor = { user: auth.use('api').getUserOrFail(), address: request.ip() }
    const made = {
      ...details,
      host: details.host ?? details.name,
      platform: details.platform ?? 'unknown',
      agentVersion: 'unknown',
      personId: personId ?? null,
    }
    const agent = await db.transaction(async (trx) => {
      const created = await Agent.create(made, { client: trx })
      const { id, name, site } = created
      const object = { type: 'agent', id, personId: personId ?? null, agentId: id }
      await recordChange(trx, actor, 'agent.create', object, null, { name, site })
      return created
    })
    const token = await Agent.accessTokens.create(agent, [INGEST])
    await agent.load('person')
    return response.created({ ...agentJson(agent), token: token.value?.release() })
  }

  async show({ auth, params }: HttpContext) {
    return agentJson(await visibleAgent(auth.use('api').getUserOrFail(), params.id))
  }

  /** Revokes an agent: its tokens are gone, what it observed stays. */
  async destroy({ auth, params, request, response }: HttpContext) {
    const user = auth.use('api').getUserOrFail()
    await revokeAgent(await visibleAgent(user, params.id), { user, address: request.ip() })
    return response.noContent()
  }

  /** What has not arrived from this agent. */
  async gaps({ auth, params }: HttpContext) {
    const agent = await visibleAgent(auth.use('api').getUserOrFail(), params.id)
    return { agent_id: agent.id, missing: await missingRanges(agent.id) }
  }
}
