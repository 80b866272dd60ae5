import AuditEntry from '#models/audit_entry'
import db from '@adonisjs/lucid/services/db'

/** What the list is narrowed to; days are UTC. */
export type AuditFilter = {
  readonly kind?: 'look' | 'change' | 'sign_in' | null
  readonly actor?: number | null
  readonly person?: number | null
  readonly action?: string | null
  readonly from?: string | null
  readonly to?: string | null
}

/** How far a clock that was set back may be from the order of the rows. */
const CLOCK_MS = 86_400_000

type Bounds = { readonly first: number | null; readonly end: number | null }

/** Numbers between which the rows of some days lie, a day wider, so that a list need not look outside. */
export async function boundsOf({ from, to }: AuditFilter): Promise<Bounds> {
  return {
    first: from
      ? ((await firstSince(Date.parse(`${from}T00:00:00Z`) - CLOCK_MS)) ?? Number.MAX_SAFE_INTEGER)
      : null,
    end: to ? await firstSince(Date.parse(`${to}T00:00:00Z`) + 86_400_000 + CLOCK_MS) : null,
  }
}

async function firstSince(moment: number): Promise<number | null> {
  const row = await db
    .from('audit_log')
    .where('at', '>=', moment)
    .orderBy('at')
    .select('id')
    .first()
  return row ? Number(row.id) : null
}

/** Rows of the log within their bounds, newest first. */
export function auditRows(filter: AuditFilter, { first, end }: Bounds) {
  const { kind, actor, person, action, from, to } = filter
  const query = AuditEntry.query().preload('viewer').preload('agent').orderBy('id', 'desc')
  // one of them by its index: of two that look alike to a planner without statistics it may take the worse
  const wanted = [
    ['person_id', person],
    ['actor_id', actor],
    ['action', action],
    ['kind', kind],
  ] as const
  let isFound = false
  for (const [column, value] of wanted) {
    if (value) {
      query.whereRaw(isFound ? `coalesce(${column}, '') = ?` : `${column} = ?`, [value])
      isFound = true
    }
  }
  if (from) {
    query.where('at', '>=', Date.parse(`${from}T00:00:00Z`))
  }
  if (to) {
    query.where('at', '<', Date.parse(`${to}T00:00:00Z`) + 86_400_000)
  }
  if (first !== null) {
    query.where('id', '>=', first)
  }
  if (end !== null) {
    query.where('id', '<', end)
  }
  return query
}
