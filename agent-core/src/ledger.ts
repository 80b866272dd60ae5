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
type Slot = (typeof SLOTS)[number]
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
  /** The slots in the order of writing: one that may not be whole comes first, so that one always is. */
  #slots: readonly Slot[]
  /** Whether a slot's name may not be durable yet. */
  #isNew: boolean

  private constructor(folder: string, disk: Disk, found: LedgerFound) {
    this.#folder = folder
    this.#disk = disk
    this.#entry = found.entry
    this.wasLost = found.wasLost
    this.#slots = SLOTS.toSorted((slot) => (slot === found.slot ? 1 : -1))
    this.#isNew = found.isNew
  }

  static async open(folder: string, disk: Disk): Promise<Ledger> {
    return new Ledger(folder, disk, await readLedger(folder, disk))
  }

  get entry(): LedgerEntry {
    return this.#entry
  }

  /** Writes the next entry; it is durable when this resolves. */
  async write(change: Partial<Omit<LedgerEntry, 'generation'>>): Promise<void> {
    const next = { ...this.#entry, ...change, generation: this.#entry.generation + 1 }
    const bytes = Buffer.from(sealed(next).padEnd(SLOT_BYTES, ' '))
    for (const slot of this.#slots) {
      try {
        await this.#writeSlot(slot, bytes)
      } catch (error) {
        this.#slots = SLOTS.toSorted((one) => (one === slot ? -1 : 1))
        throw error
      }
    }
    this.#isNew = false
    this.#entry = next
  }

  async #writeSlot(slot: Slot, bytes: Uint8Array): Promise<void> {
    const file = await this.#disk.overwrite(join(this.#folder, slot))
    try {
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    if (this.#isNew) {
      await this.#disk.syncFolder(this.#folder)
    }
  }
}

type LedgerFound = {
  readonly entry: LedgerEntry
  readonly wasLost: boolean
  /** The slot that holds the entry, or null when none does. */
  readonly slot: Slot | null
  /** Whether a slot is missing. */
  readonly isNew: boolean
}

/** The newest whole entry, without changing anything. */
export async function readLedger(folder: string, disk: Disk): Promise<LedgerFound> {
  let entry = EMPTY_ENTRY
  let slot: Slot | null = null
  let found = 0
  for (const name of SLOTS) {
    const bytes = await bytesOf(disk, join(folder, name))
    found += bytes === null ? 0 : 1
    const value =
      bytes === null ? null : unsealed(Buffer.from(bytes).toString('utf8').trimEnd() + '\n')
    if (isEntry(value) && value.generation > entry.generation) {
      entry = { ...EMPTY_ENTRY, ...value }
      slot = name
    }
  }
  const wasLost = found > 0 && entry.generation === 0
  return { entry, wasLost, slot, isNew: found < SLOTS.length }
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
