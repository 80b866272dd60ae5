import { copyMeasured, readLines, writeLines, type Written } from '#services/backup/files'
import {
  appKeyMark,
  BackupError,
  digest,
  FORMAT,
  MANIFEST,
  MEDIA_LIST,
  migrationsOf,
  tableFile,
  type Manifest,
  type MediaLine,
  type TableEntry,
} from '#services/backup/manifest'
import { columnsOf, countersOf, rowsOf, tablesOf, type Cell } from '#services/backup/tables'
import type { Progress } from '#services/backup/progress'
import { media } from '#services/media'
import { MEDIA_TABLES } from '#services/subject/tables'
import db from '@adonisjs/lucid/services/db'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files between two words on how far it is. */
const FILES_PER_WORD = 1000

/**
 * Writes everything that this server keeps into a new folder: each table as it was at one moment,
 * while the server goes on working, and the files that those rows name. It has its name once it is
 * whole; what fails leaves nothing. Throws E_BACKUP_EXISTS, or what the disk says (ENOSPC).
 */
export async function createBackup(
  folder: string,
  progress: Progress = () => undefined
): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
  if (await isThere(folder)) {
    throw new BackupError('E_BACKUP_EXISTS', `${folder} is there already: name a new folder`)
  }
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'tables'), { recursive: true, mode: 0o700 })
  try {
    const tables = await dumpTables(unfinished, progress)
    const manifest: Manifest = {
      format: FORMAT,
      made_at: new Date().toISOString(),
      engine: db.connection().dialect.name,
      app_key: appKeyMark(),
      migrations: await migrationsOf(),
      tables,
      media: await copyMedia(unfinished, tables, progress),
    }
    const text = `${JSON.stringify(manifest, null, 2)}\n`
    await writeFile(join(unfinished, MANIFEST), text, { mode: 0o600, flush: true })
    await rename(unfinished, folder)
    return { manifest, sha256: digest(text) }
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
}

/** All tables from one transaction, so that they fit together. */
function dumpTables(folder: string, progress: Progress): Promise<Record<string, TableEntry>> {
  const isMysql = db.connection().dialect.name === 'mysql'
  return db.transaction(
    async (trx) => {
      const tables: Record<string, TableEntry> = {}
      const counters = await countersOf(trx)
      for (const table of await tablesOf(trx)) {
        tables[table] = { ...(await dump(trx, table, folder)), next: counters[table] ?? null }
        progress(table, tables[table].rows)
      }
      return tables
    },
    isMysql ? { isolationLevel: 'repeatable read' } : undefined
  )
}

async function dump(trx: TransactionClientContract, table: string, folder: string) {
  const columns = await columnsOf(trx, table)
  let rows = 0
  const counted = async function* () {
    for await (const row of rowsOf(trx, table, columns)) {
      rows += 1
      yield row
    }
  }
  const written = await writeLines(tableFile(folder, table), counted())
  return { rows, columns: columns.names, ...written }
}

async function copyMedia(
  folder: string,
  tables: Readonly<Record<string, TableEntry>>,
  progress: Progress
): Promise<Manifest['media']> {
  const totals = { files: 0, file_bytes: 0, missing: 0, elsewhere: 0 }
  const copied = async function* (): AsyncGenerator<MediaLine> {
    for (const table of MEDIA_TABLES) {
      for await (const { key, isHere } of keysOf(folder, table, tables[table])) {
        if (!isHere) {
          totals.elsewhere += 1
          continue
        }
        const file = await copyOne(folder, key)
        totals.files += file ? 1 : 0
        totals.missing += file ? 0 : 1
        totals.file_bytes += file?.bytes ?? 0
        yield { key, bytes: file?.bytes ?? 0, sha256: file?.sha256 ?? null }
        if (totals.files % FILES_PER_WORD === 0) {
          progress('files', totals.files)
        }
      }
    }
  }
  const written = await writeLines(join(folder, MEDIA_LIST), copied())
  return { ...written, ...totals }
}

/** Keys that the dumped rows name; read from the dump, so that nothing waits for the files. */
async function* keysOf(folder: string, table: string, entry: TableEntry | undefined) {
  const key = entry?.columns.indexOf('media_key') ?? -1
  const disk = entry?.columns.indexOf('disk') ?? -1
  if (key === -1) {
    return
  }
  for await (const row of readLines<Cell[]>(tableFile(folder, table))) {
    yield { key: String(row[key]), isHere: disk === -1 || row[disk] === 'local' }
  }
}

/** Null for a file that is not there: retention may have taken it since, or it was lost before. */
async function copyOne(folder: string, key: string): Promise<Written | null> {
  const target = join(folder, 'media', key)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  try {
    return await copyMeasured(media.path(key), target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      await rm(target, { force: true })
      return null
    }
    throw error
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') {
        return false
      }
      throw error
    }
  )
}
