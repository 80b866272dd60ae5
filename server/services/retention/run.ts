import { kindOf } from '#services/observation_removal'
import { categoriser, loadRules, UNCATEGORISED, type WindowFacts } from '#services/categories/rules'
import { missingRanges } from '#services/gap_report'
import { OBSERVATION_TABLES } from '#services/observation_rows'
import { notHeld } from '#services/retention/holds'
import {
  RETENTION_KINDS,
  retentionPlans,
  type Hold,
  type RetainedTable,
  type RetentionKind,
  type RetentionPlan,
} from '#services/retention/plan'
import { settleRollups } from '#services/rollups/settle'
import { queueRemovals, removals, removeFiles } from '#services/storage/removals'
import db from '@adonisjs/lucid/services/db'
import type { DatabaseQueryBuilderContract } from '@adonisjs/lucid/types/querybuilder'
import { setImmediate as turn } from 'node:timers/promises'

/** Rows that go in one transaction. */
const CHUNK = 500

/** What went, or with `dryRun` would go, of one kind. */
export type Retained = { rows: number; files: number; bytes: number }
export type RetentionReport = Record<RetentionKind, Retained>

export type RetentionOptions = {
  /** The moment that ages are counted from; default now. */
  readonly now?: number
  /** One kind alone. */
  readonly kind?: RetentionKind
  /** Counts and touches nothing. */
  readonly dryRun?: boolean
  /** Bytes that pictures and recordings may have together; the oldest go until they fit. */
  readonly mostMediaBytes?: number
  /** Ends the run between two transactions; the next one goes on where it stopped. */
  readonly signal?: AbortSignal
}

const MEDIA: readonly string[] = ['recordings', 'screenshots']

/**
 * Lets go what is older than the policies keep: rows, files and thumbnails; titles and domains of
 * windows fade before their applications do. Sums stay as they were. Rows go before their files, so
 * that a crash leaves files without rows, which the reaper takes, and running again finishes it.
 */
export async function runRetention(options: RetentionOptions = {}): Promise<RetentionReport> {
  const report: RetentionReport = {
    recordings: nothing(),
    screenshots: nothing(),
    titles: nothing(),
    heartbeats: nothing(),
  }
  const kinds = (Object.keys(RETENTION_KINDS) as RetentionKind[]).filter(
    (kind) => !options.kind || options.kind === kind
  )
  const now = options.now ?? Date.now()
  if (options.dryRun) {
    return { ...report, ...(await previewRetention(await retentionPlans(now), kinds)) }
  }
  await removals.drain() // what a run that was killed left
  await settleRollups()
  for (const plan of await retentionPlans(now)) {
    let removed = 0
    for (const kind of kinds) {
      const gone = await retain(plan, kind, options.signal)
      add(report[kind], gone)
      removed += kind === 'titles' ? 0 : gone.rows
    }
    if (removed > 0 && !options.signal?.aborted) {
      await forgetNumbers(plan.agent.id)
    }
  }
  if (options.mostMediaBytes !== undefined) {
    await shrinkMedia(options.mostMediaBytes, report, options)
  }
  return report
}

async function retain(plan: RetentionPlan, kind: RetentionKind, signal: AbortSignal | undefined) {
  const before = plan.before[kind]
  if (kind === 'titles') {
    return fadeTitles(plan, before, signal)
  }
  const total = nothing()
  for (const table of RETENTION_KINDS[kind].tables) {
    add(total, await remove(plan, table, before, signal))
  }
  return total
}

/** What would go by some plans, and touches nothing. */
export async function previewRetention<Kind extends RetentionKind>(
  plans: readonly RetentionPlan[],
  kinds: readonly Kind[]
): Promise<Record<Kind, Retained>> {
  const entries: [Kind, Retained][] = []
  for (const kind of kinds) {
    entries.push([kind, await preview(plans, kind)])
  }
  return Object.fromEntries(entries) as Record<Kind, Retained>
}

