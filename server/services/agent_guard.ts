import Agent, { INGEST } from '#models/agent'
import { agentChanges } from '#services/agent_changes'
import { errors, symbols } from '@adonisjs/auth'
import type { AuthClientResponse, GuardContract } from '@adonisjs/auth/types'
import type { HttpContext } from '@adonisjs/core/http'
import { Secret } from '@adonisjs/core/helpers'
import type { Observer } from '#services/observation_rows'
import { hash } from 'node:crypto'

/** How long a token that was checked is believed while nothing is heard of its agent. */
const BELIEVED_MS = 10 * 60_000

/** Tokens remembered at once. */
const MOST_TOKENS = 50_000

type Believed = {
  readonly agent: Agent
  /** What ingest needs of it, without the model around it. */
  readonly observer: Observer
  readonly until: number
}

const believed = new Map<string, Believed>()

agentChanges.listen((agentId) => {
  for (const [key, { agent }] of believed) {
    if (agentId === null || agent.id === agentId) {
      believed.delete(key)
    }
  }
})

/**
 * Signs agents in by their bearer token (`wsa_…`). A token that was checked is remembered, by its
 * hash, until something about its agent changes: the usual request asks the database nothing, and a
 * revoked token is refused within a second by every process.
 */
export class AgentGuard implements GuardContract<Agent> {
  declare [symbols.GUARD_KNOWN_EVENTS]: unknown
  readonly driverName = 'agent'
  readonly #ctx: HttpContext
  user?: Agent
  isAuthenticated = false
  authenticationAttempted = false

  constructor(ctx: HttpContext) {
    this.#ctx = ctx
  }

  getUserOrFail(): Agent {
    if (!this.user) {
      throw new errors.E_UNAUTHORIZED_ACCESS('Unauthorized access', {
        guardDriverName: this.driverName,
      })
    }
    return this.user
  }

  async authenticate(): Promise<Agent> {
    await this.check()
    return this.getUserOrFail()
  }

  async check(): Promise<boolean> {
    if (!this.authenticationAttempted) {
      this.authenticationAttempted = true
      const agent = await agentOf(bearerOf(this.#ctx.request.header('authorization')))
      if (agent) {
        this.user = agent
        this.isAuthenticated = true
      }
    }
    return this.isAuthenticated
  }

  authenticateAsClient(): Promise<AuthClientResponse> {
    throw new Error('E_NOT_SUPPORTED: make a token and send it')
  }
}

/** The agent of an `Authorization` header that was checked lately; null where it has to be looked up. */
export async function believedAgent(authorization: string | undefined): Promise<Observer | null> {
  const token = bearerOf(authorization)
  return token ? ((await recall(keyOf(token)))?.observer ?? null) : null
}

/** What is remembered under a key, as far as nothing was heard of its agent. */
async function recall(key: string): Promise<Believed | null> {
  await agentChanges.catchUp()
  const known = believed.get(key)
  return known && known.until > Date.now() ? known : null
}

const keyOf = (token: string) => hash('sha256', token, 'base64')

/** The agent of a token that may ingest, or null. */
async function agentOf(token: string | null): Promise<Agent | null> {
  if (!token) {
    return null
  }
  const key = keyOf(token)
  const known = await recall(key)
  if (known) {
    return known.agent
  }
  const verified = await Agent.accessTokens.verify(new Secret(token))
  const agent = verified ? await Agent.find(Number(verified.tokenableId)) : null
  if (!verified || !agent || agent.isRevoked || verified.denies(INGEST)) {
    return null
  }
  const until = Math.min(Date.now() + BELIEVED_MS, verified.expiresAt?.getTime() ?? Infinity)
  if (believed.size >= MOST_TOKENS) {
    believed.clear()
  }
  const { id, personId, lastSeq } = agent
  believed.set(key, { agent, observer: { id, personId, lastSeq: Number(lastSeq) }, until })
  return agent
}

function bearerOf(authorization = ''): string | null {
  const [scheme, token] = authorization.split(' ')
  return scheme?.toLowerCase() === 'bearer' && token?.startsWith('wsa_') ? token : null
}
