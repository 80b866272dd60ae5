import Screenshot from '#models/screenshot'
import { holdMoment } from '#services/retention/holds'
import type User from '#models/user'
import { givePurpose } from '#services/purpose'
import { markEverything } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { putPresence } from '#tests/support/activity'
import { cleanDatabase, emptyTables } from '#tests/support/clean'
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

  test('is done once, however many ask for it at once', async ({ client, assert }) => {
    const { bearer, shot } = await pictured(client)

    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        client.delete(`/api/screenshots/${shot.id}`).bearerToken(bearer)
      )
    )

    assert.includeMembers(
      [204, 404],
      answers.map((answer) => answer.status())
    )
    assert.lengthOf(await db.from('deletions'), 1)
    assert.lengthOf(await db.from('audit_log').where('action', 'screenshot.delete'), 1)
  })

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

test.group('Deleting an event of activity', (group) => {
  cleanDatabase(group)

  const NOON = Date.parse('2026-11-19T12:00:00Z')
  const HOUR = 3_600_000

  async function active() {
    const person = await makeUser('member', 'North')
    const { agent, token } = await makeAgent(person)
    const id = await putPresence(agent, 'active', NOON, NOON + HOUR)
    await putPresence(agent, 'active', NOON + 3 * HOUR, NOON + 4 * HOUR)
    await markEverything()
    await settleRollups()
    const owner = await makeUser('owner')
    return { person, agent, token, owner, id }
  }
  const activeMs = async () => {
    await settleRollups()
    const sum = async (table: string) =>
      Number((await db.from(table).sum('active_ms as sum').first())?.sum ?? 0)
    return [await sum('rollup_hours'), await sum('rollup_days'), await sum('work_sessions')]
  }

  test('counts anew without it and stands in the log, by the API as by its page', async ({
    client,
    assert,
  }) => {
    for (const way of ['api', 'page'] as const) {
      await emptyTables()
      const { person, agent, owner, id } = await active()
      assert.deepEqual(await activeMs(), [2 * HOUR, 2 * HOUR, 2 * HOUR])

      const answer =
        way === 'api'
          ? await client.delete(`/api/activities/${id}`).bearerToken(await tokenOf(owner))
          : await client.delete(`/activities/${id}`).loginAs(owner).withCsrfToken().redirects(0)

      answer.assertStatus(way === 'api' ? 204 : 302)
      assert.deepEqual(await activeMs(), [HOUR, HOUR, HOUR])
      assert.include(await db.from('audit_log').where('action', 'activity.delete').first(), {
        ...{ actor_id: owner.id, person_id: person.id, agent_id: agent.id },
        object_id: `activity:${id}`,
      })
      const gone = await client.get('/api/deletions').bearerToken(await tokenOf(owner))
      assert.containSubset(gone.body().data, [{ id, kind: 'activity' }])
    }
  })

  test('is refused while a hold keeps it, and then nothing changes', async ({ client, assert }) => {
    const { person, owner, id } = await active()
    await db.transaction((trx) => holdMoment(trx, person.id, NOON, 'a question'))

    const answer = await client.delete(`/api/activities/${id}`).bearerToken(await tokenOf(owner))
    await client.delete(`/activities/${id}`).loginAs(owner).withCsrfToken().redirects(0)

    answer.assertStatus(409)
    assert.equal(answer.body().error.code, 'E_ON_HOLD')
    assert.deepEqual(await activeMs(), [2 * HOUR, 2 * HOUR, 2 * HOUR])
    assert.isNull(await db.from('audit_log').where('action', 'activity.delete').first())
  })

  test('is done once, however many ask for it at once', async ({ client, assert }) => {
    const { owner, id } = await active()
    const bearer = await tokenOf(owner)

    const answers = await Promise.all(
      Array.from({ length: 6 }, () => client.delete(`/api/activities/${id}`).bearerToken(bearer))
    )

    assert.includeMembers(
      [204, 404],
      answers.map((answer) => answer.status())
    )
    assert.lengthOf(await db.from('deletions'), 1)
    assert.lengthOf(await db.from('audit_log').where('action', 'activity.delete'), 1)
  })

  test('has a page, of another person after a reason alone, who reads of the look', async ({
    client,
    assert,
  }) => {
    const { person, owner, id } = await active()
    const show = async (user: User) => {
      const page = await client.get(`/activities/${id}`).loginAs(user)
      page.assertStatus(200)
      return page.text()
    }
    const looks = () => db.from('audit_log').where({ action: 'activities', object_id: id })

    assert.include(await show(person), 'presence: active')
    const asked = await show(owner)
    assert.include(asked, 'Why do you look')
    assert.notInclude(asked, 'presence: active')
    assert.isEmpty(await looks())
    await givePurpose(owner, person.id, 'weekly 1:1')

    assert.include(await show(owner), 'Delete this event?')
    assert.containSubset(await looks(), [{ actor_id: owner.id, purpose: 'weekly 1:1' }])
    const list = await client.get('/records?kind=activities').loginAs(owner)
    list.assertTextIncludes(`/activities/${id}`)
  })
})
