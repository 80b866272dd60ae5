import type { ObservationAnswer, ObservationResult } from '#contract/answers'
import { E_CONFLICT, E_INVALID } from '#exceptions/api_errors'
import type { HttpContext } from '@adonisjs/core/http'

/** Answers for one observation: 201 the first time, 200 after that. Throws E_CONFLICT, E_INVALID. */
export function answerResult(response: HttpContext['response'], result: ObservationResult) {
  if (result.result === 'created' || result.result === 'duplicate') {
    const answer: ObservationAnswer = { id: result.id, result: result.result }
    return response.status(result.result === 'created' ? 201 : 200).json(answer)
  }
  const { message, field } = result
  throw result.result === 'rejected'
    ? new E_INVALID(message, { field })
    : new E_CONFLICT(message, { field })
}
