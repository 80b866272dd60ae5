import { givePurpose, givePurposes } from '#services/purpose'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { describeSegment, VIDEO } from '#tests/support/videos'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'

/** A manager, two people of the team and one of another, each with a screenshot and a segment. */
async function makeTeam(client: ApiClient) {
  const manager = await makeUser('manager', 'North')
  const [dana, sam, other] = [
    await makeUser('member', 'North'),
    await makeUser('member', 'North'),
    await makeUser('member', 'South'),
  ]
  const image = await picture()
  const captured = new Map<
    number,
    { shot: string; segment: string; run: string; agentId: number }
  >()
  for (const person of [dana, sam, other]) {
    const { agent, token } = await makeAgent(person)
    const shot = describe(1, image)
    const segment = describeSegment(2, VIDEO)
    const send = (path: string, what: object, file: Buffer, contentType: string) =>
      client
        .post(path)
        .bearerToken(token)
        .field('observation', JSON.stringify(what))
        .file('file', file, { filename: 'a', contentType })
    await send('/api/screenshots', shot, image, 'image/webp')
    await send('/api/recordings', segment, VIDEO, 'video/mp4')
    captured.set(person.id, {
      ...{ shot: shot.id, segment: segment.id, run: segment.recording_id },
      agentId: agent.id,
    })
  }
  const of = ({ id }: { id: number }) => {
    const known = captured.get(id)
    if (!known) {
      throw new Error(`Nothing was captured of person ${id}`)
    }
    return known
  }
  return { manager, dana, sam, other, of }
}

