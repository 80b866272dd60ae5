import { acknowledgementValidator } from '#contract/configuration'
import { E_UNAUTHORIZED } from '#exceptions/api_errors'
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

    const until = performance.now() + seconds * 1000
    const next = () => agentChanges.next(id, until - performance.now(), gone.signal)
    let change = next()
    let current = await configurationOf(id)
    // a change can be none to the agent, or one that it was told already: then it waits on
    while (tag === current.etag && !current.isRevoked && (await change)) {
      change = next()
      current = await configurationOf(id)
    }
    gone.abort()
    if (current.isRevoked) {
      throw new E_UNAUTHORIZED()
    }

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
