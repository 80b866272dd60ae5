import { revokeAgent } from '#services/revocation'
import { visibleAgent } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'

/** Ends what an agent may do: its tokens are gone, its spool stays on the computer. */
export default class RevocationsController {
  async store({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const agent = await visibleAgent(user, params.id)
    await revokeAgent(agent, { user, address: request.ip() })
    session.flash('success', `${agent.name} is revoked`)
    return response.redirect().toRoute('agents.show', { id: agent.id })
  }
}
