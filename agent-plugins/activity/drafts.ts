import type { PresenceDraft, WindowDraft } from '@worksight/agent-core'
import type { PresenceSpan } from './presence_tracker.ts'
import type { WindowSpan } from './window_tracker.ts'

/** What every event says about how it was made. */
export type About = { readonly slotMs: number; readonly pulsetimeMs: number }

/** Longest event the wire carries, in milliseconds. */
const DAY_MS = 86_400_000

export function windowDraft(span: WindowSpan, { pulsetimeMs }: About): WindowDraft {
  const { from, until, ...facts } = span
  return {
    kind: 'window',
    captured_at: new Date(from).toISOString(),
    duration_ms: Math.min(DAY_MS, until - from),
    pulsetime_ms: Math.round(pulsetimeMs),
    ...facts,
  }
}

/** One event, or one a day for a machine that slept longer. */
export function presenceDrafts(span: PresenceSpan, about: About): PresenceDraft[] {
  const drafts: PresenceDraft[] = []
  for (let from = span.from; from < span.until; from += DAY_MS) {
    const duration = Math.min(DAY_MS, span.until - from)
    drafts.push({
      kind: 'presence',
      captured_at: new Date(from).toISOString(),
      duration_ms: duration,
      pulsetime_ms: Math.round(about.pulsetimeMs),
      state: span.state,
      active_ms: Math.min(duration, Math.round(span.activeMs)),
      slot_ms: about.slotMs,
    })
  }
  return drafts
}
