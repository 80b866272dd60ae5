import type { Disk } from './disk.ts'

/** How much of the disk the spool may use, in bytes. */
export type QuotaOptions = {
  /** Most bytes of the spool; default 2 GB or a tenth of what is free at the start, the smaller one. */
  readonly maxBytes?: number
  /** What must stay free on the disk; default 1 GB. */
  readonly minFreeBytes?: number
  /**
   * What a full spool does. `pause` (the default) stops to take media, visibly, until there is room
   * again; `evict` gives up the oldest recordings, then the oldest screenshots, and tells the server.
   */
  readonly whenFull?: 'pause' | 'evict'
}

export const DEFAULT_QUOTA = { maxBytes: 2_000_000_000, minFreeBytes: 1_000_000_000 } as const

/** Share of the quota below which a full spool takes media again. */
const REOPEN_SHARE = 0.9
/** Events are small and say that something is missing: they may use this much more. */
const EVENT_RESERVE_BYTES = 64 * 1024 * 1024

/** Whether there is room for one more item. Media stop first; events go on into a reserve. */
export class Quota {
  #used = 0
  #maxBytes: number | null
  #full: string | null = null
  readonly #minFreeBytes: number
  readonly #reopenShare: number
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string, options: QuotaOptions = {}) {
    this.#disk = disk
    this.#folder = folder
    this.#maxBytes = options.maxBytes ?? null
    this.#minFreeBytes = options.minFreeBytes ?? DEFAULT_QUOTA.minFreeBytes
    this.#reopenShare = options.whenFull === 'evict' ? 1 : REOPEN_SHARE
  }

  /** Bytes of all items that lie in the spool. */
  get used(): number {
    return this.#used
  }

  add(bytes: number): void {
    this.#used += bytes
  }

  /** Why media cannot be taken now, or null. */
  fullBecause(): string | null {
    return this.#full
  }

  /** Looks at the disk, and says why an item of `bytes` cannot be taken, or null when it can. */
  async refuses(lane: 'events' | 'media', bytes: number): Promise<string | null> {
    const free = await this.#disk.freeBytes(this.#folder)
    const maxBytes = this.#maxOf(free)
    const wasFull = this.#full !== null
    this.#full = this.#reason(
      free,
      maxBytes,
      wasFull ? this.#reopenShare : 1,
      lane === 'media' ? bytes : 0
    )
    if (lane === 'media') {
      return this.#full
    }
    return this.#used + bytes > maxBytes + EVENT_RESERVE_BYTES ||
      free - bytes < this.#minFreeBytes / 2
      ? (this.#full ?? this.#sentence(free, maxBytes))
      : null
  }

  /** Whether an item of `bytes` would have room if `freed` bytes of others were gone. */
  async wouldTake(bytes: number, freed: number): Promise<boolean> {
    const free = await this.#disk.freeBytes(this.#folder)
    const isOver = this.#used - freed + bytes > this.#maxOf(free)
    return !isOver && free + freed - bytes >= this.#minFreeBytes
  }

  #maxOf(free: number): number {
    this.#maxBytes ??= Math.min(DEFAULT_QUOTA.maxBytes, (free + this.#used) / 10)
    return this.#maxBytes
  }

  #reason(free: number, maxBytes: number, share: number, bytes: number): string | null {
    const isOver = this.#used + bytes > maxBytes * share
    const isShort = free - bytes < this.#minFreeBytes / share
    return isOver || isShort ? this.#sentence(free, maxBytes) : null
  }

  #sentence(free: number, maxBytes: number): string {
    return (
      `The spool is full: it holds ${megabytes(this.#used)} of ${megabytes(maxBytes)}, ` +
      `and the disk has ${megabytes(free)} free, of which ${megabytes(this.#minFreeBytes)} are not its own`
    )
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
