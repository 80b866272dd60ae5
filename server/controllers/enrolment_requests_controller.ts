import { E_INVALID, E_NOT_FOUND, E_TOO_MANY_REQUESTS } from '#exceptions/api_errors'
import type EnrolmentRequest from '#models/enrolment_request'
import User from '#models/user'
import {
  confirmRequest,
  refuseRequest,
  requestOfCode,
  type Answered,
} from '#services/enrolment_requests'
import { arrivalWith } from '#services/arrival'
import { requestGuesses } from '#start/limiter'
import { confirmationValidator, typedCodeValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Computers that ask to be let in: somebody compares the code, says whose it is, or says no. */
export default class EnrolmentRequestsController {
  async index({ request, response, view }: HttpContext) {
    const [, typed] = await typedCodeValidator.tryValidate(request.qs())
    if (typed?.code) {
      return response.redirect().toRoute('enrolment_requests.show', { code: typed.code })
    }
    return view.render('pages/enrol/index', { unknown: false })
  }

  async show(ctx: HttpContext) {
    const { response, view } = ctx
    const asked = await requestOf(ctx)
    const now = Date.now()
    const standing = asked?.stateAt(now) ?? 'over'
    if (!asked || standing === 'over') {
      response.status(404)
      return view.render('pages/enrol/index', { unknown: true })
    }
    const codeId = standing === 'confirmed' ? asked.enrolmentCodeId : null
    const people = await User.query().whereNull('disabled_at').orderBy('full_name')
    const arrival = codeId ? await arrivalWith(codeId) : { arrived: null, expired: false }
    return view.render('pages/enrol/show', { asked, standing, people, codeId, ...arrival })
  }

  async confirm(ctx: HttpContext) {
    const { request } = ctx
    const { person_id: personId } = await request.validateUsing(confirmationValidator)
    const asked = await theRequestOf(ctx)
    const person = personId
      ? await User.query().where('id', personId).whereNull('disabled_at').first()
      : null
    if (personId && !person) {
      throw new E_INVALID('Nobody who can have a computer has this number', { field: 'person_id' })
    }
    return answered(ctx, asked, await confirmRequest(asked, person, actorOf(ctx)))
  }

  async refuse(ctx: HttpContext) {
    const asked = await theRequestOf(ctx)
    return answered(ctx, asked, await refuseRequest(asked, actorOf(ctx)))
  }
}

function actorOf({ auth, request }: HttpContext) {
  return { user: auth.use('web').getUserOrFail(), address: request.ip() }
}

const REFUSALS: Readonly<Record<Exclude<Answered, 'done'>, string>> = {
  'over': 'This request was answered before, or is over.',
  'other person': 'The computer asks for somebody else than you picked. Nothing was confirmed.',
}

function answered({ response, session }: HttpContext, asked: EnrolmentRequest, how: Answered) {
  if (how !== 'done') {
    session.flash('error', REFUSALS[how])
  }
  return response.redirect().toRoute('enrolment_requests.show', { code: asked.shownCode })
}

async function theRequestOf(ctx: HttpContext): Promise<EnrolmentRequest> {
  const asked = await requestOf(ctx)
  if (!asked) {
    throw new E_NOT_FOUND()
  }
  return asked
}

/**
 * The request of the code in the address. Codes that are none count for who asks and from where: after
 * ten of them none is looked up for a while, with E_TOO_MANY_REQUESTS.
 */
async function requestOf({ auth, params, request }: HttpContext): Promise<EnrolmentRequest | null> {
  const keys = [`enrol_user_${auth.use('web').getUserOrFail().id}`, `enrol_address_${request.ip()}`]
  for (const key of keys) {
    if (await requestGuesses.isBlocked(key)) {
      throw new E_TOO_MANY_REQUESTS('Too many codes that are none; wait ten minutes')
    }
  }
  const asked = await requestOfCode(String(params.code))
  if (!asked) {
    for (const key of keys) {
      await requestGuesses.increment(key)
    }
  }
  return asked
}
