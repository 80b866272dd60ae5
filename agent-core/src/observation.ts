import type { Heartbeat } from '../contract/heartbeat.ts'
import type { Gap } from '../contract/gap.ts'
import type { ObservationFields } from '../contract/observation.ts'
import type { Screenshot, UnchangedScreen } from '../contract/screenshot.ts'

/** Everything the wire can carry. There is no other kind, so nothing else can be recorded. */
export type Observation = Heartbeat | Screenshot | UnchangedScreen | Gap
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
export type Draft = HeartbeatDraft | ScreenshotDraft | UnchangedScreenDraft | GapDraft

/**
 * What became of a draft. `accepted`: it is durable on disk and will arrive. `refused`: it was not
 * taken, and `reason` says why (full spool, stopped, dropped by a redaction).
 */
export type RecordOutcome =
  | { readonly status: 'accepted'; readonly observation: Observation }
  | { readonly status: 'refused'; readonly reason: string }
