import type { ObservationResult } from '#contract/answers'
import { eventValidators, type EventKind, type ObservationEvent } from '#contract/batch'
import type { Screenshot } from '#contract/screenshot'
import ObservationsStored from '#events/observations_stored'
import type Agent from '#models/agent'
import { isLostRace } from '#services/database_errors'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { errors } from '@vinejs/vine'
import { createHash } from 'node:crypto'

const TABLES = [
  'heartbeats',
  'activities',
  'screenshots',
  'unchanged_screens',
  'recordings',
  'gaps',
  'evictions',
] as const
type Table = (typeof TABLES)[number]

/**
 * Every table that holds observations, or remembers deleted ones: an agent's ids and sequence numbers
 * are unique over all of them.
 */
export const OBSERVATION_TABLES = [...TABLES, 'deletions'] as const

/** How often a batch is tried when others write the same rows at the same time. */
const MOST_ATTEMPTS = 5

type Row = {
  readonly table: Table
  readonly kind: string
  /** What a heartbeat changes on its agent. */
  readonly contact?: Readonly<Record<string, unknown>>
  readonly columns: Readonly<Record<string, unknown>> & {
    readonly id: string
    readonly seq: number
    readonly content_sha256: string
  }
}

type Known = { readonly id: string; readonly seq: number; readonly content_sha256: string }

/**
 * Stores events in one transaction and answers for each, in order, after the COMMIT. An event that
 * is not valid, or whose id or sequence number is taken by other content, never fails another one.
 */
export async function ingestEvents(agent: Agent, events: readonly unknown[]) {
  const results: ObservationResult[] = []
  const rows = new Map<number, Row>()
  for (const [index, event] of events.entries()) {
    const checked = await validate(event)
    if ('result' in checked) {
      results[index] = checked
    } else {
      rows.set(index, rowOfEvent(agent, checked.event))
    }
  }
  const stored = await store(agent, [...rows.values()])
  for (const [position, index] of [...rows.keys()].entries()) {
    const result = stored[position]
    if (result) {
      results[index] = result
    }
  }
  return results
}

/** Stores one event; see `ingestEvents`. */
export async function ingestEvent(agent: Agent, event: ObservationEvent) {
  return only(await store(agent, [rowOfEvent(agent, event)]))
}

/** Stores the row of a screenshot whose file is on the shelf under `mediaKey`. */
export async function ingestScreenshot(agent: Agent, screenshot: Screenshot, mediaKey: string) {
  return only(await store(agent, [rowOfScreenshot(agent, screenshot, mediaKey)]))
}

function only([result]: readonly ObservationResult[]): ObservationResult {
  if (!result) {
    throw new Error('E_INGEST: expected one result for one observation, got none')
  }
  return result
}

/** What is known of a screenshot before its bytes are kept: a result when it is here already. */
export async function findScreenshot(agent: Agent, screenshot: Screenshot) {
  const row = rowOfScreenshot(agent, screenshot, '')
  return judge(row, await knownAmong(db.connection(), agent, [row]))
}

async function validate(event: unknown) {
  const { id = null, kind } = (event ?? {}) as { id?: unknown; kind?: unknown }
  const name = typeof id === 'string' ? id.slice(0, 64) : null
  if (!isEventKind(kind)) {
    const expected = Object.keys(eventValidators).join(', ')
    return rejected(name, 'kind', `The kind must be one of ${expected}`)
  }
  try {
    return { event: await eventValidators[kind].validate(event) }
  } catch (error) {
    if (error instanceof errors.E_VALIDATION_ERROR) {
      const [first] = error.messages as { field: string; message: string }[]
      return rejected(name, first?.field || null, first?.message ?? 'The event is not valid')
    }
    throw error
  }
}

function isEventKind(kind: unknown): kind is EventKind {
  return typeof kind === 'string' && Object.hasOwn(eventValidators, kind)
}

function rejected(id: string | null, field: string | null, message: string): ObservationResult {
  return { id, result: 'rejected', code: 'E_INVALID', field, message }
}

/**
 * Inserts what is new and answers for each row. Another process may store the same rows between the
 * look and the insert; then the second look sees them.
 */
