import { boundsOfLog, walkAudit, type Anchor, type Bounds, type Position } from '#services/audit'
import { readSetting, writeSetting } from '#services/settings'
import db from '@adonisjs/lucid/services/db'

const KEY = 'audit_walks'

/** How long rows are walked in one step, in milliseconds. */
const STEP_MS = 1000

/** The whole log is walked anew this long after it was begun the last time. */
const AGAIN_MS = 86_400_000

/** The first row that is not what it was, and why. */
type Fault = { readonly id: number; readonly why: string }

/** A walk over the log that goes on where it stopped. */
type Walk = Position & { readonly fault: Fault | null }

type Walks = {
  /** Over what is new; everything before it was walked, by this one or by earlier ones. */
  readonly fresh: Walk
  /** When `fresh` came to where it is, in milliseconds. */
  readonly at: number
  /** Over everything again, because what was walked can be changed afterwards; null between two. */
  readonly again: Walk | null
  readonly againSince: number
  /** When everything was last walked to its end without a fault. */
  readonly wholeAt: number | null
}

/** What a page says of the log, from what was walked before. */
export type AuditState =
  | { readonly status: 'empty' }
  | ({ readonly status: 'broken' } & Fault)
  | {
      readonly status: 'verified'
      readonly first: number
      /** The last row that was walked, and when. */
      readonly last: number
      readonly at: number
      /** Newer rows that are walked in the next step. */
      readonly waiting: number
      readonly wholeAt: number | null
      readonly pruned: Anchor | null
    }

/**
 * One step of the two walks, `STEP_MS` long at the most: first over what is new, then over everything
 * again. Where it stopped is kept, so that any process goes on with it.
 */
export async function walkOn(now = Date.now()): Promise<void> {
  const bounds = await boundsOfLog()
  if ('why' in bounds) {
    return
  }
  const walks = await readWalks(bounds)
  const until = performance.now() + STEP_MS
  const isEnough = () => performance.now() > until
  const fresh = await step(walks.fresh, bounds, isEnough)
  const walked = { ...walks, fresh: fresh.walk, at: now }
  if (walks.wholeAt === null) {
    // the first walk over what is new is one over everything
    return keep(fresh.isAtEnd ? { ...walked, againSince: now, wholeAt: now } : walked)
  }
  const isDue = walks.again !== null || now - walks.againSince >= AGAIN_MS
  if (!isDue || isEnough()) {
    return keep(walked)
  }
  const again = await step(walks.again ?? fromStart(bounds), bounds, isEnough)
  await keep({
    ...walked,
    again: again.isAtEnd ? null : again.walk,
    againSince: walks.again ? walks.againSince : now,
    wholeAt: again.isAtEnd ? now : walks.wholeAt,
  })
}

/**
 * How the log is, as far as it was walked, and a few rows further. Costs the same however long the
 * log is.
 */
export async function auditState(now = Date.now()): Promise<AuditState> {
  const bounds = await boundsOfLog()
  if ('why' in bounds) {
    return { status: 'broken', ...bounds }
  }
  if (bounds.end.id === 0) {
    return { status: 'empty' }
  }
  const walks = await readWalks(bounds)
  const { walk: fresh } = await step(walks.fresh, bounds, () => true)
  const faults = [walks.again?.fault, fresh.fault].flatMap((fault) => fault ?? [])
  const [first] = faults.sort((one, other) => one.id - other.id)
  if (first) {
    return { status: 'broken', ...first }
  }
  const waiting = Math.max(0, bounds.end.id - fresh.id + 1)
  return {
    status: 'verified',
    first: bounds.start.id,
    last: fresh.id - 1,
    at: waiting === 0 ? now : walks.at,
    waiting,
    wholeAt: walks.wholeAt,
    pruned: bounds.pruned,
  }
}

async function step(from: Walk, bounds: Bounds, isEnough: () => boolean) {
  const { id, previous, why, isAtEnd } = await walkAudit(from, bounds, isEnough)
  if (why === null) {
    return { walk: { id, previous, fault: null }, isAtEnd }
  }
  const now = await boundsOfLog()
  if (!('why' in now) && now.start.id > id) {
    return { walk: fromStart(now), isAtEnd: false } // retention went over it meanwhile
  }
  return { walk: { id, previous, fault: { id, why } }, isAtEnd: false }
}

const fromStart = ({ start }: Bounds): Walk => ({ ...start, fault: null })

/** What was walked before; a walk that stands before the first row of the log begins with that one. */
async function readWalks(bounds: Bounds): Promise<Walks> {
  const kept = await readSetting<Walks>(db.connection(), KEY)
  const start = fromStart(bounds)
  if (!kept) {
    return { fresh: start, at: 0, again: null, againSince: 0, wholeAt: null }
  }
  const here = (walk: Walk) => (walk.id < start.id ? start : walk)
  return { ...kept, fresh: here(kept.fresh), again: kept.again && here(kept.again) }
}

const keep = (walks: Walks) => db.transaction((trx) => writeSetting(trx, KEY, walks))
