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

/**
 * What an agent without a code sends to ask for one: a person compares what the agent shows with what
 * the dashboard shows, and says whose machine it is (RFC 8628).
 */
export const enrolmentRequestSchema = () =>
  closed({
    host: text(255),
    platform: text(32),
    agent_version: text(32),
    site: text(64).optional(),
    /** What the machine is to be called. */
    name: text(120).optional(),
    /** Whom it is for, by name or address; it cannot be confirmed for another. */
    person: text(255).optional(),
  })

export type EnrolmentRequest = Infer<ReturnType<typeof enrolmentRequestSchema>>

export const enrolmentRequestValidator = vine.create(enrolmentRequestSchema())

/** What the agent gets back: what it shows, the secret it asks with, until when and how often. */
export type EnrolmentRequestAnswer = {
  /** Eight letters with a hyphen, to be compared. */
  readonly user_code: string
  /** The page where that code is confirmed. */
  readonly verification_uri: string
  readonly device_code: string
  readonly expires_at: string
  /** Seconds to wait before each question. */
  readonly interval: number
}

/** What an agent sends to ask whether it was confirmed. The rest is as in an enrolment with a code. */
export const enrolmentPollSchema = () =>
  closed({
    device_code: text(128),
    acknowledgement: acknowledgementSchema().optional(),
    previous_token: text(128).optional(),
  })

export type EnrolmentPoll = Infer<ReturnType<typeof enrolmentPollSchema>>

export const enrolmentPollValidator = vine.create(enrolmentPollSchema())

/** Nobody answered yet. `slow_down`: the agent asked too early, and `interval` (seconds) is longer now. */
export type EnrolmentPending = {
  readonly status: 'pending' | 'slow_down'
  readonly interval: number
}
