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
    const isReady = Object.values(checks).every((state) => state === 'ok')
    return response.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'failed', checks })
  }
}
