import { appUrl } from '#config/app'
import { createEnrolmentCode, revokeEnrolmentCode } from '#services/enrolment'
import { enrolmentCodeValidator } from '#validators/pages'
import EnrolmentCode from '#models/enrolment_code'
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
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    await revokeEnrolmentCode(code, actor)
    session.flash('success', 'The code lets nobody in any more')
    return response.redirect().toRoute('codes.index')
  }

  async store({ auth, request, response, session }: HttpContext) {
    const details = await request.validateUsing(enrolmentCodeValidator)
    const person = details.person_id ? await User.find(details.person_id) : null
    const user = auth.use('web').getUserOrFail()
    const { code, enrolmentCode } = await createEnrolmentCode(
      {
        site: details.site,
        name: details.name ?? null,
        personId: person?.id ?? null,
        createdBy: user.id,
        ttlMinutes: 10,
        uses: 1,
      },
      { user, address: request.ip() }
    )
    session.flash('enrolment', {
      line: `worksight-agent enrol --server ${appUrl} --code ${code}`,
      codeId: enrolmentCode.id,
    })
    return response.redirect().toRoute('agents.create')
  }
}
