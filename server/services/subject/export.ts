import type User from '#models/user'
import { isStored, openStored } from '#services/storage/stored_file'
import { agentsOf, readRows, type ExportPeriod, type PersonRow } from '#services/subject/rows'
import {
  MEDIA_TABLES,
  PERSONAL_TABLES,
  SECRET_COLUMNS,
  type PersonalTable,
} from '#services/subject/tables'
import type { Day } from '#services/timeline/calendar'
import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import yazl from 'yazl'

/** What one file of the export is, as its manifest names it. */
export type ManifestEntry = {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** What an export holds. `missing` are files whose rows are there and that are not. */
export type Manifest = {
  readonly person: { readonly id: number; readonly full_name: string; readonly email: string }
  readonly made_at: string
  /** The days that it is about, both included, on the person's wall; null for everything. */
  readonly period: { readonly from: Day; readonly to: Day } | null
  readonly files: readonly ManifestEntry[]
  readonly missing: readonly string[]
}

/** Columns whose text is JSON where the database has no such type. */
const JSON_COLUMNS: readonly string[] = ['body', 'display', 'receipt']
/** Media is compressed already. */
const STORED = { compress: false, mode: 0o100600 }
const DEFLATED = { compress: true, mode: 0o100600 }

/**
 * Everything that is kept about a person, or what of it began in a period, as one zip: a JSON list a table, the pictures and
 * recordings as they are stored, and last a manifest with the SHA-256 of each file. It streams; what
 * fails ends the stream with the error. `sha256` resolves to the digest of the manifest.
 */
export async function exportPerson(
  person: User,
  period: ExportPeriod | null = null
): Promise<{
  readonly zip: Readable
  readonly manifest: Promise<{ readonly manifest: Manifest; readonly sha256: string }>
}> {
  const owner = { personId: person.id, agentIds: await agentsOf(person.id) }
  const zip = new yazl.ZipFile()
  const output = zip.outputStream as Readable
  const files: ManifestEntry[] = []
  const missing: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<{
    manifest: Manifest
    sha256: string
  }>()
  output.once('error', reject)
  promise.catch(() => undefined) // whoever streams hears of it from the stream
  const add = (path: string, options: object, open: () => Readable | Promise<Readable>) => {
    zip.addReadStreamLazy(path, options, (done: (error: unknown, stream?: Readable) => void) => {
      Promise.try(open).then(
        (source) => done(null, measured(source, path, files)),
        (error: unknown) => done(error)
      )
    })
  }

  for (const table of PERSONAL_TABLES.filter(({ isExported }) => isExported)) {
    add(`data/${table.table}.json`, DEFLATED, () => Readable.from(jsonOf(table, owner, period)))
  }
  for (const name of MEDIA_TABLES) {
    for await (const row of readRows(tableOf(name), owner, period)) {
      const file = { disk: String(row.disk), mediaKey: String(row.media_key) }
      if (await isStored(file)) {
        const path = `media/${name}/${String(row.id)}.${endingOf(String(row.media_type))}`
        add(path, STORED, () => openStored(file))
      } else {
        missing.push(`${name}/${String(row.id)}`)
      }
    }
  }
  const { id, fullName, email } = person
  const manifestOf = (): Manifest => ({
    person: { id, full_name: fullName, email },
    made_at: new Date().toISOString(),
    period: period && { from: period.from, to: period.to },
    files,
    missing,
  })
  zip.addReadStreamLazy(
    'manifest.json',
    DEFLATED,
    (done: (error: unknown, stream?: Readable) => void) => {
      const manifest = manifestOf()
      const text = `${JSON.stringify(manifest, null, 2)}\n`
      resolve({ manifest, sha256: createHash('sha256').update(text).digest('hex') })
      done(null, Readable.from([text]))
    }
  )
  zip.on('error', (error: Error) => output.destroy(error))
  zip.end()
  return { zip: output, manifest: promise }
}

function tableOf(name: (typeof MEDIA_TABLES)[number]): PersonalTable {
  return PERSONAL_TABLES.find(({ table }) => table === name) as PersonalTable
}

function endingOf(mediaType: string): string {
  return mediaType.slice(mediaType.indexOf('/') + 1)
}

async function* jsonOf(
  table: PersonalTable,
  owner: { readonly personId: number; readonly agentIds: readonly number[] },
  period: ExportPeriod | null
): AsyncGenerator<string> {
  let separator = '[\n'
  for await (const row of readRows(table, owner, period)) {
    yield `${separator}${JSON.stringify(shown(row))}`
    separator = ',\n'
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}

/** A row without secrets, with JSON columns as what they hold. */
function shown(row: PersonRow): PersonRow {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !SECRET_COLUMNS.test(column))
      .map(([column, value]) => [
        column,
        JSON_COLUMNS.includes(column) && typeof value === 'string' ? JSON.parse(value) : value,
      ])
  )
}

function measured(source: Readable, path: string, files: ManifestEntry[]): Readable {
  const hash = createHash('sha256')
  let bytes = 0
  const meter = new Transform({
    transform(chunk: Buffer | string, _encoding, done) {
      const data = Buffer.from(chunk)
      bytes += data.byteLength
      hash.update(data)
      done(null, data)
    },
    flush(done) {
      files.push({ path, bytes, sha256: hash.digest('hex') })
      done()
    },
  })
  source.once('error', (error) => meter.destroy(error))
  return source.pipe(meter)
}
