import type User from '#models/user'
import { givePurpose } from '#services/purpose'
import { erasePerson, verifyReceipt } from '#services/subject/erasure'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const DAY = '2026-11-19'

test.group('Notes on a day', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    manager = await makeUser('manager', 'Red')
    await makeAgent(dana)
  })

  type Client = Parameters<Parameters<typeof test>[1] & {}>[0]['client']
  const send = (client: Client, viewer: User, path: string, body: object = {}) =>
    client.post(path).loginAs(viewer).withCsrfToken().redirects(0).form(body)
  const write = (client: Client, body: object) =>
    send(client, dana, `/me/days/${DAY}/notes`, { kind: 'note', text: 'At the dentist', ...body })
  const theDay = () => `/people/${dana.id}/days/${DAY}`
  const newest = () => db.from('day_notes').orderBy('id', 'desc').firstOrFail()

  test('stand on the page of the person and of the manager, with their moment', async ({
    client,
  }) => {
    const answer = await write(client, { about: '10:30' })
    answer.assertHeader('location', `/me/days/${DAY}#notes`)
    await givePurpose(manager, dana.id, 'weekly 1:1')

    for (const [viewer, path] of [
      [dana, `/me/days/${DAY}`],
      [manager, theDay()],
    ] as const) {
      const page = await client.get(path).loginAs(viewer)
      page.assertTextIncludes('At the dentist')
      page.assertTextIncludes('10:30')
    }
  })

  test('are text, whatever is written', async ({ client, assert }) => {
    await write(client, { text: '<script>alert(1)</script> {{ person.email }}' })

    const page = await client.get(`/me/days/${DAY}`).loginAs(dana)

    page.assertTextIncludes('&lt;script&gt;alert(1)&lt;/script&gt; {{ person.email }}')
    assert.notInclude(page.text(), '<script>alert')
  })

  test('that say nothing, too much, or no time that there is are refused', async ({
    client,
    assert,
  }) => {
    for (const body of [
      { text: ' ' },
      { text: 'x'.repeat(1001) },
      { kind: 'verdict' },
      { about: '25:00' },
    ]) {
      await write(client, body)
    }
    const gone = await send(client, dana, '/me/days/2026-02-30/notes', { kind: 'note', text: 'no' })
    gone.assertStatus(404)
    assert.lengthOf(await db.from('day_notes'), 0)
  })

  test('are fifty a day at the most', async ({ client, assert }) => {
    const row = { person_id: dana.id, day: DAY, kind: 'note', text: 'more', written_at: 1 }
    await db.table('day_notes').multiInsert(Array.from({ length: 50 }, () => ({ ...row })))

    const answer = await write(client, {})

    answer.assertStatus(302)
    assert.lengthOf(await db.from('day_notes'), 50)
    const page = await client.get(`/me/days/${DAY}`).loginAs(dana)
    page.assertStatus(200)
  })

  test('can be taken back by who wrote them, until they are answered', async ({
    client,
    assert,
  }) => {
    await write(client, { kind: 'contest' })
    const { id } = await newest()
    const stranger = await makeUser('member', 'Red')
    const others = await send(client, stranger, `/me/days/${DAY}/notes/${id}?_method=DELETE`)
    others.assertStatus(404)

    await givePurpose(manager, dana.id, 'weekly 1:1')
    await send(client, manager, `${theDay()}/notes/${id}/answer`, { answer: 'It was a meeting.' })
    const late = await send(client, dana, `/me/days/${DAY}/notes/${id}?_method=DELETE`)
    late.assertStatus(404)
    assert.lengthOf(await db.from('day_notes'), 1)

    await write(client, {})
    const second = await newest()
    await send(client, dana, `/me/days/${DAY}/notes/${second.id}?_method=DELETE`)
    assert.lengthOf(await db.from('day_notes'), 1)
  })

  test('that contest wait on the overview of the manager until they are answered, once', async ({
    client,
    assert,
  }) => {
    await write(client, { kind: 'contest', text: 'I worked until six' })
    const { id } = await newest()
    const waiting = await client.get('/').loginAs(manager)
    waiting.assertTextIncludes('says that something on 2026-11-19 is wrong')

    await givePurpose(manager, dana.id, 'what Dana contests')
    const answer = { answer: 'You are right: the computer was away.' }
    await send(client, manager, `${theDay()}/notes/${id}/answer`, answer)
    const again = await send(client, manager, `${theDay()}/notes/${id}/answer`, { answer: 'no' })
    again.assertStatus(404)

    const page = await client.get(`/me/days/${DAY}`).loginAs(dana)
    page.assertTextIncludes('You are right: the computer was away.')
    page.assertTextIncludes(manager.fullName)
    const overview = await client.get('/').loginAs(manager)
    assert.notInclude(overview.text(), 'waiting for an answer')
    const log = await db.from('audit_log').where('kind', 'change').orderBy('id')
    assert.deepEqual(
      log.map(({ action, person_id: person }) => [action, Number(person)]),
      [
        ['day.contest', dana.id],
        ['day.contest.answer', dana.id],
      ]
    )
  })

  test('are answered by nobody who may not see the day, or did not say why', async ({
    client,
    assert,
  }) => {
    await write(client, { kind: 'contest' })
    const { id } = await newest()
    const path = `${theDay()}/notes/${id}/answer`
    const body = { answer: 'It stays.' }

    const without = await send(client, manager, path, body)
    without.assertStatus(428)
    for (const viewer of [await makeUser('manager', 'Blue'), await makeUser('admin'), dana]) {
      const answer = await send(client, viewer, path, body)
      answer.assertStatus(404)
    }
    assert.isNull((await newest()).answered_at)
  })

  test('are erased with the person`s data, and the receipt finds one that comes back', async ({
    client,
    assert,
  }) => {
    await write(client, {})
    const kept = await newest()

    const receipt = await erasePerson(dana, 1)

    assert.equal(receipt.rows.day_notes, 1)
    assert.deepEqual(await verifyReceipt(receipt), [])
    await db.table('day_notes').insert(kept)
    assert.deepEqual(await verifyReceipt(receipt), ['A note from before the erasure is here'])
  })
})
