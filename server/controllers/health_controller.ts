import { LATE_SECONDS, queueState } from '#services/jobs/state'
import { media } from '#services/media'
import type { HttpContext } from '@adonisjs/core/http'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'

const CHECKS = {
  database: () => db.rawQuery('select 1'),
  storage: () => media.check(),
}

/** Whether the process lives, and whether it can serve. */
export default class HealthController {
  live() {
    return { status: 'ok' }
  }

  async ready({ response }: HttpContext) {
    const checks: Record<string, 'ok' | 'failed'> = {}
    for (const [name, check] of Object.entries(CHECKS)) {
      try {
        await check()
        checks[name] = 'ok'
      } catch (error) {
        logger.error({ err: error }, `health check "${name}" failed`)
        checks[name] = 'failed'
      }
    }
    const jobs = checks.database === 'ok' ? await jobsState() : null
    const isReady = Object.values(checks).every((state) => state === 'ok')
    return response
      .status(isReady ? 200 : 503)
      .json({ status: isReady ? 'ok' : 'failed', checks, jobs })
  }
}

/** A queue that nobody works on keeps no request from being served: it is told, and fails nothing. */
async function jobsState() {
  try {
    const state = await queueState()
    return { state: state.lag_seconds > LATE_SECONDS ? 'late' : 'ok', ...state }
  } catch (error) {
    logger.error({ err: error }, 'health check "jobs" failed')
    return { state: 'failed' }
  }
}
