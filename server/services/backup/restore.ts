import { copyMeasured, digestOfLines, readLines } from '#services/backup/files'
import {
  appKeyMark,
  BackupError,
  MEDIA_LIST,
  migrationsOf,
  readManifest,
  tableFile,
  type Manifest,
  type MediaLine,
} from '#services/backup/manifest'
import type { Progress } from '#services/backup/progress'
import {
  columnsOf,
  insertInto,
  setCounter,
  SIGNED_IN,
  tablesOf,
  type Cell,
} from '#services/backup/tables'
import { media } from '#services/media'
import { MEDIA_TABLES } from '#services/subject/tables'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Rows that are added together. */
const ROWS = 1000
/** Keys of files that one query asks for. */
const KEYS = 500
/** Files between two words on how far it is. */
const FILES_PER_WORD = 1000

/** What a restore did, and what a person should know of it. */
export type RestoreReport = {
  readonly rows: number
  readonly tables: Readonly<Record<string, number>>
  /** Files that were put back, and those that were there as they should be. */
  readonly files: { readonly restored: number; readonly kept: number; readonly replaced: number }
  /** Rows without a file, because the backup did not have it. */
  readonly missing: number
  /** Rows whose bytes are on another disk. */
  readonly elsewhere: number
  /** Files of the library that no row names: newer than the backup, or strangers. */
  readonly unnamed: { readonly count: number; readonly examples: readonly string[] }
  readonly is_other_app_key: boolean
}

/**
 * Puts back what `createBackup` wrote. The rows come in one transaction: a restore that fails leaves
 * the database as it was. Throws E_BACKUP (not whole, or damaged), E_BACKUP_NEWER, E_NOT_EMPTY.
 */
export async function restoreBackup(
  folder: string,
  { replace, progress = () => undefined }: { replace: boolean; progress?: Progress }
): Promise<RestoreReport> {
  const { manifest } = await readManifest(folder)
  await requireKnown(manifest)
  await requireWhole(folder, manifest, progress)
  if (!replace && !(await isEmpty())) {
    throw new BackupError(
      'E_NOT_EMPTY',
      'The database has accounts or computers: --yes replaces everything in it'
    )
  }
  await restoreRows(folder, manifest, progress)
  const { missing, ...files } = await restoreMedia(folder, progress)
  return {
    rows: Object.values(manifest.tables).reduce((sum, { rows }) => sum + rows, 0),
    tables: Object.fromEntries(
      Object.entries(manifest.tables).map(([name, { rows }]) => [name, rows])
    ),
    files,
    missing,
    elsewhere: manifest.media.elsewhere,
    unnamed: await unnamedFiles(),
    is_other_app_key: manifest.app_key !== appKeyMark(),
  }
}

/** A version that knows fewer tables and columns would leave some of the backup behind. */
async function requireKnown({ migrations }: Manifest) {
  const known = new Set(await migrationsOf())
  const unknown = migrations.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    const names = unknown.map((name) => name.slice(name.lastIndexOf('/') + 1)).join(', ')
    throw new BackupError(
      'E_BACKUP_NEWER',
      `The backup is of a newer version, with ${names}: update WorkSight, then restore`
    )
  }
}

/** Nothing is touched before every file of the backup was read through. */
async function requireWhole(
  folder: string,
  { tables, media: files }: Manifest,
  progress: Progress
) {
  const parts = [
    ...Object.entries(tables).map(([name, entry]) => [tableFile(folder, name), entry] as const),
    [join(folder, MEDIA_LIST), files] as const,
  ]
  for (const [path, { sha256 }] of parts) {
    const found = await digestOfLines(path).catch((error: Error) => ({ sha256: error.message }))
    requireEqual(path, sha256, found.sha256)
  }
  let checked = 0
  for await (const { key, sha256 } of readLines<MediaLine>(join(folder, MEDIA_LIST))) {
    if (sha256 !== null) {
      const path = join(folder, 'media', key)
      requireEqual(path, sha256, await digestOfFile(path))
      checked += 1
      if (checked % FILES_PER_WORD === 0) {
        progress('files checked', checked)
      }
    }
  }
}

function requireEqual(path: string, expected: string, found: string) {
  if (found !== expected) {
    throw new BackupError('E_BACKUP', `${path}: expected SHA-256 ${expected}, found ${found}`)
  }
}

