import { personOfLink, setPassword, updateAccount, useLink } from '#services/accounts'
import { beginSession } from '#services/browser_sessions'
import { invitationValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'

/** The first visit of somebody who was invited. */
export default class InvitationsController {
  async show({ params, view }: HttpContext) {
    const person = await personOfLink(String(params.key), 'invitation')
    return view.render('pages/sessions/invitation', { person, key: params.key })
  }

  async update(ctx: HttpContext) {
    const { params, request, response, session } = ctx
    const key = String(params.key)
    const form = await request.validateUsing(invitationValidator)
    const person = await personOfLink(key, 'invitation')
    if (!person || !(await useLink(key, 'invitation'))) {
      session.flash('error', 'This invitation was used already, or is over. Ask for a new one.')
      return response.redirect().toRoute('session.create')
    }
    const actor = { user: person, address: request.ip() }
    await updateAccount(actor, person.id, { fullName: form.name, timeZone: form.time_zone })
    await person.refresh()
    await setPassword(actor, person, form.password)
    await beginSession(ctx, person, 'invitation')
    return response.redirect().toRoute('overview')
  }
}
