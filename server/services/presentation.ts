import type Activity from '#models/activity'
import type Agent from '#models/agent'
import type AuditEntry from '#models/audit_entry'
import type Deletion from '#models/deletion'
import type EnrolmentCode from '#models/enrolment_code'
import type Eviction from '#models/eviction'
import type Gap from '#models/gap'
import type Heartbeat from '#models/heartbeat'
import type Recording from '#models/recording'
import type Screenshot from '#models/screenshot'
import type Team from '#models/team'
import type User from '#models/user'
import type { JoinedActivity } from '#services/activity_joining'
import type { AccessToken } from '@adonisjs/auth/access_tokens'
import { DateTime } from 'luxon'

/**
 * An instant in RFC 3339 with the machine's own offset kept: 1 795 342 800 000 and 60 give
 * `2026-11-22T11:00:00.000+01:00`.
 */
export function instantWithOffset(milliseconds: number, offsetMinutes: number): string {
  const local = new Date(milliseconds + offsetMinutes * 60_000).toISOString().slice(0, -1)
  if (offsetMinutes === 0) {
    return `${local}Z`
  }
  const sign = offsetMinutes < 0 ? '-' : '+'
  const size = Math.abs(offsetMinutes)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${local}${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/** An instant in RFC 3339 with the offset that a zone has at that instant. */
export const instantInZone = (milliseconds: number, zone: string) =>
  instantWithOffset(milliseconds, DateTime.fromMillis(milliseconds, { zone }).offset)

const instant = (milliseconds: number | null) =>
  milliseconds ? new Date(milliseconds).toISOString() : null

const nameJson = (person: User | null) =>
  person ? { id: person.id, full_name: person.fullName } : null

type Observed = {
  readonly id: string
  readonly seq: number
  readonly agentId: number
  readonly capturedAt: number
  readonly utcOffsetMinutes: number
  readonly policyVersion: number
  readonly receivedAt: number
}

/** What every observation carries; the time in the offset that its machine had. */
function observedJson(row: Observed) {
  return {
    id: row.id,
    seq: row.seq,
    agent_id: row.agentId,
    captured_at: instantWithOffset(row.capturedAt, row.utcOffsetMinutes),
    utc_offset_minutes: row.utcOffsetMinutes,
    policy_version: row.policyVersion,
    received_at: instant(row.receivedAt),
  }
}

/** An agent as the API gives it. */
export function agentJson(agent: Agent, now = Date.now()) {
  const { id, name, site, host, platform, state } = agent
  return {
    id,
    name,
    site,
    host,
    platform,
    agent_version: agent.agentVersion,
    person: nameJson(agent.person),
    presence: agent.presenceAt(now),
    state: state ?? null,
    last_seen_at: instant(agent.lastSeenAt),
    interval_seconds: agent.intervalSeconds ?? null,
    revoked_at: instant(agent.revokedAt),
    created_at: agent.createdAt.toUTC().toISO(),
  }
}

/** A heartbeat as it was sent, with whose it is and when it came. */
export function heartbeatJson(heartbeat: Heartbeat) {
  return { ...heartbeat.body, ...observedJson(heartbeat) }
}

/** A screenshot's description, and where its bytes are. */
export function screenshotJson(screenshot: Screenshot) {
  const { id, width, height, bytes, sha256, dhash, source, display } = screenshot
  return {
    ...observedJson(screenshot),
    kind: 'screenshot',
    capture_group: screenshot.captureGroup,
    display,
    width,
    height,
    media_type: screenshot.mediaType,
    bytes,
    sha256,
    dhash,
    source,
    simulated: screenshot.simulated,
    degraded: screenshot.degraded,
    image: `/api/screenshots/${id}/image`,
    thumbnail: `/api/screenshots/${id}/thumbnail`,
  }
}

/** The description of one segment of a recording, and where its bytes are. */
export function recordingJson(recording: Recording) {
  const { id, segment, display, width, height, codec, bytes, sha256, source } = recording
  return {
    ...observedJson(recording),
    kind: 'recording',
    recording_id: recording.recordingId,
    segment,
    display,
    width,
    height,
    frame_rate: recording.frameRate,
    duration_ms: recording.durationMs,
    media_type: recording.mediaType,
    codec,
    bytes,
    sha256,
    source,
    simulated: recording.simulated,
    complete: recording.complete,
    video: `/api/recordings/${id}/video`,
  }
}

type Facts = Pick<
  Activity,
  'kind' | 'app' | 'title' | 'domain' | 'pid' | 'state' | 'durationMs' | 'activeMs'
>

function factsJson({ kind, app, title, domain, pid, state, durationMs, activeMs }: Facts) {
  return kind === 'window'
    ? { kind, duration_ms: durationMs, app, title, domain, pid }
    : { kind, duration_ms: durationMs, state, active_ms: activeMs }
}

/** What an event says, in a few words. */
export function activityWords({ kind, app, title, state }: Activity): string {
  return kind === 'window'
    ? [app, title].filter(Boolean).join(': ') || 'a window without a name'
    : `presence: ${(state ?? 'unknown').replaceAll('_', ' ')}`
}

/** An event of activity as it was sent. */
export function activityJson(activity: Activity) {
  return {
    ...observedJson(activity),
    ...factsJson(activity),
    pulsetime_ms: activity.pulsetimeMs,
    ...(activity.kind === 'presence' ? { slot_ms: activity.slotMs } : {}),
  }
}

/** Equal events joined into one; its times in the offset of the first of them. */
export function joinedActivityJson(activity: JoinedActivity) {
  const { agentId, from, until, utcOffsetMinutes, events } = activity
  return {
    agent_id: agentId,
    captured_at: instantWithOffset(from, utcOffsetMinutes),
    until: instantWithOffset(until, utcOffsetMinutes),
    events,
    ...factsJson({ ...activity, durationMs: until - from }),
  }
}

export function gapJson(gap: Gap) {
  const { utcOffsetMinutes: offset } = gap
  return {
    ...observedJson(gap),
    kind: 'gap',
    what: gap.what,
    cause: gap.cause,
    from: instantWithOffset(gap.from, offset),
    until: instantWithOffset(gap.until, offset),
  }
}

export function evictionJson(eviction: Eviction) {
  return {
    ...observedJson(eviction),
    kind: 'eviction',
    evicted_id: eviction.evictedId,
    evicted_seq: eviction.evictedSeq,
    evicted_kind: eviction.evictedKind,
    evicted_captured_at: instantWithOffset(eviction.evictedCapturedAt, eviction.utcOffsetMinutes),
    bytes: eviction.bytes,
    cause: eviction.cause,
  }
}

/** What was deleted; its time in the offset that its machine had, in UTC where that was not kept. */
export function deletionJson(deletion: Deletion) {
  const { id, seq, agentId, kind, capturedAt, utcOffsetMinutes, deletedAt } = deletion
  return {
    id,
    seq,
    agent_id: agentId,
    kind,
    captured_at: instantWithOffset(Number(capturedAt), utcOffsetMinutes ?? 0),
    utc_offset_minutes: utcOffsetMinutes,
    deleted_at: instant(deletedAt),
  }
}

/** An enrolment code without the code, which nobody has any more. */
export function enrolmentCodeJson(code: EnrolmentCode, now = Date.now()) {
  return {
    id: code.id,
    site: code.site,
    name: code.name,
    person: nameJson(code.person),
    uses: code.uses,
    uses_allowed: code.usesAllowed,
    state: code.stateAt(now),
    expires_at: instant(code.expiresAt),
    revoked_at: instant(code.revokedAt),
    created_at: code.createdAt.toUTC().toISO(),
  }
}

/** A token without its secret, which only its owner has. */
export function tokenJson(token: AccessToken) {
  return {
    id: Number(token.identifier),
    name: token.name,
    abilities: token.abilities,
    created_at: token.createdAt.toISOString(),
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    expires_at: token.expiresAt?.toISOString() ?? null,
  }
}

export function personJson(person: User) {
  const { id, email, role, team } = person
  return {
    id,
    full_name: person.fullName,
    email,
    role,
    team: team ? { id: team.id, name: team.name } : null,
    time_zone: person.timeZone,
    disabled_at: instant(person.disabledAt),
    created_at: person.createdAt.toUTC().toISO(),
  }
}

/** One look at a person's data: who looked, when, at what, why and from where; `viewer` is null once the account is gone. */
export function accessJson(entry: AuditEntry) {
  return {
    id: Number(entry.id),
    at: instant(entry.at),
    what: entry.action,
    object: entry.objectId,
    agent_id: entry.agentId,
    viewer: nameJson(entry.viewer),
    purpose: entry.purpose,
    address: entry.address,
  }
}

export function teamJson(team: Team) {
  return {
    id: team.id,
    name: team.name,
    managers: team.managers.map(nameJson),
    created_at: team.createdAt.toUTC().toISO(),
  }
}
