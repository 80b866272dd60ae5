import { ROLES } from '#models/user'
import { recordChange } from '#services/audit'
import { auditDays } from '#services/audit_pruning'
import { forgetFailedJobs } from '#services/jobs/state'
import { noticesRead } from '#services/notices_read'
import { organisation, organisationZone, setOrganisation } from '#services/organisation'
import { retentionOverview } from '#services/retention/overview'
import { setTwoFactorRoles, twoFactorRoles } from '#services/settings'
import { systemFacts } from '#services/system_facts'
import env from '#start/env'
import { organisationValidator, securityValidator } from '#validators/accounts'
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

  async organisation({ view }: HttpContext) {
    return view.render('pages/settings/organisation', {
      organisation: await organisation(),
      usual: await organisationZone(),
    })
  }

  async updateOrganisation({ auth, request, response, session }: HttpContext) {
    const { name = null, time_zone: zone = null } =
      await request.validateUsing(organisationValidator)
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    const before = await organisation()
    await db.transaction(async (trx) => {
      await setOrganisation(trx, { name, zone })
      const object = { type: 'setting', id: 'organisation' }
      await recordChange(trx, actor, 'settings.update', object, before, { name, zone })
    })
    session.flash('success', 'Saved')
    return response.redirect().toRoute('settings.organisation')
  }

  async system({ view }: HttpContext) {
    return view.render('pages/settings/system', await systemFacts())
  }

  /** Takes a job that was given up off the list. */
  async forgetJob({ auth, params, request, response, session }: HttpContext) {
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    const id = Number(params.id)
    const forgotten = await db.transaction(async (trx) => {
      const found = await trx.from('failed_jobs').where('id', id).select('name', 'error').first()
      if (found) {
        await recordChange(trx, actor, 'job.forget', { type: 'job', id: String(id) }, found)
      }
      return forgetFailedJobs([{ id }], trx)
    })
    session.flash(
      forgotten > 0 ? 'success' : 'error',
      forgotten > 0 ? 'Taken off the list' : 'It is on the list no more'
    )
    return response.redirect().toRoute('settings.system')
  }

  async notices({ view }: HttpContext) {
    return view.render('pages/settings/notices', await noticesRead())
  }

  async retention({ view }: HttpContext) {
    return view.render('pages/settings/retention', {
      ...(await retentionOverview()),
      auditDays: auditDays(),
      mediaGb: env.get('RETENTION_MEDIA_GB') ?? null,
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
