import env from '#start/env'
import { Work } from '#services/jobs/work'
import { runRetention } from '#services/retention/run'
import logger from '@adonisjs/core/services/logger'

const GIGABYTE = 1_000_000_000

/** Lets go what is older than the policies keep. */
export default class RetentionJob extends Work<Record<string, never>> {
  static options = Work.optionsOf({ name: 'retention', timeout: '50m' })

  async execute() {
    const most = env.get('RETENTION_MEDIA_GB')
    const report = await runRetention({
      ...(most === undefined ? {} : { mostMediaBytes: most * GIGABYTE }),
      ...(this.signal ? { signal: this.signal } : {}),
    })
    logger.info({ report }, 'retention')
  }
}
