/*
|--------------------------------------------------------------------------
| What waits for the database
|--------------------------------------------------------------------------
|
| A server starts whether its database is ready or not: requests are answered
| 503 until it is, and what works beside them begins then, without a restart.
|
*/
import { untilMigrated } from '#services/migrations'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'

const ending = new AbortController()
app.terminating(() => ending.abort())

let ready: Promise<boolean> | null = null

/** Runs `work` as soon as the server is ready and its database has every table; never when it ends before. */
export function onceMigrated(work: () => void | Promise<void>) {
  app.ready(() => {
    ready ??= untilMigrated(logger, ending.signal)
    ready
      .then((isReady) => (isReady ? work() : undefined))
      .catch((error: unknown) => logger.error({ err: error }, 'what works beside requests stopped'))
  })
}
