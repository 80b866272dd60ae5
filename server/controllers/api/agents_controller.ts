import Agent, { INGEST } from '#models/agent'
import User from '#models/user'
import { E_INVALID } from '#exceptions/api_errors'
import { missingRanges } from '#services/gap_report'
import { agentJson } from '#services/presentation'
import { visibleAgent } from '#services/visible'
import { agentValidator } from '#validators/agent'
import type { HttpContext } from '@adonisjs/core/http'

/** Machines that observe. */
export default class AgentsController {
  async index({ auth }: HttpContext) {
    const agents = await Agent.query()
      .withScopes((scopes) => scopes.visibleTo(auth.use('api').getUserOrFail()))
      .preload('person')
      .orderBy('id')
    return { data: agents.map((agent) => agentJson(agent)), next: null }
  }

  /** Makes an agent by hand, for machines that are set up by a script; its token is shown once. */
  async store({ request, response }: HttpContext) {
    const { person_id: personId, ...details } = await agentValidator.validate(request.body())
    if (personId && !(await User.find(personId))) {
      throw new E_INVALID(`There is no person ${personId}`, { field: 'person_id' })
    }
    const agent = await Agent.create({
      ...details,
      host: details.host ?? details.name,
      platform: details.platform ?? 'unknown',
      agentVersion: 'unknown',
      personId: personId ?? null,
    })
    const token = await Agent.accessTokens.create(agent, [INGEST])
    await agent.load('person')
    return response.created({ ...agentJson(agent), token: token.value?.release() })
  }

  async show({ auth, params }: HttpContext) {
    return agentJson(await visibleAgent(auth.use('api').getUserOrFail(), Number(params.id)))
  }

  /** What has not arrived from this agent. */
  async gaps({ auth, params }: HttpContext) {
    const agent = await visibleAgent(auth.use('api').getUserOrFail(), Number(params.id))
    return { agent_id: agent.id, missing: await missingRanges(agent.id) }
  }
}