/** Agents of which the same goes are counted together. */
async function preview(plans: readonly RetentionPlan[], kind: RetentionKind): Promise<Retained> {
  const total = nothing()
  const alike = Map.groupBy(plans, ({ before, holds }) => JSON.stringify([before[kind], holds]))
  for (const same of alike.values()) {
    for (let first = 0; first < same.length; first += CHUNK) {
      const some = same.slice(first, first + CHUNK)
      const { before, holds } = some[0]!
      const what = { agents: some.map(({ agent }) => agent.id), holds, before: before[kind] }
      if (kind === 'titles') {
        add(total, await count(titled(what), false))
      }
      for (const table of RETENTION_KINDS[kind].tables) {
        add(total, await count(old(db.from(table), what), MEDIA.includes(table)))
      }
    }
  }
  return total
}

async function count(query: DatabaseQueryBuilderContract<any>, isMedia: boolean) {
  const counted = query.count('* as rows')
  const [row] = await (isMedia ? counted.sum('bytes as bytes') : counted)
  const rows = Number(row?.rows ?? 0)
  return { rows, files: isMedia ? rows : 0, bytes: Number(row?.bytes ?? 0) }
}

type Found = {
  id: string
  seq: number
  captured_at: number
  utc_offset_minutes: number
  content_sha256: string
  disk?: string
  media_key?: string
  bytes?: number
}

async function remove(
  plan: RetentionPlan,
  table: RetainedTable,
  before: number,
  signal: AbortSignal | undefined
): Promise<Retained> {
  const total = nothing()
  for (;;) {
    const found = signal?.aborted ? [] : await oldest(plan, table, before)
    if (found.length === 0) {
      return total
    }
    add(total, await letGo(plan.agent.id, table, found))
    await turn()
  }
}

async function oldest(plan: RetentionPlan, table: RetainedTable, before: number): Promise<Found[]> {
  const columns = ['id', 'seq', 'captured_at', 'utc_offset_minutes', 'content_sha256']
  const rows: Found[] = await old(db.from(table), ofPlan(plan, before))
    .orderBy('captured_at')
    .orderBy('id')
    .limit(CHUNK)
    .select(...columns, ...(MEDIA.includes(table) ? ['disk', 'media_key', 'bytes'] : []))
  return rows
}

/** Removes rows, and then their files. Their numbers are remembered: what went is no loss. */
async function letGo(agentId: number, table: RetainedTable, found: Found[]): Promise<Retained> {
  const deletedAt = Date.now()
  const files = filesOf(found)
  await db.transaction(async (trx) => {
    await noteReduced(trx, agentId, Math.max(...found.map((row) => Number(row.captured_at))))
    await trx.table('deletions').multiInsert(
      found.map(({ id, seq, captured_at, utc_offset_minutes, content_sha256 }) => ({
        id,
        seq,
        captured_at,
        utc_offset_minutes,
        content_sha256,
        agent_id: agentId,
        kind: kindOf(table),
        deleted_at: deletedAt,
      }))
    )
    await trx
      .from(table)
      .where('agent_id', agentId)
      .whereIn(
        'seq',
        found.map(({ seq }) => seq)
      )
      .delete()
    await queueRemovals(trx, files)
  })
  await removeFiles(files)
  const bytes = found.reduce((sum, row) => sum + Number(row.bytes ?? 0), 0)
  return { rows: found.length, files: files.length, bytes }
}

function filesOf(found: readonly Found[]) {
  return found.flatMap(({ disk, media_key: mediaKey }) =>
    disk !== undefined && mediaKey !== undefined ? [{ disk, mediaKey }] : []
  )
}

/** Titles and domains go; the applications stay, with the category that the titles decided. */
async function fadeTitles(plan: RetentionPlan, before: number, signal: AbortSignal | undefined) {
  const total = nothing()
  const categoryOf = categoriser(await loadRules())
  for (;;) {
    const found: (WindowFacts & { seq: number; captured_at: number })[] = signal?.aborted
      ? []
      : await titled(ofPlan(plan, before))
          .orderBy('captured_at')
          .limit(CHUNK)
          .select('seq', 'captured_at', 'app', 'title', 'domain')
    if (found.length === 0) {
      return total
    }
    await db.transaction(async (trx) => {
      await noteReduced(
        trx,
        plan.agent.id,
        Math.max(...found.map(({ captured_at: at }) => Number(at)))
      )
      for (const [id, windows] of Map.groupBy(found, categoryOf)) {
        await trx
          .from('activities')
          .where('agent_id', plan.agent.id)
          .whereIn(
            'seq',
            windows.map(({ seq }) => seq)
          )
          .update({ title: null, domain: null, category_id: id === UNCATEGORISED ? null : id })
      }
    })
    total.rows += found.length
    await turn()
  }
}

