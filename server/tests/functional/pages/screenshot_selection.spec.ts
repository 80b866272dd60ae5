import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import type User from '#models/user'
import { givePicturePurpose } from '#services/purpose'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'

const AT = Date.parse('2026-11-19T09:00:00Z')

test.group('Selected screenshots', (group) => {
  cleanDatabase(group)

  let manager: User
  let mine: string[]
  let foreign: string

  group.each.setup(async () => {
    manager = await makeUser('manager', 'Red')
    const { agent } = await makeAgent(await makeUser('member', 'Red'))
    const other = await makeAgent(await makeUser('member', 'Blue'))
    mine = []
    for (const minute of [0, 1, 2]) {
      mine.push(await putScreenshot(agent, AT + minute * 60_000))
    }
    foreign = await putScreenshot(other.agent, AT)
  })

  const send = (client: ApiClient, what: string, form: object, viewer = manager) =>
    client
      .post(`/screenshots/selection/${what}`)
      .loginAs(viewer)
      .withCsrfToken()
      .redirects(0)
      .form(form)

  const left = async () => (await db.from('screenshots').select('id')).map(({ id }) => id)

  test('are deleted with a reason that the audit log keeps; those of others are not', async ({
    client,
    assert,
  }) => {
    const answer = await send(client, 'deletion', {
      'ids[]': [mine[0], mine[1], foreign],
      'reason': 'private mail',
    })

    answer.assertStatus(302)
    assert.sameMembers(await left(), [mine[2], foreign])
    const lines = await db.from('audit_log').where('action', 'screenshot.delete')
    assert.sameMembers(
      lines.map(({ object_id: object }) => object),
      [`screenshot:${mine[0]}`, `screenshot:${mine[1]}`]
    )
    assert.include(JSON.stringify(lines[0]), 'private mail')
  })

  test('on hold stay, alone and among others', async ({ client, assert }) => {
    await send(client, 'hold', { 'ids[]': [mine[0]], 'reason': 'a legal matter' })
    await send(client, 'hold', { 'ids[]': [mine[0]], 'reason': 'a legal matter' })
    await send(client, 'deletion', { 'ids[]': mine, 'reason': 'clean up' })
    await client.delete(`/screenshots/${mine[0]}`).loginAs(manager).withCsrfToken().redirects(0)
    await givePicturePurpose(manager, {}, 'weekly 1:1')
    const page = await client.get('/screenshots').loginAs(manager)

    assert.sameMembers(await left(), [mine[0], foreign])
    assert.lengthOf(await db.from('retention_holds'), 1)
    page.assertTextIncludes('On hold')
  })

  test('are left alone without a reason, or by somebody who may not', async ({
    client,
    assert,
  }) => {
    await send(client, 'deletion', { 'ids[]': mine, 'reason': ' ab ' })
    await send(client, 'deletion', { 'ids[]': [], 'reason': 'nothing chosen' })
    const member = await makeUser('member', 'Red')
    const refused = await send(client, 'deletion', { 'ids[]': mine, 'reason': 'not mine' }, member)

    assert.isAtLeast(refused.status(), 400)
    assert.lengthOf(await left(), 4)
  })
})
