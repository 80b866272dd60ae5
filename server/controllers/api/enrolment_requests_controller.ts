import { appUrl } from '#config/app'
import {
  enrolmentPollValidator,
  enrolmentRequestValidator,
  type EnrolmentPending,
  type EnrolmentRequestAnswer,
} from '#contract/enrolment'
import { enrolmentAnswer } from '#services/enrolment'
import { openRequest, pollRequest } from '#services/enrolment_requests'
import type { HttpContext } from '@adonisjs/core/http'

/** Computers that ask to be let in without a code. */
export default class EnrolmentRequestsController {
  async store({ request, response }: HttpContext) {
    const asked = await enrolmentRequestValidator.validate(request.body())
    const { deviceCode, request: made } = await openRequest(asked, request.ip())
    const answer: EnrolmentRequestAnswer = {
      user_code: made.shownCode,
      verification_uri: `${appUrl}/enrol/${made.shownCode}`,
      device_code: deviceCode,
      expires_at: new Date(made.expiresAt).toISOString(),
      interval: made.intervalSeconds,
    }
    return response.created(answer)
  }

  async poll({ request, response }: HttpContext) {
    const polled = await pollRequest(await enrolmentPollValidator.validate(request.body()))
    if (polled.status === 'enrolled') {
      return response.created(await enrolmentAnswer(polled))
    }
    const pending: EnrolmentPending = { status: polled.status, interval: polled.interval }
    return response.accepted(pending)
  }
}
