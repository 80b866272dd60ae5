import { test } from '@japa/runner'

test.group('Health', () => {
  test('says that the process lives', async ({ client }) => {
    const answer = await client.get('/health/live')

    answer.assertStatus(200)
    answer.assertBody({ status: 'ok' })
  })

  test('says that database and storage are there', async ({ client }) => {
    const answer = await client.get('/health/ready')

    answer.assertStatus(200)
    answer.assertBody({ status: 'ok', checks: { database: 'ok', storage: 'ok' } })
  })
})