async function isEmpty(): Promise<boolean> {
  const [user, agent] = [await db.from('users').first(), await db.from('agents').first()]
  return !user && !agent
}

async function restoreRows(folder: string, manifest: Manifest, progress: Progress) {
  const isMysql = db.connection().dialect.name === 'mysql'
  // SQLite takes this outside of transactions only, MySQL by connection
  if (!isMysql) {
    await db.rawQuery('pragma foreign_keys = off')
  }
  try {
    await db.transaction(async (trx) => {
      if (isMysql) {
        await trx.rawQuery('set foreign_key_checks = 0')
      }
      // whoever was signed in may have been somebody else in what is restored
      for (const table of [...(await tablesOf(trx)), ...SIGNED_IN]) {
        await trx.from(table).delete()
      }
      for (const [table, entry] of Object.entries(manifest.tables)) {
        await fill(trx, folder, table, entry.columns)
        await requireCount(trx, table, entry.rows)
        progress(table, entry.rows)
      }
      if (isMysql) {
        await trx.rawQuery('set foreign_key_checks = 1')
      } else {
        await setCounters(trx, manifest)
      }
    })
    if (isMysql) {
      await db.transaction((trx) => setCounters(trx, manifest))
    }
  } finally {
    if (!isMysql) {
      await db.rawQuery('pragma foreign_keys = on')
    }
  }
}

async function fill(
  trx: TransactionClientContract,
  folder: string,
  table: string,
  columns: readonly string[]
) {
  const here = new Set((await columnsOf(trx, table)).names)
  const strange = columns.filter((name) => !here.has(name))
  if (strange.length > 0) {
    throw new BackupError('E_BACKUP_NEWER', `${table} has no column ${strange.join(', ')} here`)
  }
  let rows: Cell[][] = []
  for await (const row of readLines<Cell[]>(tableFile(folder, table))) {
    rows.push(row)
    if (rows.length === ROWS) {
      await insertInto(trx, table, columns, rows)
      rows = []
    }
  }
  if (rows.length > 0) {
    await insertInto(trx, table, columns, rows)
  }
}

async function requireCount(trx: TransactionClientContract, table: string, rows: number) {
  const [{ count }] = await trx.from(table).count('* as count')
  if (Number(count) !== rows) {
    throw new BackupError('E_BACKUP', `${table}: expected ${rows} rows, found ${count}`)
  }
}

async function setCounters(trx: TransactionClientContract, { tables }: Manifest) {
  for (const [table, { next }] of Object.entries(tables)) {
    if (next !== null) {
      await setCounter(trx, table, next)
    }
  }
}

async function restoreMedia(folder: string, progress: Progress) {
  const counts = { restored: 0, kept: 0, replaced: 0, missing: 0 }
  for await (const line of readLines<MediaLine>(join(folder, MEDIA_LIST))) {
    counts[await restoreFile(folder, line)] += 1
    if (counts.restored % FILES_PER_WORD === FILES_PER_WORD - 1) {
      progress('files', counts.restored)
    }
  }
  return counts
}

/** A file that is there with the same bytes stays; any other is replaced at once, never half. */
async function restoreFile(folder: string, { key, sha256 }: MediaLine) {
  const target = media.path(key)
  const found = await digestOfFile(target)
  if (sha256 === null) {
    return found === ABSENT ? 'missing' : 'kept'
  }
  if (found === sha256) {
    return 'kept'
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const unfinished = `${target}.restoring`
  await rm(unfinished, { force: true })
  await copyMeasured(join(folder, 'media', key), unfinished)
  await rename(unfinished, target)
  return found === ABSENT ? 'restored' : 'replaced'
}

/** Files that no row names. The reaper of a server that runs takes them. */
async function unnamedFiles() {
  const examples: string[] = []
  let count = 0
  for await (const keys of media.keys(KEYS)) {
    const named = new Set<string>()
    for (const table of MEDIA_TABLES) {
      const rows = await db
        .from(table)
        .select('media_key')
        .whereIn('media_key', [...keys])
      rows.forEach(({ media_key: key }: { media_key: string }) => named.add(key))
    }
    const strangers = keys.filter((key) => !named.has(key))
    count += strangers.length
    examples.push(...strangers.slice(0, Math.max(0, 5 - examples.length)))
  }
  return { count, examples }
}

const ABSENT = 'no such file'

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return ABSENT
    }
    throw error
  }
  return hash.digest('hex')
}
