import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { acknowledgementSchema } from './configuration.ts'
import { closed, text } from './fields.ts'

/**
 * What an agent sends to exchange a one-time code for its identity. `acknowledgement` says that the
 * person read the notice (its version, the SHA-256 of its text, when, in which language); it is
 * absent until that happened, and then only heartbeats are sent.
 */
export const enrolmentSchema = () =>
  closed({
    code: text(128),
    host: text(255),
    platform: text(32),
    agent_version: text(32),
    site: text(64).optional(),
    /** What the machine is to be called, where the code does not say. */
    name: text(120).optional(),
    /** Whom the code must be for, by name or address; for another it is refused and not used up. */
    person: text(255).optional(),
    acknowledgement: acknowledgementSchema().optional(),
    /**
     * The token this machine had before, where it had one: the server then gives the same agent
     * back, so that its sequence goes on, and revokes the old token.
     */
    previous_token: text(128).optional(),
  })

export type Enrolment = Infer<ReturnType<typeof enrolmentSchema>>

export const enrolmentValidator = vine.create(enrolmentSchema())

/** What the agent gets back, once: its number, its name, its site and its bearer token. */
export type EnrolmentAnswer = {
  readonly agent: {
    readonly id: number
    readonly name: string
    readonly site: string
    readonly person: string | null
  }
  readonly token: string
  /** Largest sequence number the server has of this agent; 0 for a new one. */
  readonly seq: number
}
