import User from '#models/user'
import { personOfLink, setPassword, useLink } from '#services/accounts'
import { forgottenValidator, newPasswordValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'

/** A forgotten password: somebody asks here, an admin passes a link on, the link takes a new one. */
export default class PasswordResetsController {
  create({ view }: HttpContext) {
    return view.render('pages/sessions/forgotten')
  }

  /** The same answer whether there is such an account or not. */
  async store({ request, response, session }: HttpContext) {
    const { email } = await request.validateUsing(forgottenValidator)
    await User.query()
      .where('email', email)
      .whereNull('disabled_at')
      .update({ reset_asked_at: Date.now() })
    session.flash(
      'success',
      'If there is an account of this address, whoever runs WorkSight here sees that you asked and can give you a link.'
    )
    return response.redirect().toRoute('password_resets.create')
  }

  async show({ params, view }: HttpContext) {
    const person = await personOfLink(String(params.key), 'reset')
    return view.render('pages/sessions/reset', { person, key: params.key })
  }

  async update({ params, request, response, session }: HttpContext) {
    const key = String(params.key)
    const { password } = await request.validateUsing(newPasswordValidator)
    const person = await personOfLink(key, 'reset')
    if (!person || !(await useLink(key, 'reset'))) {
      session.flash('error', 'This link was used already, or is over. Ask for a new one.')
    } else {
      await setPassword({ user: person, address: request.ip() }, person, password)
      session.flash('success', 'The password is changed. Sign in with it.')
    }
    return response.redirect().toRoute('session.create')
  }
}
