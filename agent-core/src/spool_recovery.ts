import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { asError, systemCode } from './errors.ts'
import { Ledger, SLOTS } from './ledger.ts'
import { silentLogger, type Logger } from './logger.ts'
import type { Observation } from './observation.ts'
import { encodeSidecar } from './sidecar.ts'
import { payloadName, place, sidecarName, type SpoolPaths } from './spool_files.ts'
import {
  entryOf,
  lastSeq,
  readSidecar,
  scanSpool,
  type Misfit,
  type SpoolEntry,
  type SpoolScan,
} from './spool_scan.ts'

/** What a spool holds after it was put in order. */
export type Recovered = {
  readonly ledger: Ledger
  readonly seq: number
  readonly lastId: string | null
  readonly queue: readonly SpoolEntry[]
  readonly dead: readonly SpoolEntry[]
  readonly quarantined: readonly string[]
}

/**
 * Puts a spool in order at the start: removes what a crash left half done, finishes what it had
 * begun, and puts aside what cannot be read. Whatever happens to one file, the others go on.
 */
export async function recoverSpool(
  paths: SpoolPaths,
  disk: Disk,
  options: { readonly logger?: Logger; readonly clock?: { now(): number } }
): Promise<Recovered> {
  const logger = options.logger ?? silentLogger
  for (const folder of [paths.tmp, paths.queue, paths.dead, paths.quarantine]) {
    await disk.makeFolder(folder)
  }
  await putAsideFalseLedgers(paths, disk, logger)
  const ledger = await Ledger.open(paths.root, disk)
  if (ledger.wasLost) {
    logger.error({}, 'both ledgers of the spool are corrupt: numbers go on after the highest item')
  }
  const scan = await scanSpool(disk, paths, ledger.entry)
  const quarantined = new Set(scan.quarantined)

  for (const path of scan.garbage) {
    await attempt(logger, 'a left-over file stays', () => disk.remove(path))
  }
  for (const misfit of scan.misfits) {
    logger.warn({ file: misfit.name, reason: misfit.reason }, 'a file of the spool was put aside')
    const now = options.clock?.now() ?? Date.now()
    await attempt(logger, 'a file that is no item stays', () =>
      quarantine(disk, paths, misfit, now)
    )
    if (misfit.id !== null) {
      quarantined.add(misfit.id)
    }
  }
  const queue = await withoutTwins(disk, paths, ledger.entry.seq, scan)
  if (scan.garbage.length + scan.misfits.length + ledger.entry.removing.length > 0) {
    for (const folder of [paths.queue, paths.dead, paths.quarantine]) {
      await disk.syncFolder(folder)
    }
  }
  return {
    ledger,
    seq: Math.max(lastSeq(ledger.entry, scan), highest(queue)),
    lastId: greatest(
      [...queue, ...scan.dead].map((entry) => entry.id),
      ledger.entry.lastId
    ),
    queue,
    dead: scan.dead,
    quarantined: [...quarantined],
  }
}

/** What has a ledger's name and is no file would never let a delivered item leave. */
async function putAsideFalseLedgers(paths: SpoolPaths, disk: Disk, logger: Logger): Promise<void> {
  for (const { name, kind } of await disk.list(paths.root)) {
    if (kind === 'other' && SLOTS.some((slot) => slot === name)) {
      logger.warn({ file: name }, 'a ledger of the spool is no file, and was put aside')
      const target = join(paths.quarantine, `foreign-${randomUUID()}-${name}`)
      await attempt(logger, 'it stays', () => disk.rename(join(paths.root, name), target))
    }
  }
}

/**
 * Puts a misfit aside with the reason beside it. A file of an item keeps its name, and takes its
 * payload along; a foreign one gets a name that cannot be mistaken for an item's.
 */
export async function quarantine(
  disk: Disk,
  paths: SpoolPaths,
  misfit: Misfit,
  now: number
): Promise<void> {
  const from = paths[misfit.folder]
  const name = misfit.id === null ? `foreign-${randomUUID()}-${tame(misfit.name)}` : misfit.name
  if (misfit.id !== null) {
    await attemptMove(
      disk,
      join(from, payloadName(misfit.id)),
      join(paths.quarantine, payloadName(misfit.id))
    )
  }
  await disk.rename(join(from, misfit.name), join(paths.quarantine, name))
  const note = {
    file: misfit.name,
    from: misfit.folder,
    reason: misfit.reason,
    at: new Date(now).toISOString(),
  }
  const target = join(paths.quarantine, `${name}.reason`)
  await disk.remove(target)
  await place(
    disk,
    join(paths.tmp, `${name}.reason`),
    target,
    Buffer.from(`${JSON.stringify(note)}\n`)
  )
  await disk.syncFolder(paths.quarantine)
  await disk.syncFolder(from)
}

/**
 * Two items with one number can only be two that were never accepted, the first of them taken back
 * on a disk that forgot it. Both are offered to the server, the second under the next free number.
 */
async function withoutTwins(
  disk: Disk,
  paths: SpoolPaths,
  ledgerSeq: number,
  scan: SpoolScan
): Promise<readonly SpoolEntry[]> {
  const taken = new Set(scan.dead.map((entry) => entry.seq))
  let last = Math.max(ledgerSeq, highest(scan.dead), highest(scan.queue))
  const queue: SpoolEntry[] = []
  for (const entry of scan.queue) {
    if (taken.has(entry.seq)) {
      last += 1
      queue.push(await renumber(disk, paths, entry.id, last))
    } else {
      taken.add(entry.seq)
      queue.push(entry)
    }
  }
  return queue
}

async function renumber(
  disk: Disk,
  paths: SpoolPaths,
  id: string,
  seq: number
): Promise<SpoolEntry> {
  const { sidecar } = await readSidecar(disk, paths.queue, id)
  const renumbered = { ...sidecar, observation: { ...sidecar.observation, seq } as Observation }
  const bytes = encodeSidecar(renumbered)
  await place(disk, join(paths.tmp, sidecarName(id)), join(paths.queue, sidecarName(id)), bytes)
  await disk.syncFolder(paths.queue)
  return entryOf(renumbered, bytes.byteLength)
}

/** A foreign name as it can stand in any folder; the whole one is in the reason. */
function tame(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '_').slice(0, 100)
}

async function attempt(logger: Logger, failure: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    logger.error({ error: asError(error).message }, failure)
  }
}

async function attemptMove(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      throw error
    }
  }
}

function highest(entries: readonly SpoolEntry[]): number {
  return entries.reduce((most, entry) => Math.max(most, entry.seq), 0)
}

function greatest(ids: readonly string[], first: string | null): string | null {
  return ids.reduce<string | null>((last, id) => (last === null || id > last ? id : last), first)
}
