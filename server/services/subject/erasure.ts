import Agent from '#models/agent'
import type User from '#models/user'
import env from '#start/env'
import { giveUpUploads } from '#services/drive/uploads'
import { removeExportsOf } from '#services/exports'
import { forgetRollups } from '#services/rollups/rebuild'
import { holdsOf, notHeld } from '#services/retention/holds'
import { queueRemovals, removeFiles } from '#services/storage/removals'
import { agentsOf, rowsOf } from '#services/subject/rows'
import { MEDIA_TABLES, PERSONAL_TABLES } from '#services/subject/tables'
import db from '@adonisjs/lucid/services/db'
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What an erasure did, sealed with the server's key. */
export type Receipt = {
  readonly request: number
  readonly person: number
  readonly agents: readonly number[]
  /** Everything that was captured before this moment; RFC 3339. */
  readonly erased_before: string
  /** Rows removed, by table. */
  readonly rows: Readonly<Record<string, number>>
  readonly files: number
  /** SHA-256 over the sorted ids of all that was removed: what was erased, without naming it. */
  readonly ids_sha256: string
  /** What stays, and why. */
  readonly kept: Readonly<Record<string, string>>
  /** Times that a hold keeps, RFC 3339, both ends included, and how many rows of them are here. */
  readonly held?: readonly Held[]
  readonly done_at: string
  readonly seal: string
}

export type Held = {
  readonly from: string
  readonly until: string
  readonly reason: string
  readonly rows: number
}

/** Rows removed in one transaction. */
const CHUNK = 500

/**
 * Erases everything that was observed of a person up to now: rows, files and thumbnails, and on SQLite
 * also the bytes that a removed row leaves in the file. Rows go first, so that a crash leaves files
 * without rows, never rows without files; running it again finishes it. Files on other disks are noted
 * with their rows' removal, and tried until they are gone. What a hold keeps stays, with its files, and
 * stands in the receipt.
 */
export async function erasePerson(person: User, request: number): Promise<Receipt> {
  const before = Date.now()
  const agentIds = await agentsOf(person.id)
  const owner = { personId: person.id, agentIds }
  await overwriteFreed(true)
  const ids = createHash('sha256')
  const rows: Record<string, number> = {}
  let files = 0
  const removed = PERSONAL_TABLES.filter(({ erasure }) => erasure === 'removed')
  for (const { table } of removed) {
    const isMedia = (MEDIA_TABLES as readonly string[]).includes(table)
    rows[table] = 0
    for (const agentId of agentIds) {
      for (;;) {
        const holds = await holdsOf(person.id) // each time: one may be made meanwhile
        const found: { id: string; seq: number; disk?: string; media_key?: string }[] =
          await notHeld(db.from(table), holds)
            .where('agent_id', agentId)
            .where('captured_at', '<', before)
            .select('id', 'seq', ...(isMedia ? ['disk', 'media_key'] : []))
            .orderBy('seq')
            .limit(CHUNK)
        if (found.length === 0) {
          break
        }
        const stored = found.flatMap(({ disk, media_key: mediaKey }) =>
          disk !== undefined && mediaKey !== undefined ? [{ disk, mediaKey }] : []
        )
        await db.transaction(async (trx) => {
          await trx
            .from(table)
            .where('agent_id', agentId)
            .whereIn(
              'seq',
              found.map(({ seq }) => seq)
            )
            .delete()
          await queueRemovals(trx, stored)
        })
        await removeFiles(stored)
        files += stored.length
        for (const { id } of found) {
          ids.update(`${table}/${id}\n`)
        }
        rows[table] += found.length
      }
    }
  }
  for (const table of removedAtOnce()) {
    rows[table.table] = Number(await rowsOf(table, owner).delete())
  }
  await giveUpUploads(agentIds)
  files += await removeExportsOf(person.id)
  await forgetRollups(owner)
  for (const agent of await Agent.query().whereIn('id', agentIds)) {
    await agent.merge({ erasedSeq: agent.lastSeq, lastHeartbeatId: null }).save()
  }
  await overwriteFreed(false)
  const kept = Object.fromEntries(
    PERSONAL_TABLES.flatMap(({ table, erasure }) =>
      typeof erasure === 'string' ? [] : [[table, erasure.keptBecause]]
    )
  )
  const facts = {
    request,
    person: owner.personId,
    agents: agentIds,
    erased_before: new Date(before).toISOString(),
    rows,
    files,
    ids_sha256: ids.digest('hex'),
    kept,
    held: await heldOf(owner, before),
    done_at: new Date().toISOString(),
  }
  return { ...facts, seal: sealOf(facts) }
}

