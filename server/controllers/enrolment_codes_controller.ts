import { appUrl } from '#config/app'
import { createEnrolmentCode } from '#services/enrolment'
import { enrolmentCodeValidator } from '#validators/pages'
import EnrolmentCode from '#models/enrolment_code'
import { recordChange } from '#services/audit'
import db from '@adonisjs/lucid/services/db'
import User from '#models/user'
import type { HttpContext } from '@adonisjs/core/http'

/** Codes that let a computer in. */
export default class EnrolmentCodesController {
  async index({ view }: HttpContext) {
    const codes = await EnrolmentCode.query().preload('person').orderBy('id', 'desc').limit(200)
    return view.render('pages/settings/codes', { codes, now: Date.now() })
  }

  async destroy({ auth, params, request, response, session }: HttpContext) {
    const code = await EnrolmentCode.findOrFail(params.id)
    await db.transaction(async (trx) => {
      await code.useTransaction(trx).merge({ revokedAt: Date.now() }).save()
      const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
      const object = { type: 'enrolment_code', id: code.id, personId: code.personId }
      await recordChange(trx, actor, 'code.revoke', object)
    })
    session.flash('success', 'The code lets nobody in any more')
    return response.redirect().toRoute('codes.index')
  }

  async store({ auth, request, response, session }: HttpContext) {
    const details = await request.validateUsing(enrolmentCodeValidator)
    const person = details.person_id ? await User.find(details.person_id) : null
    const { code, enrolmentCode } = await createEnrolmentCode({
      site: details.site,
      name: details.name ?? null,
      personId: person?.id ?? null,
      createdBy: auth.use('web').getUserOrFail().id,
      ttlMinutes: 10,
      uses: 1,
    })
    session.flash('enrolment', {
      line: `worksight-agent enrol --server ${appUrl} --code ${code}`,
      codeId: enrolmentCode.id,
    })
    return response.redirect().toRoute('agents.create')
  }
}
