import { MIGRATE } from '#services/database_errors'
import { LATE_SECONDS, queueState } from '#services/jobs/state'
import { media } from '#services/media'
import { pendingMigrations } from '#services/migrations'
import type { HttpContext } from '@adonisjs/core/http'
import logger from '@adonisjs/core/services/logger'
import db from '@adonisjs/lucid/services/db'
import { setTimeout as wait } from 'node:timers/promises'

/** How long one check may take, in milliseconds. */
const PATIENCE_MS = 2000

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
    const states = await Promise.all(Object.entries(CHECKS).map(stateOf))
    const checks = Object.fromEntries(states)
    const failed = states.find(([, state]) => state === 'failed')
    if (failed) {
      const { help } = CHECKS[failed[0] as keyof typeof CHECKS]
      return response.status(503).json({ status: 'failed', checks, help, jobs: null })
    }
    return response.json({ status: 'ok', checks, jobs: await jobsState() })
  }
}

type Check = { readonly look: () => Promise<unknown>; readonly help: string }

async function stateOf([name, check]: [string, Check]): Promise<[string, 'ok' | 'failed']> {
  try {
    await Promise.race([check.look(), tooLong()])
    return [name, 'ok']
  } catch (error) {
    logger.error({ err: error }, `health check "${name}" failed`)
    return [name, 'failed']
  }
}

/** Whoever asks is not kept waiting by a database that takes a connection and says nothing. */
async function tooLong() {
  await wait(PATIENCE_MS, undefined, { ref: false })
  throw new Error(`E_TIMEOUT: no answer within ${PATIENCE_MS} ms`)
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
