import env from '#start/env'
import { runRetention } from '#services/retention/run'
import { Job } from '@adonisjs/queue'
import type { JobOptions } from '@adonisjs/queue/types'
import logger from '@adonisjs/core/services/logger'

const GIGABYTE = 1_000_000_000

/** Lets go what is older than the policies keep. */
export default class RetentionJob extends Job<Record<string, never>> {
  static options: JobOptions = {
    name: 'retention',
    maxRetries: 5,
    timeout: '50m',
    removeOnComplete: { count: 24 },
    removeOnFail: { age: '30d' },
  }

  async execute() {
    const most = env.get('RETENTION_MEDIA_GB')
    const report = await runRetention({
      ...(most === undefined ? {} : { mostMediaBytes: most * GIGABYTE }),
      ...(this.signal ? { signal: this.signal } : {}),
    })
    logger.info({ report }, 'retention')
  }
}
