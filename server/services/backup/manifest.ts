import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Written } from '#services/backup/files'
import env from '#start/env'
import db from '@adonisjs/lucid/services/db'

/** The form of a backup that this version writes and reads. */
export const FORMAT = 1

/** A table as a backup holds it, in `tables/<name>.ndjson.gz`: one JSON array of cells a row. */
export type TableEntry = Written & {
  readonly rows: number
  readonly columns: readonly string[]
  /** The next number that the table gives, where it counts. */
  readonly next: number | null
}

/** One file of the media library, as a line of `media.ndjson.gz`; `sha256` is null where it was missing. */
export type MediaLine = {
  readonly key: string
  readonly bytes: number
  readonly sha256: string | null
}

/** What a backup is: the last file that is written into it. */
export type Manifest = {
  readonly format: number
  /** RFC 3339. */
  readonly made_at: string
  readonly engine: string
  /** Tells whether two servers have one APP_KEY, and nothing of the key. */
  readonly app_key: string
  readonly migrations: readonly string[]
  readonly tables: Readonly<Record<string, TableEntry>>
  readonly media: Written & {
    readonly files: number
    /** Of all files together. */
    readonly file_bytes: number
    /** Rows whose file was not there. */
    readonly missing: number
    /** Rows whose bytes are on another disk than this server's, where they stay. */
    readonly elsewhere: number
  }
}

/** What keeps a backup from being made or restored, as a sentence with what to do. */
export class BackupError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export const MANIFEST = 'manifest.json'
export const MEDIA_LIST = 'media.ndjson.gz'
export const tableFile = (folder: string, table: string) =>
  join(folder, 'tables', `${table}.ndjson.gz`)

/** Reads the manifest of a folder. Throws E_BACKUP where there is none that this version knows. */
export async function readManifest(folder: string) {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: Error) => {
    throw new BackupError('E_BACKUP', `${folder} is not a whole backup: ${error.message}`)
  })
  const manifest = parsed(text)
  if (manifest?.format !== FORMAT || !manifest.tables || !manifest.media) {
    throw new BackupError(
      'E_BACKUP',
      `${join(folder, MANIFEST)}: expected a backup of format ${FORMAT}; use the version that made it`
    )
  }
  return { manifest, sha256: digest(text) }
}

export const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** A mark of this server's APP_KEY: what is sealed under another one cannot be read here. */
export function appKeyMark(): string {
  return digest(`worksight backup ${env.get('APP_KEY').release()}`).slice(0, 16)
}

/** The migrations that this database has, by name. */
export async function migrationsOf(): Promise<string[]> {
  const rows = await db.from('adonis_schema').select('name').orderBy('id')
  return rows.map(({ name }: { name: string }) => name)
}

function parsed(text: string): Manifest | null {
  try {
    return JSON.parse(text) as Manifest
  } catch {
    return null
  }
}
