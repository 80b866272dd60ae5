import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { systemCode } from './errors.ts'
import { sealed, unsealed } from './sidecar.ts'

/**
 * What the spool must know beyond the items it holds. `seq` is the last number given out when this
 * was written; `removing` names the items that leave the spool with this entry, so that a crash
 * before they are gone is finished at the next start and counted once.
 */
export type LedgerEntry = {
  readonly generation: number
  readonly seq: number
  readonly lastId: string | null
  readonly delivered: number
  readonly evicted: number
  readonly removing: readonly string[]
  /** Since when each kind could not be recorded because the spool was full. */
  readonly gaps: Readonly<Record<string, number>>
}

export const EMPTY_ENTRY: LedgerEntry = {
  generation: 0,
  seq: 0,
  lastId: null,
  delivered: 0,
  evicted: 0,
  removing: [],
  gaps: {},
}

/** Most ids that fit into one entry. */
export const MOST_REMOVING = 100

/** The names of its two files. */
export const SLOTS = ['ledger.a', 'ledger.b'] as const
const SLOT_BYTES = 8192

/**
 * Two files of a fixed size, written over in place, one after the other: a torn write leaves the
 * other one whole, rot in one of them loses nothing, and a full disk does not keep delivered items
 * from being removed, because no new block is needed.
 */
export class Ledger {
  #entry: LedgerEntry
  /** Whether entries were found at the start, though none of them was whole. */
  readonly wasLost: boolean
  readonly #folder: string
  readonly #disk: Disk

  private constructor(folder: string, disk: Disk, entry: LedgerEntry, wasLost: boolean) {
    this.#folder = folder
    this.#disk = disk
    this.#entry = entry
    this.wasLost = wasLost
  }

  static async open(folder: string, disk: Disk): Promise<Ledger> {
    const { entry, wasLost } = await readLedger(folder, disk)
    return new Ledger(folder, disk, entry, wasLost)
  }

  get entry(): LedgerEntry {
    return this.#entry
  }

  /** Writes the next entry; it is durable when this resolves. */
  async write(change: Partial<Omit<LedgerEntry, 'generation'>>): Promise<void> {
    const next = { ...this.#entry, ...change, generation: this.#entry.generation + 1 }
    const bytes = Buffer.from(sealed(next).padEnd(SLOT_BYTES, ' '))
    for (const slot of SLOTS) {
      const file = await this.#disk.overwrite(join(this.#folder, slot))
      try {
        await file.write(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    if (this.#entry.generation === 0) {
      await this.#disk.syncFolder(this.#folder)
    }
    this.#entry = next
  }
}

/** The newest whole entry, without changing anything. */
export async function readLedger(
  folder: string,
  disk: Disk
): Promise<{ readonly entry: LedgerEntry; readonly wasLost: boolean }> {
  let entry = EMPTY_ENTRY
  let found = 0
  for (const slot of SLOTS) {
    const bytes = await bytesOf(disk, join(folder, slot))
    found += bytes === null ? 0 : 1
    const value =
      bytes === null ? null : unsealed(Buffer.from(bytes).toString('utf8').trimEnd() + '\n')
    if (isEntry(value) && value.generation > entry.generation) {
      entry = { ...EMPTY_ENTRY, ...value }
    }
  }
  return { entry, wasLost: found > 0 && entry.generation === 0 }
}

async function bytesOf(disk: Disk, path: string): Promise<Uint8Array | null> {
  try {
    return await disk.read(path, SLOT_BYTES)
  } catch (error) {
    if (['EFBIG', 'EACCES', 'EIO', 'ELOOP', 'EISDIR'].includes(systemCode(error) ?? '')) {
      return new Uint8Array()
    }
    throw error
  }
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  const { generation, seq, delivered, evicted, removing } = value as Partial<LedgerEntry>
  return (
    [generation, seq, delivered, evicted].every((figure) => Number.isSafeInteger(figure)) &&
    Array.isArray(removing)
  )
}
