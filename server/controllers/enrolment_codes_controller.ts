import { appUrl } from '#config/app'
import { createEnrolmentCode } from '#services/enrolment'
import { enrolmentCodeValidator } from '#validators/pages'
import User from '#models/user'
import type { HttpContext } from '@adonisjs/core/http'

/** Codes that let a computer in. */
export default class EnrolmentCodesController {
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
