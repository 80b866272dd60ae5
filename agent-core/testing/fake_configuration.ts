import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { acknowledgementValidator, type AgentConfiguration } from '../contract/configuration.ts'
import type { PolicyValues } from '../contract/policy.ts'

const INITIAL: AgentConfiguration = {
  agent: {
    id: 1,
    name: 'desk',
    site: 'default',
    person: 'Dana Reyes',
    time_zone: 'UTC',
  },
  policy: { version: 0, values: {} },
  acknowledged: null,
  paused_until: null,
  seq: 0,
}

/** What a server says to its one agent, as `GET /api/agents/me` does: with an ETag, held for a change. */
export class FakeConfiguration {
  /** What the agent said its person acknowledged, oldest first. */
  readonly acknowledgements: unknown[] = []
  /** Questions that came in, each with the seconds it may be held. */
  readonly questions: number[] = []
  /** How many acknowledgements it does not take now, as a server that is short of something. */
  refusals = 0
  #current = INITIAL
  #held: (() => void)[] = []

  get current(): AgentConfiguration {
    return this.#current
  }

  /** Publishes a policy: a question that is held is answered now. */
  publish(version: number, values: Partial<PolicyValues>): void {
    this.change({ policy: { version, values } })
  }

  change(change: Partial<AgentConfiguration>): void {
    this.#current = { ...this.#current, ...change }
    const held = this.#held
    this.#held = []
    held.forEach((answer) => answer())
  }

  /** `GET /api/agents/me`. */
  async show(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wait = Number(/wait=(\d+)/.exec(String(request.headers.prefer))?.[1] ?? 0)
    this.questions.push(wait)
    if (wait > 0 && request.headers['if-none-match'] === this.#etag) {
      await this.#change(wait, response)
    }
    const isKnown = request.headers['if-none-match'] === this.#etag
    response.writeHead(isKnown ? 304 : 200, {
      'content-type': 'application/json',
      'etag': this.#etag,
      ...(wait > 0 ? { 'preference-applied': `wait=${wait}` } : {}),
    })
    response.end(isKnown ? undefined : JSON.stringify(this.#current))
  }

  /** `POST /api/agents/me/acknowledgements`. */
  async acknowledge(body: Buffer, response: ServerResponse): Promise<void> {
    if (this.refusals > 0) {
      this.refusals -= 1
      response.writeHead(503).end()
      return
    }
    const [problem, given] = await acknowledgementValidator.tryValidate(JSON.parse(body.toString()))
    if (problem === null && given !== null) {
      this.acknowledgements.push(given)
      this.change({ acknowledged: { version: given.version, text_sha256: given.text_sha256 } })
    }
    response.writeHead(problem === null ? 201 : 422, { 'content-type': 'application/json' })
    response.end(JSON.stringify({}))
  }

  get #etag(): string {
    return `"${hash('sha256', JSON.stringify(this.#current), 'hex').slice(0, 16)}"`
  }

  #change(seconds: number, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#held.push(done)
      response.once('close', done)
    })
  }
}
