import type { BatchAnswer, ObservationAnswer, ObservationResult } from '#contract/answers'
import { E_CONFLICT, E_INVALID } from '#exceptions/api_errors'
import type { HttpContext } from '@adonisjs/core/http'

/** A status and the JSON that goes with it. */
export type Answer = { readonly status: number; readonly body: ObservationAnswer | BatchAnswer }

/** Answers for one observation: 201 the first time, 200 after that. Throws E_CONFLICT, E_INVALID. */
export function answerOf(result: ObservationResult): Answer {
  if (result.result === 'created' || result.result === 'duplicate') {
    const body = { id: result.id, result: result.result }
    return { status: result.result === 'created' ? 201 : 200, body }
  }
  const { message, field } = result
  throw result.result === 'rejected'
    ? new E_INVALID(message, { field })
    : new E_CONFLICT(message, { field })
}

export function send(response: HttpContext['response'], { status, body }: Answer) {
  return response.status(status).json(body)
}
