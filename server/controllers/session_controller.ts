import User from '#models/user'
import { beginSession, endThisSession, type Challenge } from '#services/browser_sessions'
import { loginAttempts } from '#start/limiter'
import { credentialsValidator } from '#validators/session'
import { errors } from '@adonisjs/auth'
import type { HttpContext } from '@adonisjs/core/http'

/** One sentence for every reason, so that it tells nobody which accounts exist. */
const REFUSED = 'E-mail or password is not right.'

/** Signing in and out in a browser. */
export default class SessionController {
  create({ view }: HttpContext) {
    return view.render('pages/sessions/create')
  }

  async store(ctx: HttpContext) {
    const {
      email,
      password,
      remember = false,
    } = await ctx.request.validateUsing(credentialsValidator)
    const key = `login_${ctx.request.ip()}_${email.toLowerCase()}`
    const [throttled, user] = await loginAttempts
      .penalize(key, () => verify(email, password))
      .catch(wrongCredentials)
    if (throttled) {
      ctx.session.flash('wait', throttled.response.availableIn)
      return refuse(ctx, 'Too many attempts.')
    }
    if (!user) {
      return refuse(ctx, REFUSED)
    }
    if (user.twoFactorAt) {
      const challenge: Challenge = { user: user.id, at: Date.now(), remember }
      ctx.session.put('challenge', challenge)
      return ctx.response.redirect().toRoute('challenges.create')
    }
    const returnTo: string = ctx.session.pull('return_to', '/')
    await beginSession(ctx, user, 'password', remember)
    return ctx.response.redirect(returnTo)
  }

  async destroy(ctx: HttpContext) {
    await endThisSession(ctx)
    return ctx.response.redirect().toRoute('session.create')
  }
}

/** The user of the credentials; throws when they are wrong, because that is what counts as an attempt. */
async function verify(email: string, password: string): Promise<User> {
  const user = await User.verifyCredentials(email, password)
  if (user.isDisabled) {
    throw new errors.E_INVALID_CREDENTIALS('This account is disabled')
  }
  return user
}

function wrongCredentials(error: unknown): [null, null] {
  if (error instanceof errors.E_INVALID_CREDENTIALS) {
    return [null, null]
  }
  throw error
}

function refuse({ response, session }: HttpContext, sentence: string) {
  session.flash('error', sentence)
  session.flashOnly(['email'])
  return response.redirect().toRoute('session.create')
}
