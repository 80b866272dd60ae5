import type User from '#models/user'
import { isDatabaseAway, isLostRace } from '#services/database_errors'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { createHash } from 'node:crypto'

/** What one row says, before it is sealed. */
export type AuditFacts = {
  readonly kind: 'look' | 'change' | 'sign_in'
  readonly action: string
  readonly actor: 'user' | 'command'
  readonly actor_id: number | null
  readonly person_id: number | null
  readonly agent_id: number | null
  readonly object_id: string | null
  readonly purpose: string | null
  readonly details: string | null
  readonly address: string | null
}

export type AuditRow = AuditFacts & {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly previous_hash: string
  readonly hash: string
}

/** Who changes something: somebody at a browser or with a token, or a command on the server. */
export type Actor = { readonly user: User; readonly address: string } | 'command'

/** What is changed, such as `user` 3, and the person it is about where there is one. */
export type Changed = {
  readonly type: string
  readonly id: number | string
  readonly personId?: number | null
  readonly agentId?: number | null
}

type Values = Readonly<Record<string, unknown>> | null

/** What stands before the first row. */
export const GENESIS = '0'.repeat(64)

/** Rows in one statement, and in one step of a verification. */
const CHUNK = 500

/** How often a transaction that lost a race is run again. */
const ATTEMPTS = 5

/** The seal of a row: SHA-256 over the seal before it and its own facts, in this order. */
export function sealOf(row: Omit<AuditRow, 'hash'>): string {
  const { previous_hash: previous, id, at, kind, action, actor, ...facts } = row
  const { actor_id: actorId, person_id: personId, agent_id: agentId } = facts
  const { object_id: objectId, purpose, details, address } = facts
  return createHash('sha256')
    .update(
      JSON.stringify([
        ...[previous, id, at, kind, action, actor, actorId],
        ...[personId, agentId, objectId, purpose, details, address],
      ])
    )
    .digest('hex')
}

/**
 * Appends a row and resolves when it is committed; what it is about may happen only then. Rows of
 * many requests at once are one transaction.
 */
export function record(facts: AuditFacts): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ facts, resolve, reject })
    if (!isWriting) {
      isWriting = true
      void drain()
    }
  })
}

/**
 * Appends what somebody changed, inside the transaction that changes it: only what differs between
 * `before` and `after` is kept; `null` stands for a thing that was not there, or is no more.
 */
export async function recordChange(
  trx: TransactionClientContract,
  actor: Actor,
  action: string,
  object: Changed,
  before: Values = null,
  after: Values = null
): Promise<void> {
  await append(trx, [
    {
      kind: 'change',
      action,
      ...(actor === 'command'
        ? { actor, actor_id: null, address: null }
        : { actor: 'user', actor_id: actor.user.id, address: actor.address }),
      person_id: object.personId ?? null,
      agent_id: object.agentId ?? null,
      object_id: `${object.type}:${object.id}`,
      purpose: null,
      details: differences(before, after),
    },
  ])
}

/** Appends that somebody signed in or out, or did not get in. */
export function recordSignIn(user: User, action: string, address: string): Promise<void> {
  return record({
    ...{ kind: 'sign_in', action, actor: 'user', actor_id: user.id, person_id: user.id, address },
    ...{ agent_id: null, object_id: null, purpose: null, details: null },
  })
}

export type Verdict =
  | { readonly status: 'verified'; readonly first: number; readonly last: number; hash: string }
  | { readonly status: 'empty' }
  | { readonly status: 'broken'; readonly id: number; readonly why: string }

/**
 * Walks the log from row `from` to its end. A changed, missing or inserted row is found, and so is an
 * end that was cut off. A log that does not begin with row 1 is believed from its first row on only
 * where `from` says so.
 */
