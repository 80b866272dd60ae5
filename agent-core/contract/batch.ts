import vine from '@vinejs/vine'
import { activityValidators, type Presence, type WindowActivity } from './activity.ts'
import { evictionSchema, type Eviction } from './eviction.ts'
import { closed } from './fields.ts'
import { gapSchema, type Gap } from './gap.ts'
import { heartbeatSchema, type Heartbeat } from './heartbeat.ts'
import { LIMITS } from './limits.ts'
import { unchangedScreenSchema, type UnchangedScreen } from './screenshot.ts'

/** An observation that is an event: it travels in batches, without bytes beside it. */
export type ObservationEvent =
  | Heartbeat
  | WindowActivity
  | Presence
  | UnchangedScreen
  | Gap
  | Eviction
export type EventKind = ObservationEvent['kind']

/**
 * One validator a kind. `POST /api/observations` validates the envelope first and each event by
 * itself, so that a bad one never fails its neighbours.
 */
export const eventValidators = {
  heartbeat: vine.create(heartbeatSchema()),
  ...activityValidators,
  unchanged_screen: vine.create(unchangedScreenSchema()),
  gap: vine.create(gapSchema()),
  eviction: vine.create(evictionSchema()),
} as const

/** The envelope of a batch: what its events hold is checked one by one. */
export const batchValidator = vine.create(
  closed({
    observations: vine.array(vine.any()).minLength(1).maxLength(LIMITS.batchEvents),
  })
)

export type Batch = { readonly observations: readonly ObservationEvent[] }
