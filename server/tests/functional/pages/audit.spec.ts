import User, { ROLES, type Role } from '#models/user'
import Agent from '#models/agent'
import { record } from '#services/audit'
import { walkOn } from '#services/audit_state'
import { updateAccount } from '#services/accounts'
import { settleRollups } from '#services/rollups/settle'
import { calendarOf } from '#services/timeline/calendars'
import { zoneOn } from '#services/timeline/calendar'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const LOOK = {
  kind: 'look',
  action: 'screenshot',
  actor: 'user',
  agent_id: null,
  object_id: 'a-picture',
  purpose: 'The till was off',
  details: null,
  address: '192.0.2.7',
} as const

test.group('Audit log', (group) => {
  cleanDatabase(group)

  test('is for owners, admins and auditors', async ({ client, assert }) => {
    const readers: readonly Role[] = ['owner', 'admin', 'auditor']
    for (const role of ROLES) {
      for (const path of ['/audit', '/audit/log.csv', '/audit/log.json']) {
        const answer = await client.get(path).loginAs(await makeUser(role))
        assert.equal(answer.status(), readers.includes(role) ? 200 : 404, `${role} ${path}`)
      }
    }
  })

  test('shows who, what, of whom, why and from where, and says up to which row it is whole', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    await record({ ...LOOK, actor_id: owner.id, person_id: dana.id })

    const page = await client.get('/audit').loginAs(owner)

    for (const text of [
      owner.fullName,
      'screenshot',
      'a-picture',
      'The till was off',
      '192.0.2.7',
    ]) {
      assert.include(page.text(), text)
    }
    assert.include(page.text(), 'Rows 1 to 1 verified')
  })

  test('is narrowed to kind, person and day, on the page and in the files', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    await record({ ...LOOK, actor_id: owner.id, person_id: dana.id })
    await record({ ...LOOK, actor_id: dana.id, person_id: dana.id, object_id: '=danas-own' })

    const only = await client.get(`/audit/log.json?actor=${dana.id}&kind=look`).loginAs(owner)
    const none = await client.get('/audit/log.json?to=2020-01-01').loginAs(owner)
    const file = await client.get('/audit/log.csv').loginAs(owner)

    assert.deepEqual(
      only.body().data.map(({ object }: { object: string }) => object),
      ['=danas-own']
    )
    assert.lengthOf(none.body().data, 0)
    assert.include(file.text(), `"'=danas-own"`)
  })

  test('names the first bad row in red once a row was changed', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    for (const objectId of ['one', 'two', 'three']) {
      await record({ ...LOOK, object_id: objectId, actor_id: owner.id, person_id: owner.id })
    }
    await db.from('audit_log').where('id', 2).update({ purpose: 'another' })

    const page = await client.get('/audit').loginAs(owner)

    assert.include(page.text(), 'row 2 is the first bad one')
  })

  test('says of a long log how far it was walked, and walks a few hundred rows in a request', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const facts = { ...LOOK, actor_id: owner.id, person_id: owner.id }
    await Promise.all(Array.from({ length: 1100 }, () => record(facts)))
    const state = async () => {
      const text = (await client.get('/audit').loginAs(owner)).text()
      return {
        rows: /Rows 1 to (\d+) verified/.exec(text)?.[1],
        waiting: /(\d+) newer rows? waits?/.exec(text)?.[1] ?? '0',
        isWhole: text.includes('the last time was done'),
        bad: /row (\d+) is the first bad one/.exec(text)?.[1] ?? null,
      }
    }

    const before = await state()
    await walkOn()
    const walked = await state()
    await record(facts)
    const after = await state()

    assert.deepEqual(before, { rows: '500', waiting: '600', isWhole: false, bad: null })
    assert.deepEqual(walked, { rows: '1100', waiting: '0', isWhole: true, bad: null })
    assert.deepEqual(after, { rows: '1101', waiting: '0', isWhole: true, bad: null })
  })

  test('finds what was changed after it was walked within a day, and forgets it when it is as it was', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    for (const objectId of ['one', 'two', 'three']) {
      await record({ ...LOOK, object_id: objectId, actor_id: owner.id, person_id: owner.id })
    }
    const now = Date.now()
    const shown = async () => (await client.get('/audit').loginAs(owner)).text()
    await walkOn(now)
    await db.from('audit_log').where('id', 2).update({ purpose: 'another' })

    await walkOn(now + 3_600_000)
    const sameDay = await shown()
    await walkOn(now + 86_400_000)
    const nextDay = await shown()
    await db.from('audit_log').where('id', 2).update({ purpose: LOOK.purpose })
    await walkOn(now + 86_460_000)
    const mended = await shown()

    assert.include(sameDay, 'Rows 1 to 3 verified')
    assert.include(nextDay, 'row 2 is the first bad one')
    assert.include(mended, 'Rows 1 to 3 verified')
  })
})

test.group('What changes about agents and people', (group) => {
  cleanDatabase(group)

  test('an agent that observed for nobody is given to a person, whose hours are counted then', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    const { agent, token } = await makeAgent()
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))
    await settleRollups()

    const answer = await client
      .post(`/agents/${agent.id}`)
      .loginAs(owner)
      .form({ name: 'Till 3', site: 'default', person_id: dana.id })
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(302)
    const changed = await Agent.findOrFail(agent.id)
    assert.equal(changed.name, 'Till 3')
    assert.equal(changed.personId, dana.id)
    assert.isAbove((await db.from('dirty_hours').where('agent_id', agent.id)).length, 0)
    assert.lengthOf(await db.from('audit_log').where('action', 'agent.update'), 1)
  })

  test('what an agent observed stays with its person: it is not handed to another', async ({
    client,
    assert,
  }) => {
    const [owner, dana, erik] = [
      await makeUser('owner'),
      await makeUser('member'),
      await makeUser('member'),
    ]
    const { agent, token } = await makeAgent(dana)
    await client.post('/api/heartbeats').bearerToken(token).json(heartbeat(1))

    await client
      .post(`/agents/${agent.id}`)
      .loginAs(owner)
      .form({ name: agent.name, site: 'default', person_id: erik.id })
      .withCsrfToken()
      .redirects(0)

    assert.equal((await Agent.findOrFail(agent.id)).personId, dana.id)
  })

  test('the days before a move stay in the zone that was left', async ({ assert }) => {
    const dana = await makeUser('member')
    await dana.merge({ timeZone: 'Europe/Berlin' }).save()

    await updateAccount('command', dana.id, { timeZone: 'America/New_York' })

    const calendar = await calendarOf(await User.findOrFail(dana.id))
    assert.equal(zoneOn(calendar, '2020-05-05'), 'Europe/Berlin')
    assert.equal(zoneOn(calendar, '2090-05-05'), 'America/New_York')
    assert.isAbove((await db.from('dirty_days').where('person_id', dana.id)).length, 1)
  })

  test('a revoked agent is a row of the audit log', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    const { agent } = await makeAgent()

    await client.post(`/agents/${agent.id}/revocation`).loginAs(owner).withCsrfToken().redirects(0)

    assert.lengthOf(await db.from('audit_log').where('action', 'agent.revoke'), 1)
  })
})
