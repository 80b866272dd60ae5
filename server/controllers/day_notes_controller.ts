import { E_NOT_FOUND } from '#exceptions/api_errors'
import { answerContest, removeNote, writeNote } from '#services/day_notes'
import { personWithDaysFor } from '#services/people'
import { requirePurpose } from '#services/purpose'
import { isDay } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { momentOfDay } from '#services/timeline/day_page'
import { answerValidator, dayNoteValidator } from '#validators/days'
import type { HttpContext } from '@adonisjs/core/http'

/** What a person says about a day of their own, and what is answered. */
export default class DayNotesController {
  async store({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const day = dayOf(params)
    const { kind, text, about } = await request.validateUsing(dayNoteValidator)
    const aboutAt = about ? momentOfDay(await calendarOf(user), day, about) : null
    const actor = { user, address: request.ip() }
    const outcome = await writeNote(actor, user, day, { kind, text, aboutAt })
    if (outcome === 'full') {
      session.flash('error', 'This day holds no more notes: take one back first')
    }
    return response.redirect(`/me/days/${day}#notes`)
  }

  async destroy({ auth, params, request, response }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const day = dayOf(params)
    await removeNote({ user, address: request.ip() }, user, day, params.note)
    return response.redirect(`/me/days/${day}#notes`)
  }

  async answer({ auth, params, request, response }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const person = await personWithDaysFor(user, params.id)
    const day = dayOf(params)
    if (person.id === user.id) {
      throw new E_NOT_FOUND()
    }
    await requirePurpose(user, person.id)
    const { answer } = await request.validateUsing(answerValidator)
    await answerContest({ user, address: request.ip() }, person, day, { id: params.note, answer })
    return response.redirect(`/people/${person.id}/days/${day}#notes`)
  }
}

function dayOf({ date }: { readonly date?: unknown }): string {
  if (!isDay(date)) {
    throw new E_NOT_FOUND()
  }
  return date
}