/** What holds keep of somebody now: how many rows of each were captured before a moment. */
async function heldOf(
  owner: { readonly personId: number; readonly agentIds: readonly number[] },
  before: number
): Promise<Held[]> {
  const held: Held[] = []
  for (const { from, until, reason } of await holdsOf(owner.personId)) {
    let rows = 0
    for (const { table } of PERSONAL_TABLES.filter(({ erasure }) => erasure === 'removed')) {
      const found = await rowsOf({ table, by: 'agent' }, owner)
        .where('captured_at', '<', before)
        .whereBetween('captured_at', [from, until])
        .count('* as count')
        .first()
      rows += Number(found?.count ?? 0)
    }
    held.push({
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      reason,
      rows,
    })
  }
  return held
}

/** What is wrong with a receipt, as sentences: a broken seal, or rows that are (again) here. */
export async function verifyReceipt(receipt: Receipt): Promise<string[]> {
  const { seal, ...facts } = receipt
  const problems: string[] = []
  const [given, own] = [Buffer.from(seal), Buffer.from(sealOf(facts))]
  if (given.length !== own.length || !timingSafeEqual(given, own)) {
    problems.push('The receipt is not what this server sealed')
  }
  const before = Date.parse(receipt.erased_before)
  const owner = { personId: receipt.person, agentIds: receipt.agents }
  const ownNotes = removedAtOnce().map(({ table }) => table)
  for (const table of Object.keys(receipt.rows).filter((name) => !ownNotes.includes(name))) {
    const found = await notHeld(
      rowsOf({ table, by: 'agent' }, owner),
      (receipt.held ?? []).map(({ from, until }) => ({
        from: Date.parse(from),
        until: Date.parse(until),
      }))
    )
      .where('captured_at', '<', before)
      .count('* as count')
      .first()
    const count = Number(found?.count ?? 0)
    if (count > 0) {
      problems.push(`${count} rows of ${table} from before the erasure are here`)
    }
  }
  const noted = await db
    .from('day_notes')
    .where('person_id', receipt.person)
    .where('written_at', '<', before)
    .first()
  if (noted) {
    problems.push('A note from before the erasure is here')
  }
  const exported = await db
    .from('exports')
    .where('person_id', receipt.person)
    .where('asked_at', '<', before)
    .first()
  if (exported) {
    problems.push('An export from before the erasure is here')
  }
  return problems
}

/** Tables whose rows the person wrote: few, and without a number of their own. */
function removedAtOnce() {
  return PERSONAL_TABLES.filter(({ erasure }) => erasure === 'removed at once')
}

/** The key of seals is derived, so that a seal says nothing about the key of cookies. */
function sealOf(facts: Omit<Receipt, 'seal'>): string {
  const key = createHmac('sha256', env.get('APP_KEY').release()).update('erasure receipt').digest()
  return createHmac('sha256', key).update(canonical(facts)).digest('hex')
}

/** The same text whatever the order of keys: a database may keep JSON in its own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/**
 * SQLite leaves removed rows in free pages of its file: while `isOn` they are overwritten, and when
 * that ends the write-ahead log, which still has them, is emptied. MySQL overwrites by itself, late.
 */
async function overwriteFreed(isOn: boolean): Promise<void> {
  if (db.connection().dialect.name !== 'better-sqlite3') {
    return
  }
  await db.rawQuery(`PRAGMA secure_delete = ${isOn ? 'ON' : 'OFF'}`)
  if (!isOn) {
    await db.rawQuery('PRAGMA wal_checkpoint(TRUNCATE)')
  }
}
