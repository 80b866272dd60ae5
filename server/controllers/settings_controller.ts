import { ROLES } from '#models/user'
import { recordChange } from '#services/audit'
import { setTwoFactorRoles, twoFactorRoles } from '#services/settings'
import { securityValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'

/** The entrance to settings, and who needs a second factor. */
export default class SettingsController {
  async index({ auth, view }: HttpContext) {
    const { role } = auth.use('web').getUserOrFail()
    return view.render('pages/settings/index', {
      isAdmin: role === 'owner' || role === 'admin',
      isOwner: role === 'owner',
    })
  }

  async security({ view }: HttpContext) {
    return view.render('pages/settings/security', { roles: ROLES, chosen: await twoFactorRoles() })
  }

  async updateSecurity({ auth, request, response, session }: HttpContext) {
    const { roles = [] } = await request.validateUsing(securityValidator)
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    const before = { roles: await twoFactorRoles() }
    await db.transaction(async (trx) => {
      await setTwoFactorRoles(trx, roles)
      const object = { type: 'setting', id: 'two_factor_roles' }
      await recordChange(trx, actor, 'settings.update', object, before, { roles })
    })
    session.flash('success', 'Saved')
    return response.redirect().toRoute('settings.security')
  }
}