async function store(
  agent: Agent,
  rows: readonly Row[],
  attempt = 1
): Promise<ObservationResult[]> {
  if (rows.length === 0) {
    return []
  }
  try {
    const results = await db.transaction((trx) => insert(trx, agent, rows))
    const last = rows.findLast((_row, index) => results[index]?.result === 'created')
    if (last) {
      await ObservationsStored.dispatch(agent, last.kind, last.columns.id)
    }
    return results
  } catch (error) {
    if (isLostRace(error) && attempt < MOST_ATTEMPTS) {
      return store(agent, rows, attempt + 1)
    }
    throw error
  }
}

async function insert(trx: TransactionClientContract, agent: Agent, rows: readonly Row[]) {
  const known = await knownAmong(trx, agent, rows)
  const results: ObservationResult[] = []
  const fresh = new Map<Table, Row['columns'][]>()
  let contact: Row['contact']
  for (const row of rows) {
    const verdict = judge(row, known)
    results.push(verdict ?? { id: row.columns.id, result: 'created' })
    if (!verdict) {
      known.push(row.columns)
      contact = row.contact ?? contact
      fresh.set(row.table, [...(fresh.get(row.table) ?? []), row.columns])
    }
  }
  for (const [table, columns] of fresh) {
    await trx.table(table).multiInsert([...columns])
  }
  await trx
    .from('agents')
    .where('id', agent.id)
    .update({ last_seen_at: Date.now(), ...contact })
  return results
}

/** Rows of this agent, of any kind, that have an id or a sequence number of `rows`: one query. */
async function knownAmong(
  client: Pick<TransactionClientContract, 'from'>,
  agent: Agent,
  rows: readonly Row[]
): Promise<Known[]> {
  const ids = rows.map((row) => row.columns.id)
  const seqs = rows.map((row) => row.columns.seq)
  const [first, ...others] = OBSERVATION_TABLES.map((table) =>
    client
      .from(table)
      .select('id', 'seq', 'content_sha256')
      .where('agent_id', agent.id)
      .where((query) => query.whereIn('id', ids).orWhereIn('seq', seqs))
  )
  return first ? first.unionAll(others) : []
}

/** What is to be said of a row that is here already, or null when it is new. */
function judge({ columns }: Row, known: readonly Known[]): ObservationResult | null {
  const { id, seq } = columns
  const same = known.find((other) => other.id === id)
  if (same?.content_sha256 === columns.content_sha256) {
    return { id, result: 'duplicate' }
  }
  if (same) {
    const message = 'This id is here already, with other content'
    return { id, result: 'conflict', code: 'E_CONFLICT', field: 'id', message }
  }
  if (known.some((other) => Number(other.seq) === seq)) {
    const message = `The sequence number ${seq} is taken by another observation`
    return { id, result: 'conflict', code: 'E_CONFLICT', field: 'seq', message }
  }
  return null
}

function common(agent: Agent, observation: ObservationEvent | Screenshot) {
  return {
    id: observation.id,
    agent_id: agent.id,
    seq: observation.seq,
    captured_at: Date.parse(observation.captured_at),
    utc_offset_minutes: observation.utc_offset_minutes,
    policy_version: observation.policy_version,
    received_at: Date.now(),
    content_sha256: createHash('sha256').update(JSON.stringify(observation)).digest('hex'),
  }
}

function rowOfEvent(agent: Agent, event: ObservationEvent): Row {
  switch (event.kind) {
    case 'heartbeat':
      return {
        table: 'heartbeats',
        kind: event.kind,
        contact: {
          state: event.state,
          interval_seconds: Math.ceil(event.interval_seconds),
          agent_version: event.agent_version,
          last_heartbeat: JSON.stringify(event),
        },
        columns: {
          ...common(agent, event),
          state: event.state,
          seconds_since_input: event.seconds_since_input,
          body: JSON.stringify(event),
        },
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

function rowOfScreenshot(agent: Agent, screenshot: Screenshot, mediaKey: string): Row {
  const { kind, width, height, bytes, sha256, dhash, source, simulated, degraded } = screenshot
  const facts = { width, height, bytes, sha256, dhash, source, simulated, degraded }
  return {
    table: 'screenshots',
    kind,
    columns: {
      ...common(agent, screenshot),
      ...facts,
      capture_group: screenshot.capture_group,
      media_type: screenshot.media_type,
      display: JSON.stringify(screenshot.display),
      media_key: mediaKey,
    },
  }
}
