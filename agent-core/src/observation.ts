import type { Presence, WindowActivity } from '../contract/activity.ts'
import type { Eviction } from '../contract/eviction.ts'
import type { Heartbeat } from '../contract/heartbeat.ts'
import type { Gap } from '../contract/gap.ts'
import type { ObservationFields } from '../contract/observation.ts'
import type { Recording } from '../contract/recording.ts'
import type { Screenshot, UnchangedScreen } from '../contract/screenshot.ts'

/** Everything the wire can carry. There is no other kind, so nothing else can be recorded. */
export type Observation =
  | Heartbeat
  | WindowActivity
  | Presence
  | Screenshot
  | UnchangedScreen
  | Recording
  | Gap
  | Eviction
export type ObservationKind = Observation['kind']

/**
 * What a plugin hands to `record`: the body of one kind, without what the runtime adds. An `id` may
 * be given where an earlier observation must be named; `captured_at` where the moment was not now.
 */
type DraftOf<Kind extends Observation> = Omit<Kind, keyof ObservationFields> &
  Partial<Pick<ObservationFields, 'id' | 'captured_at'>>

export type HeartbeatDraft = DraftOf<Heartbeat>
export type ScreenshotDraft = DraftOf<Screenshot>
export type UnchangedScreenDraft = DraftOf<UnchangedScreen>
export type GapDraft = DraftOf<Gap>
export type WindowDraft = DraftOf<WindowActivity>
export type PresenceDraft = DraftOf<Presence>
export type RecordingDraft = DraftOf<Recording>
export type EvictionDraft = DraftOf<Eviction>
export type Draft =
  | HeartbeatDraft
  | WindowDraft
  | PresenceDraft
  | ScreenshotDraft
  | UnchangedScreenDraft
  | RecordingDraft
  | GapDraft
  | EvictionDraft

/**
 * What became of a draft. `accepted`: it is durable on disk and will arrive. `held`: it is durable
 * and waits for its person, who may take it back; then it will arrive. `refused`: it was not taken,
 * and `reason` says why (full spool, stopped, dropped by a redaction).
 */
export type RecordOutcome =
  | { readonly status: 'accepted'; readonly observation: Observation }
  | { readonly status: 'held'; readonly observation: { readonly id: string } }
  | { readonly status: 'refused'; readonly reason: string }
