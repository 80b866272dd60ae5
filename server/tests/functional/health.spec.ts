import HousekeepingJob from '#jobs/housekeeping_job'
import { cleanDatabase } from '#tests/support/clean'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

test.group('Health', (group) => {
  cleanDatabase(group)

  test('says that the process lives', async ({ client }) => {
    const answer = await client.get('/health/live')

    answer.assertStatus(200)
    answer.assertBody({ status: 'ok' })
  })

  test('says that database, its tables and storage are there', async ({ client }) => {
    const answer = await client.get('/health/ready')

    answer.assertStatus(200)
    answer.assertBody({
      status: 'ok',
      checks: { database: 'ok', migrations: 'ok', storage: 'ok' },
      jobs: { state: 'ok', waiting: 0, lag_seconds: 0 },
    })
  })

  test('says how far behind the queue is where nobody works on it', async ({ client, assert }) => {
    const id = await HousekeepingJob.schedule({}).id('housekeeping').every('1m').run()
    await db
      .from('queue_schedules')
      .where('id', 'housekeeping')
      .update({ next_run_at: new Date(Date.now() - 400_000) })

    const answer = await client.get('/health/ready')

    assert.isNotEmpty(id)
    answer.assertStatus(200)
    assert.equal(answer.body().jobs.state, 'late')
    assert.closeTo(answer.body().jobs.lag_seconds, 400, 5)
  })
})
