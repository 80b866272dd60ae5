import { heldAmong } from '#services/retention/holds'
import Screenshot from '#models/screenshot'
import type User from '#models/user'
import { cleanDatabase } from '#tests/support/clean'
import {
  describe,
  gap,
  heartbeat,
  picture,
  presence,
  windowEvent,
} from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

test.group('Records', (group) => {
  cleanDatabase(group)

  test('of every computer that one may see, by kind, computer and day, page by page', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member', 'North')]
    const { agent, token } = await makeAgent(dana)
    const observations = [
      ...Array.from({ length: 60 }, (_, at) => heartbeat(at + 1)),
      { ...gap(61), cause: 'outside_hours' },
    ]
    await client.post('/api/observations').bearerToken(token).json({ observations })
    const read = async (path: string, user = owner) => {
      const page = await client.get(path).loginAs(user)
      page.assertStatus(200)
      return page.text()
    }
    const rows = (text: string) => text.match(/<details>/g)?.length ?? 0

    const first = await read('/records')
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&')

    assert.equal(rows(first), 50)
    assert.equal(rows(await read(next ?? '')), 10)
    assert.include(await read('/records?kind=gaps'), 'screenshot not observed: outside hours')
    assert.equal(rows(await read(`/records?agent=${agent.id}&from=2026-11-22&to=2026-11-22`)), 50)
    assert.equal(rows(await read('/records?from=2026-11-23')), 0)
    assert.equal(rows(await read('/records?kind=evictions')), 0)
    assert.equal(rows(await read('/records?kind=nonsense')), 50)
    assert.equal(rows(await read('/records', dana)), 50)
    assert.equal(rows(await read('/records', await makeUser('member', 'South'))), 0)
  })
})

test.group('Records of activity', (group) => {
  cleanDatabase(group)

  test('are shown of those for whom a reason was given, who read that they were looked at', async ({
    client,
    assert,
  }) => {
    const [owner, manager] = [await makeUser('owner'), await makeUser('manager', 'North')]
    const [dana, lee] = [await makeUser('member', 'North'), await makeUser('member', 'South')]
    for (const [person, app] of [
      [dana, 'Editor_of_Dana'],
      [lee, 'Editor of Lee'],
    ] as const) {
      const { token } = await makeAgent(person)
      const observations = [heartbeat(1), windowEvent(2, { app }), presence(3, { state: 'afk' })]
      await client.post('/api/observations').bearerToken(token).json({ observations })
    }
    const looks = () => db.from('audit_log').where({ action: 'activities', object_id: 'list' })
    const read = async (user: User, path = '/records?kind=activities') => {
      const page = await client.get(path).loginAs(user)
      page.assertStatus(200)
      return page.text()
    }

    const before = await read(manager)
    const own = await read(dana)
    const noted = await looks()
    await client
      .post('/screenshots/purposes')
      .loginAs(manager)
      .form({ purpose: 'weekly 1:1', back: '/records?kind=activities' })
      .withCsrfToken()
      .redirects(0)
    const after = await read(manager)

    assert.include(before, 'the computer of one person')
    assert.notInclude(before, 'Editor_of_Dana')
    assert.include(own, 'Editor_of_Dana')
    assert.include(own, 'presence: afk')
    assert.lengthOf(noted, 0)
    assert.include(after, 'Editor_of_Dana')
    assert.notInclude(after, 'Editor of Lee')
    assert.deepEqual(
      (await looks()).map((row) => [row.actor_id, row.person_id, row.purpose]),
      [[manager.id, dana.id, 'weekly 1:1']]
    )
    for (const role of ['admin', 'auditor'] as const) {
      const page = await read(await makeUser(role))
      assert.notInclude(page, 'Editor')
      assert.notInclude(page, 'Why do you look?')
    }
    assert.include(await read(owner), 'the computers of 2 people')
    assert.notInclude(await read(owner), 'Editor')
  })
})

test.group('Holds', (group) => {
  cleanDatabase(group)

  test('are made, listed, and released once; what is held is kept, and each stands in the log', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    const { token } = await makeAgent(dana)
    const image = await picture()
    await client
      .post('/api/screenshots')
      .bearerToken(token)
      .field('observation', JSON.stringify(describe(1, image)))
      .file('file', image, { filename: 'a.webp', contentType: 'image/webp' })
    const send = (path: string, fields: object) =>
      client.post(path).loginAs(owner).form(fields).withCsrfToken().redirects(0)
    const held = async () => {
      const shots = await Screenshot.query().preload('agent')
      return (await heldAmong(shots)).size
    }
    const span = { from: '2026-11-22', to: '2026-11-22' }

    await send('/settings/holds', { person_id: dana.id, ...span, reason: 'A dispute of dana' })
    const whileHeld = await held()
    const list = await client.get('/settings/holds?state=held').loginAs(owner)
    const [hold] = await db.from('retention_holds')
    const release = () => send(`/settings/holds/${hold.id}?_method=DELETE`, {})
    await release()
    await release()
    const after = await held()
    const released = await client.get(`/settings/holds?person=${dana.id}`).loginAs(owner)

    assert.equal(whileHeld, 1)
    assert.include(list.text(), 'A dispute of dana')
    assert.equal(after, 0)
    assert.include(released.text(), 'Released')
    const log = await db.from('audit_log').where('action', 'like', 'hold.%').orderBy('id')
    assert.deepEqual(
      log.map((row) => [row.action, row.person_id, row.actor_id]),
      [
        ['hold.create', dana.id, owner.id],
        ['hold.release', dana.id, owner.id],
      ]
    )
  })

  test('of nobody, or that end before they begin, are refused', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    for (const fields of [
      { person_id: 99, reason: 'A dispute' },
      { person_id: owner.id, from: '2026-11-22', to: '2026-11-20', reason: 'A dispute' },
      { person_id: owner.id, from: 'x', reason: 'A dispute' },
      { person_id: owner.id, reason: 'x' },
    ]) {
      const answer = await client
        .post('/settings/holds')
        .loginAs(owner)
        .form(fields)
        .withCsrfToken()
        .redirects(0)
      assert.include([302, 422], answer.status())
    }
    assert.lengthOf(await db.from('retention_holds'), 0)
  })
})
