import { settleRollups } from '#services/rollups/settle'
import type { LoggerService } from '@adonisjs/core/types'

/** How long observations collect before their hours are counted, at the least. */
const PAUSE_MS = 20_000

/** Counting rests this many times as long as it took: sums have a ninth of the time of a fleet at the most. */
const REST = 8

/**
 * Keeps the sums of a server process up to date: what arrived is counted after `PAUSE_MS`, or later
 * where many machines report, in the pauses between requests, never on the way of one.
 */
export class RollupKeeper {
  #timer: NodeJS.Timeout | null = null
  #pauseMs = PAUSE_MS
  #logger: Pick<LoggerService, 'error'> | null = null

  /** From now on what is noted is counted; before that, and after `stop`, nothing is. */
  start(logger: Pick<LoggerService, 'error'>) {
    this.#logger = logger
    this.note()
  }

  /** Something arrived, or is to be counted in another way. */
  note() {
    if (!this.#timer && this.#logger) {
      this.#timer = setTimeout(() => void this.#run(), this.#pauseMs)
      this.#timer.unref()
    }
  }

  stop() {
    this.#logger = null
    clearTimeout(this.#timer ?? undefined)
  }

  async #run() {
    this.#timer = null
    const startedAt = performance.now()
    try {
      await settleRollups()
      this.#pauseMs = Math.max(PAUSE_MS, REST * (performance.now() - startedAt))
    } catch (error) {
      this.#logger?.error({ err: error }, 'the sums could not be counted; they are tried again')
      this.note()
    }
  }
}

/** The one keeper of this process. */
export const keeper = new RollupKeeper()
