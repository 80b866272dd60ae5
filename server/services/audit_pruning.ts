import { ANCHOR, newestAnchor, recordChange, verifyAudit } from '#services/audit'
import env from '#start/env'
import db from '@adonisjs/lucid/services/db'
import { setImmediate as turn } from 'node:timers/promises'

const DAY_MS = 86_400_000

/** Days that the log is kept where nobody said otherwise. */
const DEFAULT_DAYS = 365

/** Rows that go in one statement, so that nobody who looks at something waits for long. */
const CHUNK = 1000

/** The days that this installation keeps its log. */
export function auditDays(): number {
  return env.get('RETENTION_AUDIT_DAYS', DEFAULT_DAYS)
}

export type PruneOptions = {
  /** The moment that ages are counted from, in milliseconds; default now. */
  readonly now?: number
  /** Counts and touches nothing. */
  readonly dryRun?: boolean
  /** Ends the run between two statements; the next one goes on where it stopped. */
  readonly signal?: AbortSignal
}

/** Rows that went or would go. `broken` is the first bad row of a log that is left alone for it. */
export type Pruned = { readonly rows: number; readonly broken: number | null }

/**
 * Lets go of the rows of whole days (UTC) that are older than the log is kept. A row at its end says
 * how many went, and the number and the seal of the last of them, before the first one goes: what is
 * left is proven from there on. Rows about a person who is held stay, and everything after them. A
 * log that is not whole is not touched.
 */
export async function pruneAudit(options: PruneOptions = {}): Promise<Pruned> {
  const now = options.now ?? Date.now()
  const before = Math.floor((now - auditDays() * DAY_MS) / DAY_MS) * DAY_MS
  const first = await lowest()
  const last = first === null ? 0 : Math.min(await lastBefore(before), (await firstHeld()) - 1)
  const anchored = await newestAnchor()
  const left = anchored && 'last' in anchored ? anchored.last : 0
  const rows = first === null ? 0 : Math.max(0, Math.max(last, left) - first + 1)
  if (rows === 0 || first === null) {
    return { rows: 0, broken: null }
  }
  const verdict = await verifyAudit()
  if (verdict.status === 'broken') {
    return { rows: 0, broken: verdict.id }
  }
  if (options.dryRun) {
    return { rows, broken: null }
  }
  if (last > left) {
    await anchor(first, last)
  }
  return { rows: await remove(first, Math.max(last, left), options.signal), broken: null }
}

async function lowest(): Promise<number | null> {
  const row = await db.from('audit_log').min('id as id').first()
  return row?.id ? Number(row.id) : null
}

/** The last row of those that are all older; 0 for none. */
async function lastBefore(before: number): Promise<number> {
  const next = await db.from('audit_log').where('at', '>=', before).orderBy('id').first()
  const head = await db.from('audit_head').where('id', 1).first()
  return next ? Number(next.id) - 1 : Number(head?.last_id ?? 0)
}

/** The first row about somebody whose data of that time is held. */
async function firstHeld(): Promise<number> {
  const holds: { person_id: number; from: number; until: number }[] = await db
    .from('retention_holds')
    .whereNull('released_at')
    .select('person_id', 'from', 'until')
  const found = holds.map(async ({ person_id: personId, from, until }) => {
    const row = await db
      .from('audit_log')
      .where('person_id', personId)
      .whereBetween('at', [Number(from), Number(until)])
      .orderBy('id')
      .first()
    return row ? Number(row.id) : Infinity
  })
  return Math.min(Infinity, ...(await Promise.all(found)))
}

/** Writes down what goes, before it goes. */
async function anchor(first: number, last: number): Promise<void> {
  await db.transaction(async (trx) => {
    const row = await trx.from('audit_log').where('id', last).select('hash').firstOrFail()
    await recordChange(trx, 'command', 'audit.prune', ANCHOR, null, {
      from: first,
      to: last,
      rows: last - first + 1,
      hash: row.hash,
    })
  })
}

async function remove(first: number, last: number, signal?: AbortSignal): Promise<number> {
  let removed = 0
  for (let id = first; id <= last && !signal?.aborted; id += CHUNK) {
    const end = Math.min(last, id + CHUNK - 1)
    removed += Number(await db.from('audit_log').where('id', '<=', end).delete())
    await turn()
  }
  return removed
}
