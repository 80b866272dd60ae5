import type User from '#models/user'
import { isDatabaseAway, isLostRace } from '#services/database_errors'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'

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

/** A stretch of the log that was let go of on purpose: its last number and seal, and the row that says so. */
export type Anchor = { readonly id: number; readonly last: number; readonly hash: string }

/** What the rows are about that anchor what is left of the log. */
export const ANCHOR = { type: 'audit_log', id: 'pruned' } as const

export type Verdict =
  | {
      readonly status: 'verified'
      readonly first: number
      readonly last: number
      readonly hash: string
      /** What stood before, where that was let go of; the row `id` of the log says when. */
      readonly pruned: Anchor | null
    }
  | { readonly status: 'empty' }
  | { readonly status: 'broken'; readonly id: number; readonly why: string }

/** A row that a walk comes to next, and the seal that it has to follow; null where that is believed. */
export type Position = { readonly id: number; readonly previous: string | null }

/** Where a walk stopped: at the end of the log, at a fault, or because it was enough. */
export type Walked = Position & { readonly why: string | null; readonly isAtEnd: boolean }

/** What a walk needs to know of the whole log. */
export type Bounds = {
  /** The first row that has to be there, and the seal that it has to follow. */
  readonly start: Position
  /** The seals that rows had before they were let go of, and have to have while they are still there. */
  readonly seals: ReadonlyMap<number, string>
  readonly end: { readonly id: number; readonly hash: string }
  readonly pruned: Anchor | null
}

/** The bounds of the log now, or the anchor row that is not what was sealed. */
export async function boundsOfLog(): Promise<
  Bounds | { readonly id: number; readonly why: string }
> {
  const head = await db.from('audit_head').where('id', 1).first()
  const end = { id: Number(head?.last_id ?? 0), hash: String(head?.last_hash ?? GENESIS) }
  const pruned = await newestAnchor()
  if (pruned && 'why' in pruned) {
    return pruned
  }
  const seals = new Map([[0, GENESIS], ...(pruned ? [[pruned.last, pruned.hash] as const] : [])])
  const id = pruned ? await beginning(pruned) : 1
  return { start: { id, previous: seals.get(id - 1) ?? null }, seals, end, pruned }
}

/**
 * Walks the log from a row to its end, or until it is enough, which is asked after each few hundred
 * rows. Others have their turn in between.
 */
export async function walkAudit(
  from: Position,
  { seals, end }: Bounds,
  isEnough: () => boolean = () => false
): Promise<Walked> {
  let { id, previous } = from
  for (;;) {
    const rows = await rowsFrom(id, end.id)
    for (const row of rows) {
      const why = faultOf(row, id, previous, seals.get(id))
      if (why) {
        return { id, previous, why, isAtEnd: false }
      }
      previous = row.hash
      id += 1
    }
    if (rows.length < CHUNK) {
      const isWhole = id > end.id && (previous ?? GENESIS) === end.hash
      const why = isWhole || end.id === 0 ? null : `the log should end with row ${end.id}`
      return { id, previous, why, isAtEnd: why === null }
    }
    if (isEnough()) {
      return { id, previous, why: null, isAtEnd: false }
    }
    await turn()
  }
}

/**
 * Walks the log from row `from` to its end. A changed, missing or inserted row is found, and so is an
 * end that was cut off. Where the log was pruned, it begins after the newest anchor, whose row has to
 * be whole and whose seal has to fit. What lies before another `from` is believed.
 */
export async function verifyAudit(from = 1): Promise<Verdict> {
  const bounds = await boundsOfLog()
  if ('why' in bounds) {
    return { status: 'broken', ...bounds }
  }
  const id = Math.max(from, bounds.start.id)
  const walked = await walkAudit({ id, previous: bounds.seals.get(id - 1) ?? null }, bounds)
  if (walked.why !== null) {
    return { status: 'broken', id: walked.id, why: walked.why }
  }
  return bounds.end.id === 0
    ? { status: 'empty' }
    : {
        status: 'verified',
        first: id,
        last: walked.id - 1,
        hash: walked.previous ?? GENESIS,
        pruned: bounds.pruned,
      }
}

async function rowsFrom(id: number, last: number): Promise<AuditRow[]> {
  const rows = (await db
    .from('audit_log')
    .where('id', '>=', id)
    .where('id', '<=', last)
    .orderBy('id')
    .limit(CHUNK)) as Record<string, unknown>[]
  return rows.map(rowOf)
}

/** The newest row that says what was let go of, or what is wrong with it. */
export async function newestAnchor(): Promise<Anchor | { id: number; why: string } | null> {
  const object = `${ANCHOR.type}:${ANCHOR.id}`
  const found = await db.from('audit_log').where('object_id', object).orderBy('id', 'desc').first()
  if (!found) {
    return null
  }
  const row = rowOf(found)
  const said = anchorOf(row)
  return sealOf(row) === row.hash && said
    ? said
    : { id: row.id, why: `row ${row.id} is not what was sealed` }
}

function anchorOf({ id, details }: AuditRow): Anchor | null {
  const { after } = JSON.parse(details ?? '{}') as { after?: { to: number; hash: string } }
  return after ? { id, last: after.to, hash: after.hash } : null
}

/** The first number that has to be there: a run that was ended may have left some of what it let go of. */
async function beginning({ last }: Anchor): Promise<number> {
  const lowest = await db.from('audit_log').min('id as id').first()
  return Math.min(Number(lowest?.id ?? last + 1), last + 1)
}

function faultOf(
  row: AuditRow,
  id: number,
  previous: string | null,
  anchored: string | undefined
): string | null {
  if (row.id !== id) {
    return `row ${id} is missing`
  }
  if (previous !== null && row.previous_hash !== previous) {
    return `row ${id} does not follow the row before it`
  }
  const isSealed = sealOf(row) === row.hash && (anchored ?? row.hash) === row.hash
  return isSealed ? null : `row ${id} is not what was sealed`
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
