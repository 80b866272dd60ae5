import { appUrl } from '#config/app'
import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import EnrolmentCode from '#models/enrolment_code'
import User from '#models/user'
import { createEnrolmentCode, revokeEnrolmentCode } from '#services/enrolment'
import { numberedPage, pageAnswer } from '#services/keyset'
import { enrolmentCodeJson } from '#services/presentation'
import { numberedListingValidator } from '#validators/listing'
import { newCodeValidator } from '#validators/resources'
import type { HttpContext } from '@adonisjs/core/http'

const DEFAULT_TTL_MINUTES = 10

/** Codes that let a computer in. */
export default class EnrolmentCodesController {
  async index({ request, response }: HttpContext) {
    const listing = await numberedListingValidator.validate(request.qs())
    const query = EnrolmentCode.query().preload('person')
    const { rows, next } = await numberedPage(query, listing, request)
    return pageAnswer(
      response,
      rows.map((code) => enrolmentCodeJson(code)),
      next
    )
  }

  async show({ params }: HttpContext) {
    return enrolmentCodeJson(await codeOf(params.id))
  }

  /** Makes a code, which is shown once. */
  async store({ auth, request, response }: HttpContext) {
    const body = await newCodeValidator.validate(request.body())
    if (body.person_id && !(await User.find(body.person_id))) {
      throw new E_INVALID(`There is no person ${body.person_id}`, { field: 'person_id' })
    }
    const user = auth.use('api').getUserOrFail()
    const { code, enrolmentCode } = await createEnrolmentCode(
      {
        site: body.site ?? 'default',
        name: body.name ?? null,
        personId: body.person_id ?? null,
        createdBy: user.id,
        ttlMinutes: body.ttl_minutes ?? DEFAULT_TTL_MINUTES,
        uses: body.uses ?? 1,
      },
      { user, address: request.ip() }
    )
    return response.created({
      ...enrolmentCodeJson(await codeOf(enrolmentCode.id)),
      code,
      line: `worksight-agent enrol --server ${appUrl} --code ${code}`,
    })
  }

  /** Ends a code. It stays in the list, as revoked. */
  async destroy({ auth, params, request, response }: HttpContext) {
    const actor = { user: auth.use('api').getUserOrFail(), address: request.ip() }
    await revokeEnrolmentCode(await codeOf(params.id), actor)
    return response.noContent()
  }
}

async function codeOf(id: number): Promise<EnrolmentCode> {
  const code = await EnrolmentCode.query().where('id', id).preload('person').first()
  if (!code) {
    throw new E_NOT_FOUND()
  }
  return code
}
