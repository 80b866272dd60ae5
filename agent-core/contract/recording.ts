import vine from '@vinejs/vine'
import type { Infer } from '@vinejs/vine/types'
import { amount, closed, flag, sha256, text, uuid, whole } from './fields.ts'
import { display } from './heartbeat.ts'
import { LIMITS } from './limits.ts'
import { observationFields } from './observation.ts'

/** Video formats that travel and are stored. */
export const RECORDING_MEDIA_TYPES = ['video/mp4', 'video/webm'] as const
export type RecordingMediaType = (typeof RECORDING_MEDIA_TYPES)[number]

/**
 * One segment of a recording of one display: a file that plays alone. `recording_id` joins the
 * segments of one run of the recorder, `segment` counts them from 0, `captured_at` is the moment of
 * the first frame. `complete` is false where the recorder was cut off: the file then ends with its
 * last whole fragment, and `duration_ms` says how much that is.
 */
export const recordingBody = () => ({
  kind: vine.literal('recording'),
  recording_id: uuid(),
  segment: whole(0, 1_000_000),
  display: display(),
  width: whole(1, LIMITS.screenshotSide),
  height: whole(1, LIMITS.screenshotSide),
  frame_rate: amount(0.01, 120),
  duration_ms: whole(0, 86_400_000),
  media_type: vine.enum(RECORDING_MEDIA_TYPES),
  codec: text(32),
  bytes: whole(1, LIMITS.recordingBytes),
  sha256: sha256(),
  source: text(64),
  simulated: flag(),
  complete: flag(),
})

export const recordingSchema = () => closed({ ...observationFields(), ...recordingBody() })

/** The description of one segment as it travels beside its bytes. */
export type Recording = Infer<ReturnType<typeof recordingSchema>>

export const recordingValidator = vine.create(recordingSchema())
