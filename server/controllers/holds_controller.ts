import User from '#models/user'
import { createHold, listHolds, releaseHold } from '#services/retention/holds'
import { filled, holdFilterValidator, holdValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** What is kept from retention and from deletion, and why. */
export default class HoldsController {
  async index({ request, view }: HttpContext) {
    const [, filter] = await holdFilterValidator.tryValidate(filled(request.qs()))
    const { person = null, state = null } = filter ?? {}
    return view.render('pages/settings/holds', {
      holds: await listHolds({ person, state }),
      people: await User.query().orderBy('full_name').limit(500),
      filter: { person, state },
      isFiltered: Boolean(person || state),
      forever: Number.MAX_SAFE_INTEGER,
    })
  }

  async store({ auth, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const { person_id: id, from, to, reason } = await request.validateUsing(holdValidator)
    const person = await User.find(id)
    const span = {
      from: from ? startOf(from, user) : 0,
      until: to ? startOf(to, user, 1) - 1 : Number.MAX_SAFE_INTEGER,
    }
    if (!person || span.from > span.until) {
      session.flash('error', person ? 'The span ends before it begins' : 'There is no such person')
    } else {
      await createHold({ user, address: request.ip() }, person.id, { ...span, reason })
      session.flash('success', `What was captured of ${person.fullName} is held`)
    }
    return response.redirect().toRoute('holds.index')
  }

  async destroy({ auth, params, request, response, session }: HttpContext) {
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    const isReleased = await releaseHold(actor, Number(params.id))
    session.flash(
      isReleased ? 'success' : 'error',
      isReleased ? 'Released: retention goes on' : 'It was released before'
    )
    return response.redirect().toRoute('holds.index')
  }
}

/** The first moment of a day of the viewer, or of one after it, in milliseconds. */
function startOf(day: string, viewer: User, later = 0): number {
  return DateTime.fromISO(day, { zone: viewer.timeZone }).plus({ days: later }).toMillis()
}
