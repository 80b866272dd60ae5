import { Job, exponentialBackoff } from '@adonisjs/queue'
import type { JobOptions } from '@adonisjs/queue/types'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'

/** How often a job is tried again, and how long it waits: 10 s, 30 s, 90 s, up to 10 minutes. */
const RETRY: JobOptions['retry'] = {
  maxRetries: 5,
  backoff: exponentialBackoff({ baseDelay: '10s', multiplier: 3, maxDelay: '10m' }),
}

/**
 * What every job of this server has: patience, and a line in the list when it is given up. The same work,
 * given up again, stands there once.
 */
export abstract class Work<Payload> extends Job<Payload> {
  static options: JobOptions = { retry: RETRY }

  static optionsOf(options: JobOptions & { readonly name: string }): JobOptions {
    return {
      retry: RETRY,
      removeOnComplete: { count: 24 },
      removeOnFail: { age: '30d' },
      ...options,
    }
  }

  override async failed(error: Error): Promise<void> {
    const { name, attempt } = this.context
    const why = whyOf(error)
    logger.error({ err: why, job: name }, 'a job was given up')
    const work = { name, payload: JSON.stringify(this.payload ?? {}) }
    await db.transaction(async (trx) => {
      await trx.from('failed_jobs').where(work).delete()
      await trx.table('failed_jobs').insert({
        ...work,
        error: why.message.slice(0, 2000),
        attempts: attempt,
        failed_at: Date.now(),
      })
    })
  }
}

/** What went wrong the last time; the queue itself says only that it will not be tried again. */
export function whyOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error
}
