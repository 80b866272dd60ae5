import { diskOf } from '#services/storage/disks'
import type { DiskName, StorageDisk } from '#services/storage/disk'
import db from '@adonisjs/lucid/services/db'

const TABLES = ['screenshots', 'recordings'] as const

/** Rows that one query reads. */
const PAGE = 500

/** A file without a row is left alone this long: it may be on its way. */
const FRESH_MS = 3_600_000

export type Problem = {
  readonly kind: 'missing' | 'different' | 'orphaned'
  readonly disk: DiskName
  readonly key: string
  /** The observation, where there is a row. */
  readonly id: string | null
}

export type Verified = {
  readonly problems: readonly Problem[]
  /** Rows and files that were looked at. */
  readonly rows: number
  readonly files: number
}

type Row = {
  readonly id: string
  readonly media_key: string
  readonly bytes: number
  readonly sha256: string
}

/**
 * Compares the rows of a disk with what stands there: files that are missing, that are different (by
 * size and SHA-256), and that have no row. `sample` is the share of rows, from 0 to 1, whose bytes are
 * compared; the others are only looked for. Throws a DiskError.
 */
export async function verifyDisk(
  name: DiskName,
  { sample = 1, now = Date.now(), random = Math.random } = {}
): Promise<Verified> {
  const disk = await diskOf(name)
  const problems: Problem[] = []
  const listed = new Map<string, number>()
  let files = 0
  for await (const { key, writtenAt } of disk.list()) {
    files += 1
    listed.set(key, writtenAt)
  }
  let rows = 0
  for (const table of TABLES) {
    for await (const row of rowsOn(table, name)) {
      rows += 1
      listed.delete(row.media_key)
      const kind = await compare(disk, row, random() < sample)
      if (kind) {
        problems.push({ kind, disk: name, key: row.media_key, id: row.id })
      }
    }
  }
  const underWay = await expected(name)
  for (const [key, writtenAt] of listed) {
    if (now - writtenAt > FRESH_MS && !underWay.has(key)) {
      problems.push({ kind: 'orphaned', disk: name, key, id: null })
    }
  }
  return { problems, rows, files }
}

async function compare(disk: StorageDisk, row: Row, isThorough: boolean) {
  if (!isThorough) {
    return (await disk.exists(row.media_key)) ? null : 'missing'
  }
  const facts = await disk.facts(row.media_key)
  if (!facts) {
    return 'missing'
  }
  return facts.bytes === Number(row.bytes) && facts.sha256 === row.sha256 ? null : 'different'
}

async function* rowsOn(table: string, disk: DiskName): AsyncGenerator<Row> {
  let last: { agent_id: number; seq: number } | null = null
  for (;;) {
    const query = db
      .from(table)
      .where('disk', disk)
      .orderBy('agent_id')
      .orderBy('seq')
      .limit(PAGE)
      .select('id', 'agent_id', 'seq', 'media_key', 'bytes', 'sha256')
    const after = last
    if (after) {
      query.where((rest) => {
        rest
          .where('agent_id', '>', after.agent_id)
          .orWhere((same) => same.where('agent_id', after.agent_id).where('seq', '>', after.seq))
      })
    }
    const page: (Row & { agent_id: number; seq: number })[] = await query
    yield* page
    last = page.at(-1) ?? null
    if (page.length < PAGE) {
      return
    }
  }
}

/** Files that have no row yet, or none any more, and are known. */
async function expected(disk: DiskName): Promise<Set<string>> {
  const [uploads, removals]: { media_key: string }[][] = await Promise.all([
    db.from('uploads').where('disk', disk).select('media_key'),
    db.from('media_removals').where('disk', disk).select('media_key'),
  ])
  return new Set([...(uploads ?? []), ...(removals ?? [])].map(({ media_key: key }) => key))
}

/** Sends what stands on one disk to another; the job carries it there. Returns how many files. */
export async function sendFiles(from: DiskName, to: DiskName): Promise<number> {
  let files = 0
  for (const table of TABLES) {
    const changed = await db.from(table).where('disk', from).update({ move_to: to })
    files += Number([changed].flat()[0] ?? 0)
  }
  return files
}
