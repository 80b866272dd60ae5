import type User from '#models/user'
import { recordChange } from '#services/audit'
import { twoFactorRoles } from '#services/settings'
import {
  makeRecoveryCodes,
  makeTwoFactorSecret,
  otpauthUrl,
  passes,
  recoveryCodesLeft,
  stepOf,
  turnOff,
  turnOn,
} from '#services/two_factor'
import { codeValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'
import encryption from '@adonisjs/core/services/encryption'
import db from '@adonisjs/lucid/services/db'
import { renderSVG } from 'uqr'

/** One's own second factor. */
export default class TwoFactorController {
  async show({ auth, session, view }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const isEnforced = (await twoFactorRoles()).includes(user.role)
    const codes: string[] | undefined = session.flashMessages.get('recovery_codes')
    if (user.twoFactorAt) {
      const left = await recoveryCodesLeft(user)
      return view.render('pages/settings/two_factor', { isOn: true, isEnforced, codes, left })
    }
    const secret = secretOf(session) ?? makeTwoFactorSecret()
    session.put('two_factor_secret', encryption.encrypt(secret))
    const qr = renderSVG(otpauthUrl(user.email, secret), { border: 2 })
    return view.render('pages/settings/two_factor', { isOn: false, isEnforced, secret, qr })
  }

  /** The first code proves that the app has the secret. */
  async store({ auth, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const { code } = await request.validateUsing(codeValidator)
    const secret = secretOf(session)
    const step = secret ? stepOf(secret, code.replace(/\s/g, '')) : null
    if (!secret || step === null || user.twoFactorAt) {
      session.flash('error', 'This code is not the one the app shows now. Try the next one.')
      return response.redirect().toRoute('two_factor.show')
    }
    const codes = await db.transaction(async (trx) => {
      const actor = { user, address: request.ip() }
      await recordChange(trx, actor, 'user.two_factor_on', objectOf(user))
      return turnOn(trx, user, secret, step)
    })
    session.forget('two_factor_secret')
    session.flash('recovery_codes', codes)
    return response.redirect().toRoute('two_factor.show')
  }

  /** New recovery codes, for a code of the app or one of the old ones. */
  async update({ auth, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const { code } = await request.validateUsing(codeValidator)
    if (await passes(user, code)) {
      const codes = await db.transaction(async (trx) => {
        const actor = { user, address: request.ip() }
        await recordChange(trx, actor, 'user.recovery_codes', objectOf(user))
        return makeRecoveryCodes(trx, user)
      })
      session.flash('recovery_codes', codes)
    } else {
      session.flash('error', 'This code is not right, or was used.')
    }
    return response.redirect().toRoute('two_factor.show')
  }

  async destroy({ auth, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const { code } = await request.validateUsing(codeValidator)
    if (await passes(user, code)) {
      await db.transaction(async (trx) => {
        const actor = { user, address: request.ip() }
        await recordChange(trx, actor, 'user.two_factor_off', objectOf(user))
        await turnOff(trx, user)
      })
      session.flash('success', 'You sign in with your password alone now')
    } else {
      session.flash('error', 'This code is not right, or was used.')
    }
    return response.redirect().toRoute('two_factor.show')
  }
}

const objectOf = (user: User) => ({ type: 'user', id: user.id, personId: user.id })

function secretOf(session: HttpContext['session']): string | null {
  return encryption.decrypt<string>(session.get('two_factor_secret', ''))
}
