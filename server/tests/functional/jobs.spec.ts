import HousekeepingJob from '#jobs/housekeeping_job'
import StorageJob from '#jobs/storage_job'
import { failedJobs, queueState } from '#services/jobs/state'
import { Work } from '#services/jobs/work'
import { makeWorker } from '#services/jobs/worker'
import { cleanDatabase } from '#tests/support/clean'
import ace from '@adonisjs/core/services/ace'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { readdir } from 'node:fs/promises'

/** Seconds until each try after one that failed, before they are spread. */
const WAITS = [10, 30, 90, 270, 600]

/** One step of a worker that begins a job and sees it through. */
async function workOnce(worker: Awaited<ReturnType<typeof makeWorker>>) {
  const cycles = []
  do {
    cycles.push((await worker.processCycle(['default']))?.type)
  } while (cycles.at(-1) === 'started')
  return cycles
}

const job = async () => (await db.from('queue_jobs').first()) as Record<string, unknown> | null

test.group('Jobs', (group) => {
  cleanDatabase(group)

  test('are all Work: each has patience and a line in the list', async ({ assert }) => {
    const names = await readdir(app.makePath('server/jobs'))
    for (const name of names.filter((one) => one.endsWith('.ts'))) {
      const { default: Job } = await import(app.makePath('server/jobs', name))
      assert.isTrue(Job.prototype instanceof Work, name)
      assert.equal(Job.options.retry.maxRetries, WAITS.length, name)
    }
  })

  test('storage is tried again, later each time, and then listed once with why', async ({
    assert,
    cleanup,
  }) => {
    const file = { disk: 'nowhere', media_key: 'screenshots/1/a.webp' }
    await db.table('media_removals').insert({ ...file, queued_at: 0, next_at: 0, attempts: 0 })
    const worker = await makeWorker()
    cleanup(() => worker.stop())
    const waits: { readonly atMost: number; readonly atLeast: number }[] = []
    for (let time = 0; time < 2; time += 1) {
      await StorageJob.dispatch({})
      for (let attempt = 0; attempt <= WAITS.length; attempt += 1) {
        const at = Date.now()
        await workOnce(worker)
        const until = Number((await job())?.execute_at ?? at)
        // the wait began somewhere within the work, however long that took
        waits.push({ atMost: (until - at) / 1000, atLeast: (until - Date.now()) / 1000 })
        await db
          .from('queue_jobs')
          .whereNotNull('execute_at')
          .update({ execute_at: at, status: 'delayed' })
      }
    }

    const listed = await failedJobs()
    assert.lengthOf(listed, 1)
    assert.deepInclude(listed[0], { name: 'storage', attempts: WAITS.length + 1, payload: '{}' })
    assert.match(
      listed[0]?.error ?? '',
      /reading 'remove'/,
      'what happened, not that it was given up'
    )
    for (const [attempt, expected] of WAITS.entries()) {
      // spread, so that many that failed together are not tried together
      assert.isAtLeast(waits[attempt]?.atMost ?? 0, expected * 0.7, `wait ${attempt}`)
      assert.isAtMost(waits[attempt]?.atLeast ?? Infinity, expected * 1.3, `wait ${attempt}`)
    }
    ace.ui.switchMode('raw')
    cleanup(() => ace.ui.switchMode('normal'))
    assert.equal((await ace.exec('queue:failed', [])).exitCode, 7)
  }).timeout(60_000)

  test('storage that can do its work again is done, and another job after it', async ({
    assert,
    cleanup,
  }) => {
    const worker = await makeWorker()
    cleanup(() => worker.stop())
    await StorageJob.dispatch({})
    await HousekeepingJob.dispatch({})

    await workOnce(worker)
    await workOnce(worker)

    assert.equal((await queueState()).waiting, 0)
    assert.lengthOf(await failedJobs(), 0)
  })
})
