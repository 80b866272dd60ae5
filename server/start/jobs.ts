/*
|--------------------------------------------------------------------------
| Jobs
|--------------------------------------------------------------------------
|
| What repeats, and the worker of this process. With several processes the
| schedules stand in the queue once, and each due job is taken by one.
|
*/
import HousekeepingJob from '#jobs/housekeeping_job'
import RetentionJob from '#jobs/retention_job'
import StorageJob from '#jobs/storage_job'
import env from '#start/env'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'
import type { ConfigProvider } from '@adonisjs/core/types'
import { Worker } from '@adonisjs/queue'
import type { QueueManagerConfig } from '@adonisjs/queue/types'

if (!app.inTest && env.get('JOBS', 'on') === 'on') {
  app.ready(async () => {
    await RetentionJob.schedule({}).id('retention').every('1h').run()
    await StorageJob.schedule({}).id('storage').every('15s').run()
    await HousekeepingJob.schedule({}).id('housekeeping').every('1m').run()
    const config = app.config.get<QueueManagerConfig>('queue')
    const worker = new Worker({
      ...config,
      autoLoadJobs: false,
      adapters: await resolved(config.adapters),
      logger,
      worker: { ...config.worker, gracefulShutdown: false },
    })
    worker
      .start(['default'])
      .catch((error: unknown) => logger.error({ err: error }, 'the worker of jobs stopped'))
    app.terminating(() => worker.stop())
  })
}

type Adapters = QueueManagerConfig['adapters']

/** The adapters of the settings, with their connections: those are made when the server is ready. */
async function resolved(adapters: Adapters): Promise<Adapters> {
  const made = Object.entries(adapters).map(async ([name, adapter]) => [
    name,
    typeof adapter === 'function'
      ? adapter
      : await (adapter as ConfigProvider<Adapters[string]>).resolver(app),
  ])
  return Object.fromEntries(await Promise.all(made))
}
