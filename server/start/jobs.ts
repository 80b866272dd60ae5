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
import { makeWorker } from '#services/jobs/worker'
import env from '#start/env'
import { onceMigrated } from '#start/migrated'
import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'

if (!app.inTest && env.get('JOBS', 'on') === 'on') {
  onceMigrated(async () => {
    await RetentionJob.schedule({}).id('retention').every('1h').run()
    await StorageJob.schedule({}).id('storage').every('15s').run()
    await HousekeepingJob.schedule({}).id('housekeeping').every('1m').run()
    const worker = await makeWorker()
    worker
      .start(['default'])
      .catch((error: unknown) => logger.error({ err: error }, 'the worker of jobs stopped'))
    app.terminating(() => worker.stop())
  })
}
