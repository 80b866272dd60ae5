import { expireUploads } from '#services/drive/uploads'
import { Work } from '#services/jobs/work'
import { moveMedia } from '#services/storage/moves'
import { removals } from '#services/storage/removals'
import logger from '@adonisjs/core/services/logger'

/** How long one run may move files, so that other jobs get their turn. */
const MOST_MS = 60_000

/** Brings files to the disks of their sites, and takes away those whose rows are gone. */
export default class StorageJob extends Work<Record<string, never>> {
  static options = Work.optionsOf({
    name: 'storage',
    timeout: '15m',
    removeOnComplete: { count: 5 },
  })

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
