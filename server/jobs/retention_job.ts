import env from '#start/env'
import { Work } from '#services/jobs/work'
import { pruneAudit } from '#services/audit_pruning'
import { runRetention } from '#services/retention/run'
import logger from '@adonisjs/core/services/logger'

const GIGABYTE = 1_000_000_000

/** Lets go what is older than the policies keep, and of the log what is older than that is kept. */
export default class RetentionJob extends Work<Record<string, never>> {
  static options = Work.optionsOf({ name: 'retention', timeout: '50m' })

  async execute() {
    const most = env.get('RETENTION_MEDIA_GB')
    const report = await runRetention({
      ...(most === undefined ? {} : { mostMediaBytes: most * GIGABYTE }),
      ...(this.signal ? { signal: this.signal } : {}),
    })
    const log = await pruneAudit(this.signal ? { signal: this.signal } : {})
    logger.info({ report: { ...report, audit: log.rows } }, 'retention')
    if (log.broken !== null) {
      logger.error(
        { row: log.broken },
        'the audit log is not whole; node ace audit:verify says why'
      )
    }
  }
}
