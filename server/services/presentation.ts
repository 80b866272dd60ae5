import type Agent from '#models/agent'
import type Heartbeat from '#models/heartbeat'
import type Screenshot from '#models/screenshot'

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

const instant = (milliseconds: number | null) =>
  milliseconds ? new Date(milliseconds).toISOString() : null

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
    person: agent.person ? { id: agent.person.id, full_name: agent.person.fullName } : null,
    presence: agent.presenceAt(now),
    state,
    last_seen_at: instant(agent.lastSeenAt),
    interval_seconds: agent.intervalSeconds,
    revoked_at: instant(agent.revokedAt),
    created_at: agent.createdAt.toUTC().toISO(),
  }
}

/** A heartbeat as it was sent, with whose it is and when it came. */
export function heartbeatJson(heartbeat: Heartbeat) {
  const { body, agentId, capturedAt, utcOffsetMinutes, receivedAt } = heartbeat
  return {
    ...body,
    agent_id: agentId,
    captured_at: instantWithOffset(capturedAt, utcOffsetMinutes),
    received_at: instant(receivedAt),
  }
}

/** A screenshot's description, and where its bytes are. */
export function screenshotJson(screenshot: Screenshot) {
  const { id, seq, width, height, bytes, sha256, dhash, source, display } = screenshot
  return {
    id,
    seq,
    kind: 'screenshot',
    agent_id: screenshot.agentId,
    captured_at: instantWithOffset(screenshot.capturedAt, screenshot.utcOffsetMinutes),
    received_at: instant(screenshot.receivedAt),
    policy_version: screenshot.policyVersion,
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
