import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, instant, text } from './fields.ts'
import { observationFields } from './observation.ts'

/** Neutral causes of a time in which nothing was observed. */
export const GAP_CAUSES = [
  'spool_full',
  'paused',
  'outside_hours',
  'locked',
  'suspended',
  'stopped',
  'no_permission',
  'no_display',
  'excluded',
] as const
export type GapCause = (typeof GAP_CAUSES)[number]

/** A time in which `what` (the kind of observation, or `all`) was not made, and why. `until` is exclusive. */
export const gapBody = () => ({
  kind: vine.literal('gap'),
  what: text(32),
  cause: vine.enum(GAP_CAUSES),
  from: instant(),
  until: instant(),
})

export const gapSchema = () => closed({ ...observationFields(), ...gapBody() })

export type Gap = Infer<ReturnType<typeof gapSchema>>
