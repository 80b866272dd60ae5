import Agent from '#models/agent'
import type { Now } from '#models/agent'
import type User from '#models/user'
import { loadLastHeartbeats } from '#services/last_heartbeats'
import db from '@adonisjs/lucid/services/db'

/** One collector of a computer as its newest heartbeat told. */
export type Collector = {
  /** What it captures, in words. */
  readonly what: string
  readonly isWorking: boolean
  /** Why not, where it does not. */
  readonly why: string | null
}

export type ComputerNow = {
  readonly agent: Agent
  readonly now: Now
  /** Since when nothing was heard, or until when it pauses; milliseconds. */
  readonly at: number | null
  readonly collectors: readonly Collector[]
  /** When it last looked at the screen, and when it does next as far as its looks tell; milliseconds. */
  readonly lastLook: number | null
  readonly nextLook: number | null
}

const WORDS: Readonly<Record<string, string>> = {
  screenshot: 'pictures of the screen',
  recording: 'recordings of the screen',
  activity: 'which application is in front, and whether somebody works there',
}

/** What the computers of a person capture at this moment. */
export async function capturedNow(person: User, now: number): Promise<ComputerNow[]> {
  const agents = await Agent.query()
    .where('person_id', person.id)
    .whereNull('revoked_at')
    .orderBy('name')
  await loadLastHeartbeats(agents)
  return Promise.all(agents.map((agent) => computerNow(agent, now)))
}

async function computerNow(agent: Agent, now: number): Promise<ComputerNow> {
  const state = agent.nowAt(now)
  const [last = null, before = null] = await lastLooks(agent.id)
  const isLooking = state === 'online' || state === 'idle'
  const next = last !== null && before !== null ? last + (last - before) : null
  return {
    agent,
    now: state,
    at: state === 'paused' ? agent.pausedUntil : agent.lastSeenAt,
    collectors: (agent.lastHeartbeat?.plugins ?? [])
      .filter(({ name }) => name in WORDS)
      .map(({ name, state: is, reason }) => ({
        what: WORDS[name] ?? name,
        isWorking: is === 'ok',
        why: is === 'ok' ? null : (reason ?? is),
      })),
    lastLook: last,
    nextLook: isLooking && next !== null && next > now ? next : null,
  }
}

/** The two newest looks at the screen, stored or unchanged: by key. */
async function lastLooks(agentId: number): Promise<number[]> {
  const newest = (table: string) =>
    db
      .from(table)
      .where('agent_id', agentId)
      .distinct('captured_at')
      .orderBy('captured_at', 'desc')
      .limit(2)
  const rows: { captured_at: number }[] = [
    ...(await newest('screenshots')),
    ...(await newest('unchanged_screens')),
  ]
  const times = [...new Set(rows.map(({ captured_at: at }) => Number(at)))]
  return times.sort((one, other) => other - one).slice(0, 2)
}
