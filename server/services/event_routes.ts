import { batchValidator } from '#contract/batch'
import { E_INVALID } from '#exceptions/api_errors'
import { ingestEvent, ingestEvents } from '#services/ingest'
import { answerOf, type Answer } from '#services/observation_answer'
import type { Observer } from '#services/observation_rows'

/** What a route does with the JSON of an agent: checks it, stores it, answers after the COMMIT. */
export type EventRoute = (agent: Observer, body: unknown) => Promise<Answer>

/** The routes that take events, by the last part of their path. */
export const eventRoutes = {
  async heartbeats(agent, body) {
    return answerOf(await ingestEvent(agent, 'heartbeat', body))
  },

  async activities(agent, body) {
    const { kind } = body as { kind?: unknown }
    if (kind !== 'window' && kind !== 'presence') {
      throw new E_INVALID('The kind must be window or presence', { field: 'kind' })
    }
    return answerOf(await ingestEvent(agent, kind, body))
  },

  /** Up to a hundred events; answers for each. */
  observations: (agent, body) =>
    batchValidator
      .validate(body)
      .then(({ observations }) => ingestEvents(agent, observations))
      .then((results) => ({ status: 200, body: { results } })),
} as const satisfies Record<string, EventRoute>
