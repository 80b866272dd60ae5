import Agent from '#models/agent'
import { organisationZone } from '#services/organisation'
import { postedNotice } from '#services/transparency'
import type { HttpContext } from '@adonisjs/core/http'

/** What is captured here, for everybody, signed in or not. */
export default class TransparencyController {
  async show({ auth, session, view }: HttpContext) {
    const guard = auth.use('web')
    // a remembered browser is signed in by a page that asks who one is
    const isHere = session.has(guard.sessionKeyName) && (await guard.check())
    if (isHere && !guard.getUserOrFail().isDisabled) {
      const viewer = guard.getUserOrFail()
      view.share({ viewer, zone: viewer.timeZone })
    } else {
      view.share({ zone: await organisationZone() })
    }
    const agents = await Agent.query().whereNull('revoked_at').whereNotNull('last_seen_at')
    const reporting = agents.filter((agent) => agent.presenceAt(Date.now()) === 'online').length
    return view.render('pages/transparency', { reporting, ...(await postedNotice()) })
  }
}
