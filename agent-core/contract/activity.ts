import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { closed, text, whole } from './fields.ts'
import { observationFields } from './observation.ts'

/**
 * Activity in ActivityWatch's model: events with a start (`captured_at`) and a duration. Equal events
 * of one agent whose ends lie at most `pulsetime_ms` apart are one event; both sides merge them, so
 * neither lateness nor order changes the result.
 */

const DAY_MS = 86_400_000

/** What every activity event carries beside its own facts. `captured_at` is its start. */
const span = () => ({
  duration_ms: whole(0, DAY_MS),
  pulsetime_ms: whole(0, 3_600_000),
})

/**
 * The foreground window. `title` is `null` where the policy keeps titles on the machine, `domain`
 * is the site shown by a browser where it is known. What an exclusion names is never made into one.
 */
export const windowBody = () => ({
  kind: vine.literal('window'),
  ...span(),
  app: text(255),
  title: text(1024).nullable(),
  domain: text(255).nullable(),
  pid: whole(0, 4_294_967_295).nullable(),
})

/**
 * Whether the person was there. `afk` starts at the last input; `locked` covers lock screen and
 * screensaver, `asleep` the machine's sleep; `unknown` where the machine gives no reading.
 */
export const PRESENCE_STATES = ['active', 'afk', 'locked', 'asleep', 'unknown'] as const
export type PresenceState = (typeof PRESENCE_STATES)[number]

/**
 * Presence over a span. `active_ms` is the time of the slots of `slot_ms` in which there was input:
 * how much, never which key.
 */
export const presenceBody = () => ({
  kind: vine.literal('presence'),
  ...span(),
  state: vine.enum(PRESENCE_STATES),
  active_ms: whole(0, DAY_MS),
  slot_ms: whole(1, 3_600_000),
})

export const windowSchema = () => closed({ ...observationFields(), ...windowBody() })
export const presenceSchema = () => closed({ ...observationFields(), ...presenceBody() })

export type WindowActivity = Infer<ReturnType<typeof windowSchema>>
export type Presence = Infer<ReturnType<typeof presenceSchema>>

/** `POST /api/activities` takes one of these. */
export const activityValidators = {
  window: vine.create(windowSchema()),
  presence: vine.create(presenceSchema()),
} as const
