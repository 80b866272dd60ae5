import User from '#models/user'
import { recordSignIn } from '#services/audit'
import {
  beginSession,
  isRemembered,
  resumeSession,
  type Challenge,
} from '#services/browser_sessions'
import { passes, recoveryCodesLeft } from '#services/two_factor'
import { codeAttempts } from '#start/limiter'
import { codeValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'

/** How long after the password the code may come, in milliseconds. */
const PATIENCE_MS = 10 * 60_000

/** The second factor, after the password. */
export default class ChallengesController {
  async create({ response, session, view }: HttpContext) {
    if (!pending(session.get('challenge'))) {
      return response.redirect().toRoute('session.create')
    }
    return view.render('pages/sessions/challenge')
  }

  async store(ctx: HttpContext) {
    const { request, response, session } = ctx
    const challenge = pending(session.get('challenge'))
    const user = challenge && (await User.find(challenge.user))
    const remembered = challenge?.remembered ?? null
    const isForgotten = user && remembered && !(await isRemembered(user, remembered))
    if (!user || user.isDisabled || isForgotten) {
      session.forget('challenge')
      return response.redirect().toRoute('session.create')
    }
    const { code } = await request.validateUsing(codeValidator)
    const means = await this.#attempt(user, code)
    if (means === 'wrong' || means === 'wait') {
      await recordSignIn(user, 'code_refused', request.ip())
      const wait = 'Too many wrong codes. Wait five minutes.'
      session.flash('error', means === 'wait' ? wait : 'This code is not right, or was used.')
      return response.redirect().toRoute('challenges.create')
    }
    session.forget('challenge')
    const returnTo: string = session.pull('return_to', '/')
    if (remembered) {
      await resumeSession(ctx, user, means, remembered)
    } else {
      await beginSession(ctx, user, means, challenge?.remember)
    }
    if (means === 'recovery') {
      const left = await recoveryCodesLeft(user)
      session.flash('success', `A recovery code is used up; ${left} are left.`)
    }
    return response.redirect(returnTo)
  }

  /** A wrong code counts for the account, whoever types it. */
  async #attempt(user: User, code: string) {
    const key = `two_factor_${user.id}`
    if (await codeAttempts.isBlocked(key)) {
      return 'wait'
    }
    const means = await passes(user, code)
    if (means) {
      await codeAttempts.delete(key)
      return means
    }
    await codeAttempts.increment(key)
    return (await codeAttempts.remaining(key)) > 0 ? 'wrong' : await this.#block(key)
  }

  async #block(key: string) {
    await codeAttempts.block(key, '5 minutes')
    return 'wait' as const
  }
}

function pending(challenge: Challenge | undefined): Challenge | null {
  return challenge && Date.now() - challenge.at < PATIENCE_MS ? challenge : null
}
