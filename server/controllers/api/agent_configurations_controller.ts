import { acknowledgementValidator } from '#contract/configuration'
import { agentChanges } from '#services/agent_changes'
import { configurationOf } from '#services/agent_configuration'
import { keepAcknowledgement } from '#services/enrolment'
import type { HttpContext } from '@adonisjs/core/http'

/** Longest time that one request is held, in seconds. */
const MOST_WAIT_SECONDS = 60

/** What an agent reads about itself, and what its person acknowledged. */
export default class AgentConfigurationsController {
  /** Held for a change while `If-None-Match` names what holds now and `Prefer: wait=N` asks for it. */
  async show({ auth, request, response }: HttpContext) {
    const { id } = auth.use('agent').getUserOrFail()
    const tag = request.header('if-none-match') ?? ''
    const seconds = waitOf(request.header('prefer'))
    const gone = new AbortController()
    response.response.once('close', () => gone.abort())

    const change = agentChanges.next(id, seconds * 1000, gone.signal)
    let current = await configurationOf(id)
    if (seconds > 0 && tag === current.etag && (await change)) {
      current = await configurationOf(id)
    }
    gone.abort()

    response.header('ETag', current.etag)
    response.header('Cache-Control', 'private, no-cache')
    if (seconds > 0) {
      response.header('Preference-Applied', `wait=${seconds}`)
    }
    return tag === current.etag ? response.status(304).send(null) : current.configuration
  }

  async acknowledge({ auth, request, response }: HttpContext) {
    const agent = auth.use('agent').getUserOrFail()
    const body = await acknowledgementValidator.validate(request.body())
    const isNew = await keepAcknowledgement(agent, body)
    return response
      .status(isNew ? 201 : 200)
      .json({ version: body.version, text_sha256: body.text_sha256 })
  }
}

/** Seconds of `Prefer: wait=N` (RFC 7240), 0 where it is not asked for. */
function waitOf(prefer: string | undefined): number {
  const seconds = Number(/(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/i.exec(prefer ?? '')?.[1] ?? 0)
  return Math.min(seconds, MOST_WAIT_SECONDS)
}
