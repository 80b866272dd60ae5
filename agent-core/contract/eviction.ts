import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, instant, text, uuid, whole } from './fields.ts'
import { observationFields } from './observation.ts'

/** Why an accepted item was given up on the machine before it could be delivered. */
export const EVICTION_CAUSES = ['quota', 'dropped', 'withheld'] as const
export type EvictionCause = (typeof EVICTION_CAUSES)[number]

/**
 * The tombstone of an item that the agent gave up: which one, of what kind and when, how large and
 * why. It travels like any other event, so that the server can say what is missing. `quota`: the
 * spool was full and the site evicts; `dropped`: someone at the machine dropped it by a command;
 * `withheld`: the person took it back within the
 * review window; it never had a number, so `evicted_seq` is then the last one given out before.
 */
export const evictionBody = () => ({
  kind: vine.literal('eviction'),
  evicted_id: uuid(),
  evicted_seq: whole(1, Number.MAX_SAFE_INTEGER),
  evicted_kind: text(32),
  evicted_captured_at: instant(),
  bytes: whole(0, Number.MAX_SAFE_INTEGER),
  cause: vine.enum(EVICTION_CAUSES),
})

export const evictionSchema = () => closed({ ...observationFields(), ...evictionBody() })

export type Eviction = Infer<ReturnType<typeof evictionSchema>>
