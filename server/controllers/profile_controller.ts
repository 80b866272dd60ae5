import User from '#models/user'
import { setPassword, updateAccount } from '#services/accounts'
import { endSessions, remembering, sessionsOf } from '#services/browser_sessions'
import { browserWords } from '#services/browser_words'
import { passwordValidator, profileValidator } from '#validators/accounts'
import hash from '@adonisjs/core/services/hash'
import type { HttpContext } from '@adonisjs/core/http'

/** One's own account: name, zone, password, and where one is signed in. */
export default class ProfileController {
  async show(ctx: HttpContext) {
    const user = ctx.auth.use('web').getUserOrFail()
    const sessions = await sessionsOf(user, ctx.session.sessionId)
    const remembered = await remembering(user, ctx)
    return ctx.view.render('pages/settings/profile', { user, sessions, remembered, browserWords })
  }

  async update({ auth, request, response, session }: HttpContext) {
    const { name, time_zone: timeZone } = await request.validateUsing(profileValidator)
    const user = auth.use('web').getUserOrFail()
    await updateAccount({ user, address: request.ip() }, user.id, { fullName: name, timeZone })
    session.flash('success', 'Saved')
    return response.redirect().toRoute('profile.show')
  }

  async password({ auth, request, response, session }: HttpContext) {
    const { current, password } = await request.validateUsing(passwordValidator)
    const user = await User.findOrFail(auth.use('web').getUserOrFail().id)
    if (await hash.use('scrypt').verify(user.password, current)) {
      const actor = { user, address: request.ip() }
      await setPassword(actor, user, password, session.sessionId)
      session.flash('success', 'The password is changed; you are signed out everywhere else')
    } else {
      session.flash('error', 'The current password is not right.')
    }
    return response.redirect().toRoute('profile.show')
  }

  /** Ends one session, or all but this one. */
  async endSession({ auth, params, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const which = params.key === 'others' ? {} : { key: String(params.key) }
    const count = await endSessions(user, { ...which, spared: session.sessionId })
    session.flash('success', count === 1 ? 'One session is ended' : `${count} sessions are ended`)
    return response.redirect().toRoute('profile.show')
  }
}
