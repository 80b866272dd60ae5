import type { Timekeeper } from './clock.ts'
import { asError } from './errors.ts'
import type { Logger } from './logger.ts'
import type { Spool } from './spool.ts'

export type SpoolRoomOptions = {
  readonly spool: Pick<Spool, 'fullBecause' | 'lookForRoom'>
  readonly clock: Timekeeper
  readonly logger: Logger
}

/** How often a full disk is looked at, in milliseconds; one look is one question to the file system. */
const LOOK_EVERY_MS = 5_000

/**
 * Ends the hold of a full spool. Whoever empties a disk tells nobody, and while media are held nothing
 * else may ask for room; so the disk is looked at again and again, for as long as it is full.
 */
export class SpoolRoom {
  readonly #options: SpoolRoomOptions
  #cancel: (() => void) | null = null
  #isClosed = false

  constructor(options: SpoolRoomOptions) {
    this.#options = options
  }

  /** Whether media are held now; from a yes on the disk is watched. */
  isFull(): boolean {
    const isFull = this.#options.spool.fullBecause() !== null
    if (isFull && this.#cancel === null && !this.#isClosed) {
      this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look())
    }
    return isFull
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
    this.#cancel = null
  }

  async #look(): Promise<void> {
    const { spool, logger } = this.#options
    try {
      await spool.lookForRoom()
    } catch (error) {
      logger.warn({ error: asError(error).message }, 'the disk cannot be asked for its room')
    }
    this.#cancel = null
    this.isFull()
  }
}
