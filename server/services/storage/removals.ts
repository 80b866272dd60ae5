import { media } from '#services/media'
import { DiskError, type DiskName } from '#services/storage/disk'
import { noteFailure } from '#services/storage/disk_state'
import { diskOf } from '#services/storage/disks'
import { thumbnailKey, type StoredFile } from '#services/storage/stored_file'
import db from '@adonisjs/lucid/services/db'
import logger from '@adonisjs/core/services/logger'
import type { TransactionClientContract } from '@adonisjs/lucid/types/database'

/** Removals that one look takes. */
const BATCH = 100

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000

/** How long whoever removed the rows has for the files on this server, before the job looks after them. */
const OWN_WAIT_MS = 15_000

/**
 * Notes, in the transaction that removes their rows, that files are to go: a crash after the COMMIT
 * leaves nothing behind, on whichever disk.
 */
export async function queueRemovals(
  trx: TransactionClientContract,
  files: readonly StoredFile[]
): Promise<void> {
  if (files.length > 0) {
    const now = Date.now()
    await trx.table('media_removals').multiInsert(
      files.map(({ disk, mediaKey }) => ({
        disk,
        media_key: mediaKey,
        queued_at: now,
        next_at: disk === 'local' ? now + OWN_WAIT_MS : now,
      }))
    )
  }
}

/** After the COMMIT: removes what stands on this server, thumbnails too, and begins with the rest. */
export async function removeFiles(files: readonly StoredFile[]): Promise<void> {
  const own: string[] = []
  for (const file of files) {
    if (file.disk === 'local') {
      await media.remove(file.mediaKey)
      own.push(file.mediaKey)
    } else {
      await media.removeThumbnail(thumbnailKey(file))
    }
  }
  if (own.length > 0) {
    await db.from('media_removals').where('disk', 'local').whereIn('media_key', own).delete()
  }
  if (own.length < files.length) {
    removals.begin()
  }
}

type Removal = {
  readonly id: number
  readonly disk: DiskName
  readonly media_key: string
  readonly attempts: number
}

/**
 * Files whose rows are gone. Each is tried until the disk says that
 * it is gone; one that fails waits twice as long each time, up to an hour.
 */
class Removals {
  #running: Promise<number> | null = null

  /** Takes away what is due now; a disk that cannot be reached is left for later. Returns how many went. */
  drain(): Promise<number> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Begins without anybody waiting for it; the job goes on with what fails. */
  begin() {
    this.drain().catch((error: unknown) => {
      logger.error({ err: error }, 'files on other disks were not removed')
    })
  }

  async #drain(): Promise<number> {
    const away = new Set<DiskName>()
    let removed = 0
    for (;;) {
      const due: Removal[] = await db
        .from('media_removals')
        .where('next_at', '<=', Date.now())
        .whereNotIn('disk', [...away])
        .orderBy('id')
        .limit(BATCH)
      if (due.length === 0) {
        return removed
      }
      for (const removal of due) {
        removed += (await this.#remove(removal, away)) ? 1 : 0
      }
    }
  }

  async #remove(removal: Removal, away: Set<DiskName>): Promise<boolean> {
    try {
      await (await diskOf(removal.disk)).remove(removal.media_key)
      await media.removeThumbnail(thumbnailKey({ disk: removal.disk, mediaKey: removal.media_key }))
      await db.from('media_removals').where('id', removal.id).delete()
      return true
    } catch (error) {
      if (!(error instanceof DiskError)) {
        throw error
      }
      away.add(removal.disk)
      await noteFailure(error)
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** removal.attempts)
      await db
        .from('media_removals')
        .where('id', removal.id)
        .update({
          attempts: removal.attempts + 1,
          next_at: Date.now() + wait,
          last_error: error.message.slice(0, 255),
        })
      return false
    }
  }
}

export const removals = new Removals()
