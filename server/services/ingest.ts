import type { ObservationResult } from '#contract/answers'
import { eventValidators, type EventKind } from '#contract/batch'
import { isExact } from '#services/exact_events'
import { committer } from '#services/group_commit'
import {
  rowOfEvent,
  rowOfMedium,
  type Medium,
  type Observer,
  type Place,
  type Row,
} from '#services/observation_rows'
import db from '@adonisjs/lucid/services/db'
import { errors } from '@vinejs/vine'

/**
 * Stores events and answers for each, in order, after the COMMIT that holds them. An event that is
 * not valid, or whose id or sequence number is taken by other content, never fails another one.
 *
 * While a batch waits for its COMMIT nothing holds its events any more, only their rows: what the
 * young generation has to carry along then is half of it, and that costs more than storing it.
 */
export function ingestEvents(agent: Observer, events: readonly unknown[]) {
  return sort(agent, events).then((sorted) => commit(agent, sorted))
}

/** A batch that was checked: its rows and their places in it, and what is said of the others. */
type Sorted = {
  readonly results: ObservationResult[]
  readonly rows: readonly Row[]
  readonly places: readonly number[]
}

async function sort(agent: Observer, events: readonly unknown[]): Promise<Sorted> {
  const results: ObservationResult[] = []
  const rows: Row[] = []
  const places: number[] = []
  for (const [index, event] of events.entries()) {
    const checked = exactly(event) ?? (await validate(event))
    if ('result' in checked) {
      results[index] = checked
    } else {
      rows.push(rowOfEvent(agent, checked.event))
      places.push(index)
    }
  }
  return { results, rows, places }
}

async function commit(agent: Observer, { results, rows, places }: Sorted) {
  if (rows.length > 0) {
    const stored = await committer.commit(agent, rows)
    for (const [position, index] of places.entries()) {
      const result = stored[position]
      if (result) {
        results[index] = result
      }
    }
  }
  return results
}

/** Checks and stores one event of a kind; throws what its validator throws. See `ingestEvents`. */
export async function ingestEvent(agent: Observer, kind: EventKind, event: unknown) {
  const row = rowOfEvent(
    agent,
    isExact(kind, event) ? event : await eventValidators[kind].validate(event)
  )
  return only(await committer.commit(agent, [row]))
}

/** Stores the row of a medium whose file stands at `place`. */
export async function ingestMedium(agent: Observer, medium: Medium, place: Place) {
  return only(await committer.commit(agent, [rowOfMedium(agent, medium, place)]))
}

/** What is known of a medium before its bytes are kept: a result when it is here already. */
export async function findMedium(agent: Observer, medium: Medium) {
  return committer.find(agent, rowOfMedium(agent, medium, { disk: 'local', key: '', moveTo: null }))
}

/** Under which key the file of a medium stands, or null when there is no row of it. */
export async function mediaKeyOf(agent: Observer, { kind, id }: Medium): Promise<string | null> {
  const row = await db
    .from(`${kind}s`)
    .where({ id, agent_id: agent.id })
    .select('media_key')
    .first()
  return row?.media_key ?? null
}

function only([result]: readonly ObservationResult[]): ObservationResult {
  if (!result) {
    throw new Error('E_INGEST: expected one result for one observation, got none')
  }
  return result
}

function exactly(event: unknown) {
  const { kind } = (event ?? {}) as { kind?: unknown }
  return isEventKind(kind) && isExact(kind, event) ? { event } : null
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
