import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Conf from 'conf'
import { AgentError, asError } from './errors.ts'
import type { Identity } from './hooks.ts'
import type { Acknowledgement } from './notice.ts'

type Stored = {
  identity?: Identity
  acknowledgement?: Acknowledgement
}

export type ShownIdentity = Omit<Identity, 'token'>

const NAME = 'identity'

const schema = {
  identity: {
    type: 'object',
    required: ['server', 'agentId', 'name', 'site', 'person', 'token'],
    properties: {
      server: { type: 'string' },
      agentId: { type: 'integer' },
      name: { type: 'string' },
      site: { type: 'string' },
      person: { type: ['string', 'null'] },
      token: { type: 'string', minLength: 1 },
      seq: { type: 'integer' },
    },
  },
  acknowledgement: {
    type: 'object',
    required: ['version', 'text_sha256', 'acknowledged_at', 'language'],
    properties: {
      version: { type: 'integer' },
      text_sha256: { type: 'string' },
      acknowledged_at: { type: 'string' },
      language: { type: 'string' },
    },
  },
} as const

/**
 * Who this agent is, and which notice was acknowledged on this machine: one file that only its user
 * can read (0600, in a folder of 0700). A file that others can read is refused.
 */
export class IdentityStore {
  readonly path: string
  readonly #folder: string
  readonly #server: string | undefined

  /** `server` takes the place of the address that was enrolled with: the server moved, the agent stays. */
  constructor(folder: string, server: string | undefined = process.env.WORKSIGHT_SERVER) {
    this.#folder = folder
    this.#server = server || undefined
    this.path = join(folder, `${NAME}.json`)
  }

  /** The identity, or null before an enrolment. Throws E_EXPOSED_IDENTITY or E_INVALID_IDENTITY. */
  identity(): Identity | null {
    const identity = this.#read()?.get('identity')
    return identity ? { ...identity, server: this.#server ?? identity.server } : null
  }

  acknowledgement(): Acknowledgement | null {
    return this.#read()?.get('acknowledgement') ?? null
  }

  save(identity: Identity, acknowledgement: Acknowledgement | null): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const conf = this.#open()
    conf.set('identity', identity)
    if (acknowledgement === null) {
      conf.delete('acknowledgement')
    } else {
      conf.set('acknowledgement', acknowledgement)
    }
  }

  /** Keeps what the person read; the identity stays. */
  saveAcknowledgement(acknowledgement: Acknowledgement): void {
    this.#open().set('acknowledgement', acknowledgement)
  }

  #read(): Conf<Stored> | null {
    return existsSync(this.path) ? this.#open() : null
  }

  #open(): Conf<Stored> {
    this.#assertPrivate()
    try {
      return new Conf<Stored>({
        cwd: this.#folder,
        configName: NAME,
        configFileMode: 0o600,
        schema,
      })
    } catch (cause) {
      throw new AgentError(
        'E_INVALID_IDENTITY',
        `Expected the identity of an agent in ${this.path}, found: ${asError(cause).message}`,
        { cause }
      )
    }
  }

  #assertPrivate(): void {
    if (process.platform === 'win32' || !existsSync(this.path)) {
      return // Windows keeps a user's folders from others by inheritance
    }
    const mode = statSync(this.path).mode & 0o777
    if ((mode & 0o077) !== 0) {
      throw new AgentError(
        'E_EXPOSED_IDENTITY',
        `Expected ${this.path} to be readable by its user alone (600), found ${mode.toString(8)}`
      )
    }
  }
}

/** An identity as it may be shown: everything but the token. */
export function shownIdentity({ server, agentId, name, site, person }: Identity): ShownIdentity {
  return { server, agentId, name, site, person }
}
