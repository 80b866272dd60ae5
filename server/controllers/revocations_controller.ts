import { revokeAgent } from '#services/revocation'
import { visibleAgent } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'

/** Ends what an agent may do: its tokens are gone, its spool stays on the computer. */
export default class RevocationsController {
  async store({ auth, params, response, session }: HttpContext) {
    const agent = await visibleAgent(auth.use('web').getUserOrFail(), params.id)
    await revokeAgent(agent)
    session.flash('success', `${agent.name} is revoked`)
    return response.redirect().toRoute('agents.show', { id: agent.id })
  }
}