export async function verifyAudit(from = 1): Promise<Verdict> {
  const head = await db.from('audit_head').where('id', 1).first()
  const end = { id: Number(head?.last_id ?? 0), hash: String(head?.last_hash ?? GENESIS) }
  let previous: string | null = from === 1 ? GENESIS : null
  let id = from
  for (;;) {
    const rows = (await db
      .from('audit_log')
      .where('id', '>=', id)
      .where('id', '<=', end.id)
      .orderBy('id')
      .limit(CHUNK)) as Record<string, unknown>[]
    for (const row of rows.map(rowOf)) {
      const why = faultOf(row, id, previous)
      if (why) {
        return { status: 'broken', id, why }
      }
      previous = row.hash
      id += 1
    }
    if (rows.length < CHUNK) {
      return verdictAt(from, id - 1, previous ?? GENESIS, end)
    }
  }
}

function faultOf(row: AuditRow, id: number, previous: string | null): string | null {
  if (row.id !== id) {
    return `row ${id} is missing`
  }
  if (previous !== null && row.previous_hash !== previous) {
    return `row ${id} does not follow the row before it`
  }
  return sealOf(row) === row.hash ? null : `row ${id} is not what was sealed`
}

function verdictAt(
  first: number,
  last: number,
  hash: string,
  end: { readonly id: number; readonly hash: string }
): Verdict {
  if (end.id === 0) {
    return { status: 'empty' }
  }
  if (last < end.id || hash !== end.hash) {
    return { status: 'broken', id: last + 1, why: `the log should end with row ${end.id}` }
  }
  return { status: 'verified', first, last, hash }
}

type Waiting = {
  readonly facts: AuditFacts
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const waiting: Waiting[] = []
let isWriting = false

async function drain(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, CHUNK)
    try {
      await inTransaction(batch.map(({ facts }) => facts))
      batch.forEach(({ resolve }) => resolve())
    } catch (error) {
      // whoever joined meanwhile would wait as long for the same answer
      const failed = isDatabaseAway(error) ? [...batch, ...waiting.splice(0)] : batch
      failed.forEach(({ reject }) => reject(error))
    }
  }
  isWriting = false
}

async function inTransaction(facts: readonly AuditFacts[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction((trx) => append(trx, facts))
    } catch (error) {
      if (attempt === ATTEMPTS || !isLostRace(error)) {
        throw error
      }
    }
  }
}

async function append(trx: TransactionClientContract, facts: readonly AuditFacts[]): Promise<void> {
  const head = (await lockHead(trx)) ?? (await makeHead(trx))
  let { last_id: id, last_hash: previous } = head
  const at = Date.now()
  const rows = facts.map((fact) => {
    id += 1
    const sealed = { ...fact, id, at, previous_hash: previous }
    previous = sealOf(sealed)
    return { ...sealed, hash: previous }
  })
  await trx.table('audit_log').multiInsert(rows)
  await trx.from('audit_head').where('id', 1).update({ last_id: id, last_hash: previous })
}

type Head = { last_id: number; last_hash: string }

async function lockHead(trx: TransactionClientContract): Promise<Head | null> {
  const row = await trx.from('audit_head').where('id', 1).forUpdate().first()
  return row ? { last_id: Number(row.last_id), last_hash: String(row.last_hash) } : null
}

/** Of two that make the first head, the second waits, and goes on from what the first wrote. */
async function makeHead(trx: TransactionClientContract): Promise<Head> {
  await trx
    .knexQuery()
    .insert({ id: 1, last_id: 0, last_hash: GENESIS })
    .into('audit_head')
    .onConflict('id')
    .ignore()
  return (await lockHead(trx)) ?? { last_id: 0, last_hash: GENESIS }
}

function differences(before: Values, after: Values): string | null {
  if (before === null || after === null) {
    return before === after ? null : JSON.stringify({ before, after })
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])
  )
  const only = (values: NonNullable<Values>) =>
    Object.fromEntries(names.map((name) => [name, values[name] ?? null]))
  return JSON.stringify({ before: only(before), after: only(after) })
}

function rowOf(row: Record<string, unknown>): AuditRow {
  const number = (value: unknown) => (value === null ? null : Number(value))
  return {
    ...(row as AuditRow),
    id: Number(row.id),
    at: Number(row.at),
    actor_id: number(row.actor_id),
    person_id: number(row.person_id),
    agent_id: number(row.agent_id),
  }
}
