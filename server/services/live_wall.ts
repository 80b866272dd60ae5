import type Agent from '#models/agent'
import Screenshot from '#models/screenshot'
import type User from '#models/user'
import { peopleWithDaysFor } from '#services/people'
import { resolvePolicy, type PublishedPolicy } from '#services/policy/resolve'
import { publishedPolicies } from '#services/policy/store'
import { givePurposes, peopleWithPurpose } from '#services/purpose'
import db from '@adonisjs/lucid/services/db'

/** A picture older than this is no "now" any more. */
const OLDEST_MS = 24 * 3_600_000

/** A picture is stale when this many looks passed without a newer one. */
const STALE_INTERVALS = 3

/** Tiles on one wall at the most. */
export const MOST_TILES = 240

/** Why a tile shows no picture, or `picture`. */
export type TileState = 'picture' | 'paused' | 'locked' | 'none' | 'unacknowledged'

export type Tile = {
  readonly person: User
  readonly agent: Agent
  readonly state: TileState
  readonly shot: Screenshot | null
  /** The picture is older than its policy's interval explains, or the agent is silent. */
  readonly isStale: boolean
}

export type Wall = {
  readonly groups: readonly { readonly name: string; readonly tiles: readonly Tile[] }[]
  /** Everybody whose policy allows the wall. */
  readonly allowed: number
  /** Of them, those of whom nothing is shown because no reason was given today. */
  readonly withoutPurpose: number
  /** People with a computer whose policy does not allow the wall. */
  readonly off: number
  /** Tiles that did not find room. */
  readonly leftOut: number
}

type OnWall = {
  readonly person: User
  readonly agent: Agent
  /** The policy that allowed the wall: pictures taken before it was in force are not shown. */
  readonly since: number
  readonly intervalSeconds: number
}

/**
 * The newest picture of each computer whose days `viewer` may see and whose policy allows the wall, by team.
 * A picture is shown where the policy in force when it was taken already allowed it, which on the
 * agent means that the person acknowledged it; and while the person does not pause.
 */
export async function liveWall(viewer: User, teamId: number | null, now: number): Promise<Wall> {
  const { allowed, off } = await onWall(viewer, teamId)
  const given = new Set((await peopleWithPurpose(viewer)).map((row) => Number(row.person_id)))
  const open = allowed.filter(({ person }) => person.id === viewer.id || given.has(person.id))
  const shown = open.slice(0, MOST_TILES)
  const shots = await newestShots(
    shown.map(({ agent }) => agent.id),
    now - OLDEST_MS
  )
  const tiles = shown.map((entry) => tileOf(entry, shots.get(entry.agent.id) ?? null, now))
  return {
    groups: byTeam(tiles),
    allowed: allowed.length,
    withoutPurpose: allowed.length - open.length,
    off,
    leftOut: open.length - shown.length,
  }
}

/** One reason for everybody on the wall of `viewer` of whom none was given today. */
export async function giveWallPurpose(viewer: User, text: string) {
  const { allowed } = await onWall(viewer, null)
  const ids = new Set(allowed.map(({ person }) => person.id).filter((id) => id !== viewer.id))
  const given = await peopleWithPurpose(viewer)
  for (const row of given) {
    ids.delete(Number(row.person_id))
  }
  await givePurposes(viewer, [...ids], text)
}

async function onWall(viewer: User, teamId: number | null) {
  const query = peopleWithDaysFor(viewer)
    .whereNull('disabled_at')
    .preload('team')
    .preload('agents', (agents) => agents.whereNull('revoked_at').orderBy('name'))
    .orderBy('full_name')
  if (teamId !== null) {
    query.where('users.team_id', teamId)
  }
  const people = await query
  const policies = await publishedPolicies()
  const entries = people.flatMap((person) =>
    person.agents.map((agent) => ({ person, agent, ...permissionOf(person, agent, policies) }))
  )
  const allowed = entries.flatMap((entry) =>
    entry.since === null ? [] : [{ ...entry, since: entry.since }]
  )
  const off = new Set(entries.filter(({ since }) => since === null).map(({ person }) => person.id))
  return { allowed, off: off.size }
}

function permissionOf(person: User, agent: Agent, policies: readonly PublishedPolicy[]) {
  const concerns = ({ level, subjectId }: PublishedPolicy) =>
    level === 'organisation' ||
    (level === 'team' && subjectId === person.teamId) ||
    (level === 'person' && subjectId === person.id) ||
    (level === 'agent' && subjectId === agent.id)
  const { values, explained } = resolvePolicy(policies.filter(concerns))
  const isOn = values['screenshot.live'] === true && values['screenshot.enabled'] !== false
  return {
    since: isOn ? (explained.find(({ key }) => key === 'screenshot.live')?.version ?? null) : null,
    intervalSeconds: values['screenshot.interval_seconds'] ?? 300,
  }
}

/** The newest picture of each agent since `from`: by its key, one seek an agent. */
async function newestShots(agentIds: readonly number[], from: number) {
  if (agentIds.length === 0) {
    return new Map<number, Screenshot>()
  }
  const rows: { shot: string | null }[] = await db
    .from('agents')
    .whereIn('agents.id', [...agentIds])
    .select(
      db.raw(
        `(select screenshots.id from screenshots where screenshots.agent_id = agents.id and captured_at >= ?
          order by captured_at desc, screenshots.id desc limit 1) as shot`,
        [from]
      )
    )
  const ids = rows.flatMap(({ shot }) => shot ?? [])
  const shots = await Screenshot.query()
    .whereIn('id', ids)
    .whereIn('agent_id', [...agentIds])
  return new Map(shots.map((shot) => [shot.agentId, shot]))
}

function tileOf(entry: OnWall, shot: Screenshot | null, now: number): Tile {
  const { person, agent, since, intervalSeconds } = entry
  const isOnline = agent.presenceAt(now) === 'online'
  const isPaused = (agent.pausedUntil ?? 0) > now || agent.state === 'paused'
  const state: TileState = isPaused
    ? 'paused'
    : isOnline && agent.state === 'locked'
      ? 'locked'
      : shot === null
        ? 'none'
        : shot.policyVersion < since
          ? 'unacknowledged'
          : 'picture'
  const isStale =
    !isOnline || (shot !== null && now - shot.capturedAt > STALE_INTERVALS * intervalSeconds * 1000)
  return { person, agent, state, shot: state === 'picture' ? shot : null, isStale }
}

function byTeam(tiles: readonly Tile[]): Wall['groups'] {
  const teams = Map.groupBy(tiles, ({ person }) => person.team?.name ?? 'Without a team')
  return [...teams]
    .map(([name, members]) => ({ name, tiles: members }))
    .sort((one, other) => one.name.localeCompare(other.name))
}
