import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, instant, sha256, text, whole } from './fields.ts'
import { LIMITS } from './limits.ts'
import type { PolicyValues } from './policy.ts'

/**
 * Answer of `GET /api/agents/me`: all that the server says to one agent. It carries an `ETag`; with
 * `If-None-Match` the answer is 304 while nothing changed, and with `Prefer: wait=25` (RFC 7240) the
 * server holds the request that many seconds for a change, so that a pause asked for on the dashboard
 * reaches the machine at once.
 */
export type AgentConfiguration = {
  readonly agent: {
    readonly id: number
    readonly name: string
    readonly site: string
    readonly person: string | null
    /** IANA name of the person's zone: hours of the policy are on this wall. */
    readonly time_zone: string
  }
  /** Version 0 with no values: the site alone decides. */
  readonly policy: { readonly version: number; readonly values: Partial<PolicyValues> }
  /** The newest acknowledgement the server keeps of this agent's person. */
  readonly acknowledged: { readonly version: number; readonly text_sha256: string } | null
  /** Until when the person asked on the dashboard not to be observed, or null. */
  readonly paused_until: string | null
  /** Largest sequence number the server has of this agent; 0 when none. */
  readonly seq: number
}

/** `POST /api/agents/me/acknowledgements`: the person read this text, then. 201, or 200 when known. */
export const acknowledgementSchema = () =>
  closed({
    version: whole(1, 2_147_483_647),
    text_sha256: sha256(),
    acknowledged_at: instant(),
    language: text(16),
    /** The text itself, whose SHA-256 is `text_sha256`: the server keeps it with the acknowledgement. */
    text: text(LIMITS.noticeCharacters).optional(),
  })

export type AcknowledgementBody = Infer<ReturnType<typeof acknowledgementSchema>>

export const acknowledgementValidator = vine.create(acknowledgementSchema())
