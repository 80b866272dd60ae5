import SignInLink from '#models/sign_in_link'
import { beginSession } from '#services/browser_sessions'
import { hashSecret } from '#services/secrets'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'

/** The first visit: a link that signs in once. */
export default class WelcomeController {
  async show(ctx: HttpContext) {
    const { request, response, session } = ctx
    const { key = '' } = request.qs()
    const user = await this.#redeem(String(key).slice(0, 128))
    if (!user) {
      session.flash(
        'error',
        'This link was used already, or is older than 15 minutes. Sign in, or run npm start again for a new one.'
      )
      return response.redirect().toRoute('session.create')
    }
    await beginSession(ctx, user, 'link')
    session.put('welcome', true)
    return response.redirect().toRoute('overview')
  }

  /** Takes the first-run card off the overview. */
  dismiss({ response, session }: HttpContext) {
    session.forget('welcome')
    return response.redirect().toRoute('overview')
  }

  /** The user of a key that was not used before: of two requests with it, one wins. */
  async #redeem(key: string) {
    const now = Date.now()
    const taken = await db
      .from('sign_in_links')
      .where({ hash: hashSecret(key), purpose: 'sign_in' })
      .whereNull('used_at')
      .where('expires_at', '>', now)
      .update({ used_at: now })
    if (Number(taken) !== 1) {
      return null
    }
    const link = await SignInLink.query()
      .where('hash', hashSecret(key))
      .preload('user')
      .firstOrFail()
    return link.user.isDisabled ? null : link.user
  }
}
