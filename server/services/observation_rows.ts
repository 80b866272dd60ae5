import type { ObservationEvent } from '#contract/batch'
import type { Recording } from '#contract/recording'
import type { Screenshot } from '#contract/screenshot'
import type { DiskName } from '#services/storage/disk'
import { hash } from 'node:crypto'

const TABLES = [
  'heartbeats',
  'activities',
  'screenshots',
  'unchanged_screens',
  'recordings',
  'gaps',
  'evictions',
] as const
export type Table = (typeof TABLES)[number]

/**
 * Every table that holds observations, or remembers deleted ones: an agent's ids and sequence numbers
 * are unique over all of them.
 */
export const OBSERVATION_TABLES = [...TABLES, 'deletions'] as const

/** A description that travels beside bytes. */
export type Medium = Screenshot | Recording

/** Whose observations they are: what storing them needs of an agent. */
export type Observer = {
  readonly id: number
  readonly personId: number | null
  readonly lastSeq: number
}

/** Where the file of a medium stands, and the disk that it is to go to. */
export type Place = {
  readonly disk: DiskName
  readonly key: string
  readonly moveTo: DiskName | null
}

/** What a heartbeat changes on its agent. */
export type Contact = {
  readonly state: string
  readonly interval_seconds: number
  readonly agent_version: string
  readonly last_heartbeat_id: string
}

/** An observation as its table takes it. */
export type Row = {
  readonly table: Table
  readonly kind: string
  readonly contact?: Contact
  readonly columns: Readonly<Record<string, unknown>> & {
    readonly id: string
    readonly agent_id: number
    readonly seq: number
    readonly captured_at: number
    readonly content_sha256: string
  }
}

function common(
  agent: Observer,
  observation: ObservationEvent | Medium,
  text = JSON.stringify(observation)
) {
  return {
    id: observation.id,
    agent_id: agent.id,
    seq: observation.seq,
    captured_at: Date.parse(observation.captured_at),
    utc_offset_minutes: observation.utc_offset_minutes,
    policy_version: observation.policy_version,
    received_at: Date.now(),
    content_sha256: hash('sha256', text),
  }
}

/** The row of an event. */
export function rowOfEvent(agent: Observer, event: ObservationEvent): Row {
  switch (event.kind) {
    case 'heartbeat': {
      const body = JSON.stringify(event)
      return {
        table: 'heartbeats',
        kind: event.kind,
        contact: {
          state: event.state,
          interval_seconds: Math.ceil(event.interval_seconds),
          agent_version: event.agent_version,
          last_heartbeat_id: event.id,
        },
        columns: {
          ...common(agent, event, body),
          state: event.state,
          seconds_since_input: event.seconds_since_input,
          body,
        },
      }
    }
    case 'window':
      return {
        table: 'activities',
        kind: event.kind,
        columns: {
          ...common(agent, event),
          kind: event.kind,
          duration_ms: event.duration_ms,
          pulsetime_ms: event.pulsetime_ms,
          app: event.app,
          title: event.title,
          domain: event.domain,
          pid: event.pid,
          state: null,
          active_ms: null,
          slot_ms: null,
        },
      }
    case 'presence':
      return {
        table: 'activities',
        kind: event.kind,
        columns: {
          ...common(agent, event),
          kind: event.kind,
          duration_ms: event.duration_ms,
          pulsetime_ms: event.pulsetime_ms,
          app: null,
          title: null,
          domain: null,
          pid: null,
          state: event.state,
          active_ms: event.active_ms,
          slot_ms: event.slot_ms,
        },
      }
    case 'eviction':
      return {
        table: 'evictions',
        kind: event.kind,
        columns: {
          ...common(agent, event),
          evicted_id: event.evicted_id,
          evicted_seq: event.evicted_seq,
          evicted_kind: event.evicted_kind,
          evicted_captured_at: Date.parse(event.evicted_captured_at),
          bytes: event.bytes,
          cause: event.cause,
        },
      }
    case 'unchanged_screen':
      return {
        table: 'unchanged_screens',
        kind: event.kind,
        columns: {
          ...common(agent, event),
          capture_group: event.capture_group,
          display: JSON.stringify(event.display),
          same_as: event.same_as,
        },
      }
    case 'gap':
      return {
        table: 'gaps',
        kind: event.kind,
        columns: {
          ...common(agent, event),
          what: event.what,
          cause: event.cause,
          from: Date.parse(event.from),
          until: Date.parse(event.until),
        },
      }
  }
}

/** The row of a medium whose file stands at `place`. */
export function rowOfMedium(agent: Observer, medium: Medium, { disk, key, moveTo }: Place): Row {
  const shared = {
    ...common(agent, medium),
    display: JSON.stringify(medium.display),
    width: medium.width,
    height: medium.height,
    media_type: medium.media_type,
    bytes: medium.bytes,
    sha256: medium.sha256,
    source: medium.source,
    simulated: medium.simulated,
    media_key: key,
    disk,
    move_to: moveTo,
  }
  if (medium.kind === 'screenshot') {
    return {
      table: 'screenshots',
      kind: medium.kind,
      columns: {
        ...shared,
        capture_group: medium.capture_group,
        dhash: medium.dhash,
        degraded: medium.degraded,
      },
    }
  }
  return {
    table: 'recordings',
    kind: medium.kind,
    columns: {
      ...shared,
      recording_id: medium.recording_id,
      segment: medium.segment,
      frame_rate: medium.frame_rate,
      duration_ms: medium.duration_ms,
      codec: medium.codec,
      complete: medium.complete,
    },
  }
}
