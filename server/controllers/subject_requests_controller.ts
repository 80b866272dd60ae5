import SubjectRequest from '#models/subject_request'
import { decide } from '#services/subject/requests'
import { decisionValidator } from '#validators/me'
import type { HttpContext } from '@adonisjs/core/http'

const SAID = {
  done: ['success', 'Approved, and done'],
  held: [
    'success',
    'Approved, and done, but for what a hold keeps; the receipt says what, and why',
  ],
  refused: ['success', 'Refused; the person reads your answer'],
  own: ['error', 'Somebody else has to decide on a request of your own'],
  unexplained: ['error', 'Say why it is refused; the person reads it'],
  decided: ['error', 'This was decided already'],
} as const

/** Requests of people about their data, for those who answer for it. */
export default class SubjectRequestsController {
  async index({ view }: HttpContext) {
    const requests = await SubjectRequest.query()
      .whereNot('kind', 'export')
      .preload('person')
      .preload('decider')
      .orderByRaw("case state when 'open' then 0 when 'approved' then 1 else 2 end")
      .orderBy('due_at')
      .limit(200)
    return view.render('pages/subject_requests/index', { requests, now: Date.now() })
  }

  async update({ auth, params, request, response, session }: HttpContext) {
    const { decision, answer } = await request.validateUsing(decisionValidator)
    const asked = await SubjectRequest.findOrFail(params.id)
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    const [kind, text] = SAID[await decide(asked, actor, { decision, answer: answer ?? null })]
    session.flash(kind, text)
    return response.redirect().toRoute('subject_requests.index')
  }
}
