import { expireUploads } from '#services/drive/uploads'
import { moveMedia } from '#services/storage/moves'
import { removals } from '#services/storage/removals'
import { Job } from '@adonisjs/queue'
import type { JobOptions } from '@adonisjs/queue/types'
import logger from '@adonisjs/core/services/logger'

/** How long one run may move files, so that other jobs get their turn. */
const MOST_MS = 60_000

/** Brings files to the disks of their sites, and takes away those whose rows are gone. */
export default class StorageJob extends Job<Record<string, never>> {
  static options: JobOptions = {
    name: 'storage',
    maxRetries: 0,
    timeout: '15m',
    removeOnComplete: { count: 5 },
    removeOnFail: { age: '7d' },
  }

  async execute() {
    const enough = AbortSignal.timeout(MOST_MS)
    const signal = this.signal ? AbortSignal.any([enough, this.signal]) : enough
    const { moved, broken, stopped } = await moveMedia(signal)
    await expireUploads()
    const removed = await removals.drain()
    if (moved > 0 || removed > 0) {
      logger.info({ moved, removed }, 'files of other disks')
    }
    if (broken > 0) {
      logger.error({ broken }, 'files are missing; node ace storage:verify names them')
    }
    for (const error of stopped.values()) {
      logger.warn({ err: error }, 'a disk takes no files at the moment; they stay here')
    }
  }
}
