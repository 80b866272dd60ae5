import Screenshot from '#models/screenshot'
import { holdMoment } from '#services/retention/holds'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'

/** A person with one picture, and an owner with a token. */
async function pictured(client: ApiClient) {
  const person = await makeUser('member')
  const { agent, token } = await makeAgent(person)
  const bytes = await picture()
  const sent = await client
    .post('/api/screenshots')
    .bearerToken(token)
    .field('observation', JSON.stringify(describe(1, bytes)))
    .file('file', bytes, { filename: 'a.webp', contentType: 'image/webp' })
  sent.assertStatus(201)
  const owner = await makeUser('owner')
  return {
    person,
    agent,
    owner,
    bearer: await tokenOf(owner),
    shot: await Screenshot.firstOrFail(),
  }
}

test.group('Deleting a picture', (group) => {
  cleanDatabase(group)

  test('stands in the log of changes, by the API as by its page', async ({ client, assert }) => {
    for (const way of ['api', 'page'] as const) {
      const { person, agent, owner, bearer, shot } = await pictured(client)
      const answer =
        way === 'api'
          ? await client.delete(`/api/screenshots/${shot.id}`).bearerToken(bearer)
          : await client
              .delete(`/screenshots/${shot.id}`)
              .loginAs(owner)
              .withCsrfToken()
              .redirects(0)
      answer.assertStatus(way === 'api' ? 204 : 302)

      const line = await db
        .from('audit_log')
        .where('action', 'screenshot.delete')
        .orderBy('id', 'desc')
        .first()
      assert.include(line, {
        actor_id: owner.id,
        person_id: person.id,
        agent_id: agent.id,
        object_id: `screenshot:${shot.id}`,
      })
      assert.isNull(await Screenshot.first())
    }
  })

  test('is refused while a hold keeps it, and then nothing is written', async ({
    client,
    assert,
  }) => {
    const { person, owner, bearer, shot } = await pictured(client)
    await db.transaction((trx) => holdMoment(trx, person.id, shot.capturedAt, 'a question'))

    const answer = await client.delete(`/api/screenshots/${shot.id}`).bearerToken(bearer)
    await client.delete(`/screenshots/${shot.id}`).loginAs(owner).withCsrfToken().redirects(0)

    answer.assertStatus(409)
    assert.equal(answer.body().error.code, 'E_ON_HOLD')
    assert.isNotNull(await Screenshot.first())
    assert.isNull(await db.from('audit_log').where('action', 'screenshot.delete').first())
  })
})
