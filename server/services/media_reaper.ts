import { media } from '#services/media'
import db from '@adonisjs/lucid/services/db'
import type { LoggerService } from '@adonisjs/core/types'

const HOUR_MS = 3_600_000
/** Tables whose rows name files. */
const TABLES = ['screenshots', 'recordings'] as const
/** Keys that one query asks for. */
const MOST_KEYS = 500
/** More orphans than this, and more than there are other files, come from no crash. */
const MOST_ORPHANS = 100

/**
 * Takes away what a crash left: temporary files, and files without a row, older than `ageMs`. Returns
 * how many. Where most files have no row, the database is not that of these files: then nothing is
 * removed, and E_MEDIA_ORPHANS is thrown.
 */
export async function reapMedia(ageMs = HOUR_MS): Promise<number> {
  const swept = await media.sweep(ageMs)
  const orphans: string[] = []
  let kept = 0
  for await (const keys of media.keys(MOST_KEYS, ageMs)) {
    const named = await namedOf(keys)
    kept += named.size
    orphans.push(...keys.filter((key) => !named.has(key)))
  }
  if (orphans.length > MOST_ORPHANS && orphans.length > kept) {
    throw new Error(
      `E_MEDIA_ORPHANS: ${orphans.length} files have no row and ${kept} have one; is this the right database?`
    )
  }
  for (const key of orphans) {
    await media.remove(key)
  }
  return swept + orphans.length
}

async function namedOf(keys: readonly string[]): Promise<Set<string>> {
  const rows = await Promise.all(
    TABLES.map((table) =>
      db
        .from(table)
        .select('media_key')
        .where('disk', 'local')
        .whereIn('media_key', [...keys])
    )
  )
  return new Set(rows.flat().map((row: { media_key: string }) => row.media_key))
}

/** Reaps at the start and each hour, beside the requests. */
export class MediaReaper {
  readonly #logger: Pick<LoggerService, 'error' | 'warn'>
  #timer: NodeJS.Timeout | null = null

  constructor(logger: Pick<LoggerService, 'error' | 'warn'>) {
    this.#logger = logger
  }

  start() {
    this.#timer = setInterval(() => void this.#reap(), HOUR_MS)
    this.#timer.unref()
    void this.#reap()
  }

  stop() {
    clearInterval(this.#timer ?? undefined)
  }

  async #reap() {
    try {
      const files = await reapMedia()
      if (files > 0) {
        this.#logger.warn({ files }, 'files that a crash left without a row were removed')
      }
    } catch (error) {
      this.#logger.error({ err: error }, 'orphaned files were not removed')
    }
  }
}
