import type Agent from '#models/agent'
import type User from '#models/user'
import { publishVersion } from '#services/policy/store'
import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const MINUTE = 60_000

/** The policy that lets these be on the wall. Gives its version. */
async function allow(level: 'organisation' | 'person', id: number) {
  const { version } = await publishVersion({
    subject: { level, id },
    values: { 'screenshot.live': true },
    locked: [],
    reason: 'support desk',
    actor: 'command',
  })
  return version
}

async function shotUnder(agent: Agent, version: number, at = Date.now() - MINUTE) {
  const id = await putScreenshot(agent, at)
  await db.from('screenshots').where('id', id).update({ policy_version: version })
  return id
}

test.group('The live wall', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User
  let agent: Agent

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    manager = await makeUser('manager', 'Red')
    agent = (await makeAgent(dana)).agent
    await agent.merge({ lastSeenAt: Date.now(), intervalSeconds: 30 }).save()
  })

  type Client = Parameters<Parameters<typeof test>[1] & {}>[0]['client']
  const give = (client: Client, viewer: User, purpose = 'support desk shift') =>
    client.post('/live/purposes').loginAs(viewer).withCsrfToken().redirects(0).form({ purpose })

  test('is off until a policy allows it, and says so', async ({ client, assert }) => {
    const shot = await shotUnder(agent, 0)

    const page = await client.get('/live').loginAs(manager)

    page.assertStatus(200)
    page.assertTextIncludes('The live wall is off')
    assert.notInclude(page.text(), shot)
  })

  test('shows nothing of anybody before the viewer said why', async ({ client, assert }) => {
    const shot = await shotUnder(agent, await allow('organisation', 0))

    const page = await client.get('/live').loginAs(manager)

    page.assertTextIncludes('Why do you look?')
    assert.notInclude(page.text(), shot)
    assert.notInclude(page.text(), dana.fullName)
  })

  test('shows the newest picture of each computer to who said why, once for all', async ({
    client,
    assert,
  }) => {
    const version = await allow('organisation', 0)
    const older = await shotUnder(agent, version, Date.now() - 5 * MINUTE)
    const newer = await shotUnder(agent, version)
    const other = await makeUser('member', 'Red')
    const second = (await makeAgent(other)).agent
    const theirs = await shotUnder(second, version)

    const given = await give(client, manager)
    given.assertStatus(302)
    const page = await client.get('/live').loginAs(manager)

    page.assertTextIncludes(`/media/screenshots/${newer}/thumb`)
    page.assertTextIncludes(`/media/screenshots/${theirs}/thumb`)
    assert.notInclude(page.text(), older)
    const purposes = await db.from('purposes').where('viewer_id', manager.id)
    assert.sameMembers(
      purposes.map(({ person_id: id }) => Number(id)),
      [dana.id, other.id]
    )
  })

  test('leaves out a picture taken before the person acknowledged the wall', async ({
    client,
    assert,
  }) => {
    const version = await allow('organisation', 0)
    const shot = await shotUnder(agent, version - 1)
    await give(client, manager)

    const page = await client.get('/live').loginAs(manager)

    page.assertTextIncludes('The notice is not read yet')
    assert.notInclude(page.text(), shot)
  })

  test('shows no picture of who pauses, and says so without a reproach', async ({
    client,
    assert,
  }) => {
    const shot = await shotUnder(agent, await allow('organisation', 0))
    await agent.merge({ pausedUntil: Date.now() + 10 * MINUTE }).save()
    await give(client, manager)

    const page = await client.get('/live').loginAs(manager)

    page.assertTextIncludes('Paused')
    assert.notInclude(page.text(), shot)
  })

  test('holds those alone whose own policy allows it, and counts the others', async ({
    client,
    assert,
  }) => {
    const version = await allow('person', dana.id)
    await shotUnder(agent, version)
    const other = await makeUser('member', 'Red')
    const theirs = await shotUnder((await makeAgent(other)).agent, version)
    await give(client, manager)

    const page = await client.get('/live').loginAs(manager)

    page.assertTextIncludes(dana.fullName)
    page.assertTextIncludes('One person is not on the wall')
    assert.notInclude(page.text(), theirs)
  })

  test('shows nobody of another team, and is no page for other roles', async ({
    client,
    assert,
  }) => {
    const shot = await shotUnder(agent, await allow('organisation', 0))
    const stranger = await makeUser('manager', 'Blue')
    await give(client, stranger)
    const page = await client.get('/live').loginAs(stranger)
    assert.notInclude(page.text(), shot)
    assert.notInclude(page.text(), dana.fullName)

    for (const viewer of [dana, await makeUser('admin'), await makeUser('auditor')]) {
      const answer = await client.get('/live').loginAs(viewer)
      answer.assertStatus(404)
      const asked = await give(client, viewer)
      asked.assertStatus(404)
    }
  })

  test('asks for a reason that says something, and ignores what it does not know', async ({
    client,
    assert,
  }) => {
    await allow('organisation', 0)
    await give(client, manager, 'x')
    assert.lengthOf(await db.from('purposes'), 0)

    const page = await client.get('/live?size=huge&team=none&kiosk=2').loginAs(manager)
    page.assertStatus(200)
  })

  test('makes stale tiles pale: a silent computer, or no picture for three intervals', async ({
    client,
    assert,
  }) => {
    const version = await allow('organisation', 0)
    await shotUnder(agent, version, Date.now() - 20 * MINUTE)
    await give(client, manager)

    const old = await client.get('/live').loginAs(manager)
    assert.include(old.text(), 'shot opacity-60')

    await shotUnder(agent, version)
    const fresh = await client.get('/live').loginAs(manager)
    assert.notInclude(fresh.text(), 'shot opacity-60')
  })
})