test.group('A purpose before pictures', (group) => {
  cleanDatabase(group)

  test('the API answers 428 with code and help where none was given, and writes no look', async ({
    client,
    assert,
  }) => {
    const { manager, dana, of } = await makeTeam(client)
    const bearer = await tokenOf(manager)
    const { shot, segment, agentId } = of(dana)

    for (const path of [
      '/api/screenshots',
      `/api/screenshots?agent=${agentId}`,
      `/api/screenshots?person=${dana.id}`,
      `/api/screenshots?team=${dana.teamId}`,
      `/api/screenshots/${shot}`,
      `/api/screenshots/${shot}/image`,
      `/api/screenshots/${shot}/thumbnail`,
      '/api/recordings',
      `/api/recordings/${segment}`,
      `/api/recordings/${segment}/video`,
    ]) {
      const answer = await client.get(path).bearerToken(bearer)
      assert.equal(answer.status(), 428, path)
      const { error } = answer.body()
      assert.deepEqual([error.code, error.field], ['E_PURPOSE_REQUIRED', 'x-purpose'], path)
      assert.include(error.help, 'X-Purpose', path)
    }
    assert.lengthOf(await db.from('audit_log'), 0)
  })

  test('the media of pages answer 428 and no byte', async ({ client, assert }) => {
    const { manager, dana, of } = await makeTeam(client)
    const { shot, segment } = of(dana)

    for (const path of [
      `/media/screenshots/${shot}`,
      `/media/screenshots/${shot}/thumb`,
      `/media/recordings/${segment}`,
    ]) {
      const answer = await client.get(path).loginAs(manager)
      assert.deepEqual([answer.status(), answer.text() || ''], [428, ''], path)
    }
    assert.lengthOf(await db.from('audit_log'), 0)
  })

  test('X-Purpose with a list holds today for everybody in it, and stands with each look', async ({
    client,
    assert,
  }) => {
    const { manager, dana, sam, of } = await makeTeam(client)
    const bearer = await tokenOf(manager)
    const ask = (path: string) => client.get(path).bearerToken(bearer)

    const first = await ask('/api/screenshots').header('x-purpose', 'weekly 1:1')
    const second = await ask('/api/screenshots')
    const videos = await ask('/api/recordings')
    await ask(`/api/screenshots/${of(dana).shot}/image`)
    await ask(`/api/recordings/${of(sam).segment}/video`)

    assert.deepEqual([first.status(), second.status(), videos.status()], [200, 200, 200])
    assert.sameMembers(
      second.body().data.map(({ id }: { id: string }) => id),
      [of(dana).shot, of(sam).shot]
    )
    const looks = await db.from('audit_log').orderBy('id')
    assert.deepEqual(
      looks.map(({ person_id: person, purpose }) => [person, purpose]),
      [
        [dana.id, 'weekly 1:1'],
        [sam.id, 'weekly 1:1'],
      ]
    )
    const page = await client.get('/me/access').loginAs(dana)
    page.assertTextIncludes('weekly 1:1')
  })

  test('the same X-Purpose again is kept once, another one from then on', async ({
    client,
    assert,
  }) => {
    const { manager, dana, sam, of } = await makeTeam(client)
    const bearer = await tokenOf(manager)
    const path = `/api/screenshots/${of(dana).shot}/image`
    const look = (purpose: string, at = path) =>
      client.get(at).bearerToken(bearer).header('x-purpose', purpose)

    await look('weekly 1:1')
    await look('weekly 1:1')
    await look('a broken capture')
    await look('a broken capture', '/api/screenshots')

    const given = await db.from('purposes').orderBy('id')
    assert.deepEqual(
      given.map(({ person_id: person, text }) => [person, text]),
      [
        [dana.id, 'weekly 1:1'],
        [dana.id, 'a broken capture'],
        [sam.id, 'a broken capture'],
      ]
    )
    const looks = await db.from('audit_log').orderBy('id')
    assert.deepEqual(
      looks.map(({ purpose }) => purpose),
      ['weekly 1:1', 'weekly 1:1', 'a broken capture']
    )
  })

  test('a purpose that says nothing is refused', async ({ client }) => {
    const { manager } = await makeTeam(client)

    for (const purpose of ['abc', 'a'.repeat(201)]) {
      const answer = await client
        .get('/api/screenshots')
        .bearerToken(await tokenOf(manager))
        .header('x-purpose', purpose)
      answer.assertStatus(422)
    }
  })

  test('one`s own pictures and recordings need none', async ({ client, assert }) => {
    const { dana, of } = await makeTeam(client)
    const bearer = await tokenOf(dana)

    for (const path of [
      '/api/screenshots',
      `/api/screenshots/${of(dana).shot}/image`,
      '/api/recordings',
      `/api/recordings/${of(dana).segment}/video`,
    ]) {
      const answer = await client.get(path).bearerToken(bearer)
      assert.equal(answer.status(), 200, path)
    }
    for (const path of ['/', '/screenshots', `/screenshots/${of(dana).shot}`, '/recordings']) {
      const answer = await client.get(path).loginAs(dana)
      assert.notInclude(answer.text(), 'Why do you look', path)
    }
  })

  test('pages show placeholders and one form, which opens what it was asked for', async ({
    client,
    assert,
  }) => {
    const { manager, dana, sam, of } = await makeTeam(client)
    const paths = [
      '/',
      '/screenshots',
      '/recordings',
      `/screenshots/${of(dana).shot}`,
      `/recordings/${of(dana).run}`,
      `/agents/${of(dana).agentId}`,
    ]
    for (const path of paths) {
      const answer = await client.get(path).loginAs(manager)
      assert.equal(answer.status(), 200, path)
      assert.equal(answer.text().match(/id="purpose"/g)?.length, 1, path)
      assert.notMatch(answer.text(), /\/media\/|SHA-256/, path)
    }

    const given = await client
      .post('/screenshots/purposes')
      .form({ purpose: 'weekly 1:1', person: dana.id, back: '/screenshots?person=1' })
      .loginAs(manager)
      .withCsrfToken()
      .redirects(0)

    given.assertStatus(302)
    given.assertHeader('location', '/screenshots?person=1')
    const list = await client.get('/screenshots').loginAs(manager)
    list.assertTextIncludes(`/media/screenshots/${of(dana).shot}/thumb`)
    assert.notInclude(list.text(), of(sam).shot)
    list.assertTextIncludes('the computer of one person')
    const filtered = await client.get(`/screenshots?person=${dana.id}`).loginAs(manager)
    assert.notInclude(filtered.text(), 'id="purpose"')
  })

  test('the form of a list is for those who see pictures of others', async ({ client }) => {
    for (const role of ['member', 'admin', 'auditor'] as const) {
      const answer = await client
        .post('/screenshots/purposes')
        .form({ purpose: 'weekly 1:1' })
        .loginAs(await makeUser(role))
        .withCsrfToken()
      answer.assertStatus(404)
    }
  })

  test('a purpose opens nothing of a person whom one may not see', async ({ client, assert }) => {
    const { manager, other, of } = await makeTeam(client)
    const bearer = await tokenOf(manager)

    await givePurpose(manager, other.id, 'weekly 1:1')
    const answer = await client
      .get(`/api/screenshots/${of(other).shot}/image`)
      .bearerToken(bearer)
      .header('x-purpose', 'weekly 1:1')
    const list = await client.get(`/api/screenshots?person=${other.id}`).bearerToken(bearer)
    const page = await client.get('/screenshots').loginAs(manager)

    answer.assertStatus(404)
    assert.deepEqual([list.status(), list.body().data], [200, []])
    assert.notInclude(page.text(), of(other).shot)
  })

  test('one reason for a thousand people is kept whole', async ({ assert }) => {
    const owner = await makeUser('owner')
    for (const from of [0, 250, 500, 750]) {
      await db.table('users').multiInsert(
        Array.from({ length: 250 }, (_, index) => ({
          email: `person-${from + index}@example.test`,
          full_name: `Person ${from + index}`,
          password: 'x',
          role: 'member',
          time_zone: 'UTC',
          created_at: new Date(),
        }))
      )
    }
    const people = await db.from('users').whereNot('id', owner.id).select('id')

    await givePurposes(
      owner,
      people.map(({ id }) => id),
      'weekly 1:1'
    )

    assert.lengthOf(await db.from('purposes').where('text', 'weekly 1:1'), 1000)
  })
})
