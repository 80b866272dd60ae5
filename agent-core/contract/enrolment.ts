import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, instant, sha256, text, whole } from './fields.ts'

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
    acknowledgement: closed({
      version: whole(1, 2_147_483_647),
      text_sha256: sha256(),
      acknowledged_at: instant(),
      language: text(16),
    }).optional(),
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
}