/** Sums up to `at` are not counted down any more: what they were made of is not whole. */
async function noteReduced(client: Pick<typeof db, 'from'>, agentId: number, at: number) {
  await client
    .from('agents')
    .where('id', agentId)
    .where('reduced_until', '<', at + 1)
    .update({ reduced_until: at + 1 })
}

/** What of some agents was captured before a moment and is not held. */
type Old = {
  readonly agents: readonly number[]
  readonly holds: readonly Hold[]
  readonly before: number
}

const ofPlan = ({ agent, holds }: RetentionPlan, before: number): Old => ({
  agents: [agent.id],
  holds,
  before,
})

function old(query: DatabaseQueryBuilderContract<any>, { agents, holds, before }: Old) {
  return notHeld(query.whereIn('agent_id', [...agents]).where('captured_at', '<', before), holds)
}

function titled(what: Old) {
  return old(db.from('activities'), what).where((either) => {
    either.whereNotNull('title').orWhereNotNull('domain')
  })
}

/**
 * Everything up to a number was here and is gone: one number remembers it instead of a line each.
 * A hole stops it, because what is missing may still arrive.
 */
async function forgetNumbers(agentId: number) {
  const kept = await Promise.all(
    OBSERVATION_TABLES.filter((table) => table !== 'deletions').map((table) =>
      db.from(table).where('agent_id', agentId).min('seq as seq').first()
    )
  )
  const lowest = Math.min(...kept.flatMap((row) => (row?.seq ? [Number(row.seq)] : [])))
  const [hole] = await missingRanges(agentId)
  const agent = await db.from('agents').where('id', agentId).select('last_seq').first()
  const upTo = Math.min(lowest, hole ? hole.from : Infinity, Number(agent?.last_seq ?? 0) + 1) - 1
  if (upTo > 0) {
    await db.transaction(async (trx) => {
      await trx
        .from('agents')
        .where('id', agentId)
        .where((below) => below.whereNull('erased_seq').orWhere('erased_seq', '<', upTo))
        .update({ erased_seq: upTo })
      await trx.from('deletions').where('agent_id', agentId).where('seq', '<=', upTo).delete()
    })
  }
}

/** Recordings first, then screenshots, the oldest of all agents first, until the rest fits. */
async function shrinkMedia(most: number, report: RetentionReport, options: RetentionOptions) {
  const plans = await retentionPlans(options.now ?? Date.now())
  let over = (await mediaBytes()) - most
  for (const table of ['recordings', 'screenshots'] as const) {
    while (over > 0 && !options.signal?.aborted) {
      const next: { agent_id: number; captured_at: number } | null = await db
        .from(table)
        .whereNotIn('agent_id', heldAgents(plans))
        .orderBy('captured_at')
        .select('agent_id', 'captured_at')
        .first()
      const plan = plans.find(({ agent }) => agent.id === Number(next?.agent_id))
      if (!next || !plan) {
        break
      }
      const hour = Number(next.captured_at) + 3_600_000
      const found = await oldest(plan, table, hour)
      const gone = await letGo(plan.agent.id, table, found)
      add(report[table], gone)
      over -= gone.bytes
    }
  }
}

function heldAgents(plans: readonly RetentionPlan[]): number[] {
  return plans.filter(({ holds }) => holds.length > 0).map(({ agent }) => agent.id)
}

async function mediaBytes(): Promise<number> {
  const sums = await Promise.all(MEDIA.map((table) => db.from(table).sum('bytes as bytes').first()))
  return sums.reduce((sum, row) => sum + Number(row?.bytes ?? 0), 0)
}

function nothing(): Retained {
  return { rows: 0, files: 0, bytes: 0 }
}

function add(total: Retained, more: Retained) {
  total.rows += more.rows
  total.files += more.files
  total.bytes += more.bytes
}
