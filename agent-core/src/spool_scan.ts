import { join } from 'node:path'
import type { Disk, DiskEntry } from './disk.ts'
import { AgentError, asError, systemCode } from './errors.ts'
import type { LedgerEntry } from './ledger.ts'
import type { ObservationKind } from './observation.ts'
import { decodeSidecar, MOST_SIDECAR_BYTES, type Death, type Sidecar } from './sidecar.ts'
import { sidecarName, type SpoolPaths } from './spool_files.ts'
import { isUuid } from './uuid.ts'

/** What the spool keeps in memory of an item: enough to choose it, not what it says. */
export type SpoolEntry = {
  readonly id: string
  readonly seq: number
  readonly kind: ObservationKind
  readonly capturedAt: string
  /** Size of the payload; 0 when there is none. */
  readonly bytes: number
  /** Size of the payload and its sidecar on disk. */
  readonly size: number
  readonly death: Death | null
}

/** A file that is not what its name says, and why. */
export type Misfit = {
  readonly folder: 'queue' | 'dead'
  readonly name: string
  /** The item it was, or null for a file that no spool wrote. */
  readonly id: string | null
  readonly reason: string
}

/** What lies in a spool. `garbage` are full paths that a crash left behind and nobody misses. */
export type SpoolScan = {
  readonly queue: readonly SpoolEntry[]
  readonly dead: readonly SpoolEntry[]
  readonly misfits: readonly Misfit[]
  readonly garbage: readonly string[]
  /** Ids of items that were quarantined at an earlier start. */
  readonly quarantined: readonly string[]
}

const READERS = 16

/** Reads what lies in a spool and judges each file. Changes nothing; a missing folder is empty. */
export async function scanSpool(
  disk: Disk,
  paths: SpoolPaths,
  ledger: LedgerEntry
): Promise<SpoolScan> {
  const tmp = await listOrEmpty(disk, paths.tmp)
  const dead = await scanFolder(disk, paths.dead, 'dead', new Set(ledger.removing))
  const gone = new Set([...ledger.removing, ...dead.entries.map((entry) => entry.id)])
  const queue = await scanFolder(disk, paths.queue, 'queue', gone)
  const quarantine = await listOrEmpty(disk, paths.quarantine)
  return {
    queue: queue.entries,
    dead: dead.entries,
    misfits: [...dead.misfits, ...queue.misfits],
    garbage: [
      ...tmp.filter((entry) => entry.kind === 'file').map((entry) => join(paths.tmp, entry.name)),
      ...dead.garbage,
      ...queue.garbage,
    ],
    quarantined: quarantine.map((entry) => idOf(entry.name, '.json')).filter((id) => id !== null),
  }
}

/**
 * The last number given out. Numbers are given out without holes, one an accepted item, so it is
 * also the count of all items there ever were: those that left, and those that lie here, readable
 * or not. An unreadable last item is counted that way, and its number is not given out again.
 */
export function lastSeq(ledger: LedgerEntry, scan: SpoolScan): number {
  const readable = [...scan.queue, ...scan.dead]
  const corrupt = scan.misfits.filter((misfit) => misfit.id !== null).length
  const ever =
    ledger.delivered + ledger.evicted + readable.length + corrupt + scan.quarantined.length
  return readable.reduce((most, entry) => Math.max(most, entry.seq), Math.max(ledger.seq, ever))
}

type FolderScan = {
  readonly entries: readonly SpoolEntry[]
  readonly misfits: readonly Misfit[]
  readonly garbage: readonly string[]
}

/** `gone` are items that have left this folder; what is still here of them is garbage. */
async function scanFolder(
  disk: Disk,
  path: string,
  folder: 'queue' | 'dead',
  gone: ReadonlySet<string>
): Promise<FolderScan> {
  const listed = await listOrEmpty(disk, path)
  const payloads = new Set(listed.filter(isPlain('.bin')).map((entry) => entry.name.slice(0, -4)))
  const sidecars = new Set(listed.filter(isPlain('.json')).map((entry) => entry.name.slice(0, -5)))
  const entries: SpoolEntry[] = []
  const misfits: Misfit[] = []
  const garbage: string[] = []

  for (const { name, kind } of listed) {
    const id = idOf(name, '.json') ?? idOf(name, '.bin')
    if (id === null || kind === 'other') {
      misfits.push({ folder, name, id: null, reason: `A spool has no ${kind} of this name` })
    } else if (gone.has(id) || (name.endsWith('.bin') && !sidecars.has(id))) {
      garbage.push(join(path, name))
    }
  }

  const ids = [...sidecars].filter((id) => !gone.has(id))
  await inParallel(READERS, ids, async (id) => {
    const found = await readEntry(disk, path, id, payloads.has(id))
    if ('reason' in found) {
      misfits.push({ folder, name: sidecarName(id), id, reason: found.reason })
    } else {
      entries.push(found)
    }
  })

  return { entries: entries.sort((one, other) => one.seq - other.seq), misfits, garbage }
}

async function readEntry(
  disk: Disk,
  path: string,
  id: string,
  hasPayload: boolean
): Promise<SpoolEntry | { readonly reason: string }> {
  try {
    const { sidecar, size } = await readSidecar(disk, path, id)
    if (sidecar.bytes > 0 && !hasPayload) {
      return { reason: `Expected a payload of ${sidecar.bytes} bytes, found none` }
    }
    return entryOf(sidecar, size)
  } catch (error) {
    return { reason: unreadable(error) }
  }
}

/** Reads one sidecar. Throws E_CORRUPT_ITEM, or what the disk says. */
export async function readSidecar(
  disk: Disk,
  folder: string,
  id: string
): Promise<{ readonly sidecar: Sidecar; readonly size: number }> {
  const bytes = await disk.read(join(folder, sidecarName(id)), MOST_SIDECAR_BYTES)
  if (bytes === null) {
    throw new AgentError('E_CORRUPT_ITEM', `Expected the sidecar of ${id}, found none`)
  }
  return { sidecar: decodeSidecar(bytes, id), size: bytes.byteLength }
}

export function entryOf(sidecar: Sidecar, sidecarBytes: number): SpoolEntry {
  const { id, seq, kind, captured_at: capturedAt } = sidecar.observation
  const { bytes, death } = sidecar
  return { id, seq, kind, capturedAt, bytes, size: bytes + sidecarBytes, death }
}

/** Too few handles or too little memory say nothing about a file; they are not its fault. */
const NOT_THE_FILES_FAULT = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']

function unreadable(error: unknown): string {
  const code = systemCode(error)
  if (code !== null && NOT_THE_FILES_FAULT.includes(code)) {
    throw error
  }
  return asError(error).message
}

function isPlain(ending: '.json' | '.bin'): (entry: DiskEntry) => boolean {
  return (entry) => entry.kind === 'file' && idOf(entry.name, ending) !== null
}

function idOf(name: string, ending: '.json' | '.bin'): string | null {
  const id = name.slice(0, -ending.length)
  return name.endsWith(ending) && isUuid(id) ? id : null
}

async function listOrEmpty(disk: Disk, folder: string): Promise<readonly DiskEntry[]> {
  try {
    return await disk.list(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return []
    }
    throw error
  }
}

async function inParallel<Item>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: Math.min(most, items.length) }, async () => {
      for (const item of left) {
        await work(item)
      }
    })
  )
}
