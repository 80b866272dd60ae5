import { askForPause, pausableAgents } from '#services/pauses'
import { pauseValidator } from '#validators/me'
import type { HttpContext } from '@adonisjs/core/http'

/** A person's own breaks, asked for on the dashboard. */
export default class MePausesController {
  async show({ auth, view }: HttpContext) {
    const computers = await pausableAgents(auth.use('web').getUserOrFail())
    return view.render('pages/me/pause', { computers, now: Date.now() })
  }

  async store({ auth, request, response, session }: HttpContext) {
    const { minutes } = await request.validateUsing(pauseValidator)
    const asked = await askForPause(auth.use('web').getUserOrFail(), minutes)
    if (asked > 0) {
      session.flash('success', `Paused for ${minutes} minutes, as far as the day allows`)
    } else {
      session.flash('error', 'There is no computer of yours whose policy allows a pause')
    }
    return response.redirect().toRoute('me_pause.show')
  }

  async destroy({ auth, response, session }: HttpContext) {
    await askForPause(auth.use('web').getUserOrFail(), null)
    session.flash('success', 'It goes on; a pause begun at the computer is ended there')
    return response.redirect().toRoute('me_pause.show')
  }
}
