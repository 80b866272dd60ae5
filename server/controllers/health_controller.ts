import { MIGRATE } from '#services/database_errors'
import { LATE_SECONDS, queueState } from '#services/jobs/state'
import { media } from '#services/media'
import { pendingMigrations } from '#services/migrations'
import type { HttpContext } from '@adonisjs/core/http'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'

/** What a server needs, and what to do where it is not so. */
const CHECKS = {
  database: { look: () => db.rawQuery('select 1'), help: 'node ace worksight:doctor' },
  migrations: { look: noneIsPending, help: MIGRATE },
  storage: { look: () => media.check(), help: 'node ace worksight:doctor' },
}

/** Whether the process lives, and whether it can serve. */
export default class HealthController {
  live() {
    return { status: 'ok' }
  }

  async ready({ response }: HttpContext) {
    const checks: Record<string, 'ok' | 'failed'> = {}
    const help: string[] = []
    for (const [name, check] of Object.entries(CHECKS)) {
      try {
        await check.look()
        checks[name] = 'ok'
      } catch (error) {
        logger.error({ err: error }, `health check "${name}" failed`)
        checks[name] = 'failed'
        help.push(check.help)
      }
    }
    if (help.length > 0) {
      const status = 'failed'
      return response.status(503).json({ status, checks, help: help[0], jobs: null })
    }
    return response.json({ status: 'ok', checks, jobs: await jobsState() })
  }
}

async function noneIsPending() {
  const { length } = await pendingMigrations()
  if (length > 0) {
    throw new Error(`E_NOT_MIGRATED: ${length} migrations are pending`)
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
