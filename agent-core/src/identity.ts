import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError, asError } from './errors.ts'
import type { Identity } from './hooks.ts'
import type { Acknowledgement } from './notice.ts'
import { readPrivate, writePrivate } from './trust/private_file.ts'

type Stored = {
  readonly identity?: Identity
  readonly acknowledgement?: Acknowledgement
}

export type ShownIdentity = Omit<Identity, 'token'>

const FILE = 'identity.json'

/**
 * Who this agent is, and which notice was acknowledged on this machine: one file that only its user
 * can read (0600, in a folder of 0700). A file that others can read is refused.
 */
export class IdentityStore {
  readonly path: string
  readonly #server: string | undefined

  /** `server` takes the place of the address that was enrolled with: the server moved, the agent stays. */
  constructor(folder: string, server: string | undefined = process.env.WORKSIGHT_SERVER) {
    this.#server = server || undefined
    this.path = join(folder, FILE)
  }

  /** The identity, or null before an enrolment. Throws E_EXPOSED_IDENTITY or E_INVALID_IDENTITY. */
  identity(): Identity | null {
    const identity = this.#read().identity
    return identity ? { ...identity, server: this.#server ?? identity.server } : null
  }

  acknowledgement(): Acknowledgement | null {
    return this.#read().acknowledgement ?? null
  }

  save(identity: Identity, acknowledgement: Acknowledgement | null): void {
    this.#assertPrivate()
    writePrivate(this.path, { identity, ...(acknowledgement === null ? {} : { acknowledgement }) })
  }

  /** Keeps what the person read; the identity stays. */
  saveAcknowledgement(acknowledgement: Acknowledgement): void {
    writePrivate(this.path, { ...this.#read(), acknowledgement })
  }

  #read(): Stored {
    this.#assertPrivate()
    try {
      return readPrivate(this.path, storedOf) ?? {}
    } catch (error) {
      if (error instanceof AgentError) {
        const found = asError(error.cause).message
        throw new AgentError(
          'E_INVALID_IDENTITY',
          `Expected the identity of an agent in ${this.path}, found: ${found}`,
          { cause: error }
        )
      }
      throw error
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

const TEXTS = {
  identity: ['server', 'name', 'site', 'token'],
  acknowledgement: ['text_sha256', 'acknowledged_at', 'language'],
} as const

/** Throws a `TypeError` that names the value which is not as this store wrote it. */
function storedOf(value: unknown): Stored {
  const { identity, acknowledgement } = record(value, 'the file')
  if (identity !== undefined) {
    const { agentId, person, seq, ...texts } = record(identity, 'identity')
    assertTexts(texts, 'identity')
    assertIs(Number.isInteger(agentId), 'identity.agentId')
    assertIs(person === null || typeof person === 'string', 'identity.person')
    assertIs(seq === undefined || Number.isInteger(seq), 'identity.seq')
    assertIs(texts.token !== '', 'identity.token')
  }
  if (acknowledgement !== undefined) {
    const { version, ...texts } = record(acknowledgement, 'acknowledgement')
    assertTexts(texts, 'acknowledgement')
    assertIs(Number.isInteger(version), 'acknowledgement.version')
  }
  return value as Stored
}

function assertTexts(found: Record<string, unknown>, of: keyof typeof TEXTS): void {
  TEXTS[of].forEach((name) => assertIs(typeof found[name] === 'string', `${of}.${name}`))
}

function record(value: unknown, name: string): Record<string, unknown> {
  assertIs(typeof value === 'object' && value !== null, name)
  return value as Record<string, unknown>
}

function assertIs(holds: boolean, name: string): void {
  if (!holds) {
    throw new TypeError(`${name} is not as it should be`)
  }
}
