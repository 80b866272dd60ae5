import { ROLES } from '#models/user'
import type User from '#models/user'
import { categoryTree, createCategory, createRule } from '#services/categories/store'
import { drawPictures } from '#services/demo/pictures'
import { clearDemo, seedDemo } from '#services/demo/seed'
import { holdMoment } from '#services/retention/holds'
import { markEverything, rebuildRollups } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { readDay } from '#services/search'
import { givePurpose } from '#services/purpose'
import { putPresence, putRecording, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const HOUR = 3_600_000
const at = (clock: string) => Date.parse(`2026-11-19T${clock}:00Z`)
const PERIOD = 'from=2026-11-16&to=2026-11-22'

async function worker(team = 'Red') {
  const person = await makeUser('member', team)
  const { agent } = await makeAgent(person)
  await putPresence(agent, 'active', at('09:00'), at('13:00'))
  await putWindow(agent, { app: 'Code', title: 'plan.md' }, at('09:00'), at('12:00'))
  await putWindow(agent, { app: 'Zork' }, at('12:00'), at('13:00'))
  return { person, agent }
}

const sums = async () => ({
  days: await db.from('rollup_days').orderBy('person_id'),
  hours: await db.from('rollup_hours').orderBy('hour'),
})
const times = async () =>
  Object.fromEntries(
    (await db.from('rollup_day_categories')).map((row) => [row.category_id, Number(row.active_ms)])
  )

test.group('Categories', (group) => {
  cleanDatabase(group)

  test('put history under the rules of today, with the same totals', async ({ assert, client }) => {
    const owner = await makeUser('owner')
    await worker()
    await rebuildRollups()
    const before = await sums()
    assert.deepEqual(await times(), { 0: 4 * HOUR })
    const work = await createCategory({ name: 'Work', value: 'productive', parentId: null })
    await createRule(work, { app: 'code', title: null, domain: null, priority: 50 })
    assert.deepEqual(await times(), { 0: 4 * HOUR })

    await client.post('/categories/recategorisation').loginAs(owner).withCsrfToken().redirects(0)
    await settleRollups()

    assert.deepEqual(await times(), { 0: HOUR, [work]: 3 * HOUR })
    assert.deepEqual(await sums(), before)
  })

  test('are there to be read by a member, with every rule, and changed by nobody but owner and admin', async ({
    client,
    assert,
  }) => {
    const work = await createCategory({ name: 'Work', value: 'productive', parentId: null })
    await createRule(work, { app: 'code', title: null, domain: null, priority: 50 })
    const member = await makeUser('member')
    const manager = await makeUser('manager', 'Red')

    const page = await client.get('/categories').loginAs(member)

    page.assertTextIncludes('application code')
    assert.notInclude(page.text(), 'Make</button>')
    for (const viewer of [member, manager]) {
      const answer = await client
        .post('/categories')
        .loginAs(viewer)
        .withCsrfToken()
        .form({ name: 'Mine', value: 'productive' })
      answer.assertStatus(404)
    }
    assert.lengthOf(await categoryTree(), 1)
  })

  test('say on the page which rule takes a window', async ({ client }) => {
    const owner = await makeUser('owner')
    const work = await createCategory({ name: 'Work', value: 'productive', parentId: null })
    await createRule(work, { app: 'code*', title: '*plan*', domain: null, priority: 50 })

    const taken = await client.get('/categories?app=Code&title=a+plan').loginAs(owner)
    const none = await client.get('/categories?app=Code').loginAs(owner)

    taken.assertTextIncludes('<strong>Work</strong> (productive), by rule')
    none.assertTextIncludes('No rule takes this window')
  })

  test('list what is uncategorised, most time first, and take it in by one form', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const { agent } = await makeAgent(await makeUser('member'))
    const now = Date.now()
    await putWindow(agent, { app: 'Rare' }, now - 2 * HOUR, now - HOUR)
    await putWindow(agent, { app: 'Often' }, now - 5 * HOUR, now - 2 * HOUR)
    const work = await createCategory({ name: 'Work', value: 'neutral', parentId: null })

    const text = (await client.get('/categories').loginAs(owner)).text()
    assert.isBelow(text.indexOf('Often'), text.indexOf('Rare'))
    await client
      .post('/categories/rules')
      .loginAs(owner)
      .withCsrfToken()
      .form({ app: 'Often', category_id: work })

    const after = (await client.get('/categories').loginAs(owner)).text()
    assert.notInclude(after, 'value="Often"')
    assert.include(after, 'application Often')
  })

  test('refuse a rule without a pattern and a name that is taken, in words', async ({ client }) => {
    const owner = await makeUser('owner')
    const work = await createCategory({ name: 'Work', value: 'neutral', parentId: null })
    const post = (path: string, form: object) =>
      client.post(path).loginAs(owner).withCsrfToken().form(form)

    ;(await post(`/categories/${work}/rules`, {})).assertTextIncludes('A rule needs a pattern')
    ;(await post('/categories', { name: 'work', value: 'neutral' })).assertTextIncludes(
      'There is a category'
    )
  })

  test('move up what stood beneath one that is removed', async ({ client, assert }) => {
    const token = await tokenOf(await makeUser('admin'))
    const make = async (body: object) =>
      (await client.post('/api/categories').bearerToken(token).json(body)).body().id as number
    const top = await make({ name: 'Top', value: 'neutral' })
    const middle = await make({ name: 'Middle', value: 'neutral', parent_id: top })
    await make({ name: 'Leaf', value: 'neutral', parent_id: middle })
    ;(await client.delete(`/api/categories/${middle}`).bearerToken(token)).assertStatus(204)

    const tree = await categoryTree()
    assert.deepEqual(
      tree.map(({ name, depth }) => [name, depth]),
      [
        ['Top', 0],
        ['Leaf', 1],
      ]
    )
  })

  test('keep the sums of a time whose observations retention removed', async ({ assert }) => {
    const { agent } = await worker()
    await rebuildRollups()
    const before = await sums()
    await db.transaction(async (trx) => {
      await trx
        .from('agents')
        .where('id', agent.id)
        .update({ reduced_until: at('23:00') })
      await trx.from('activities').delete()
    })

    await markEverything()
    await settleRollups()

    assert.deepEqual(await sums(), before)
  })
})

test.group('The page of trends', (group) => {
  cleanDatabase(group)

  test('shows a member the own figures, each with formula, inputs and rules', async ({
    client,
  }) => {
    const { person } = await worker()
    await rebuildRollups()

    const page = await client.get(`/reports/trends?${PERIOD}`).loginAs(person)

    page.assertTextIncludes('4 h 00 m')
    page.assertTextIncludes('The length of the union of all spans of presence')
    page.assertTextIncludes(`Sum of the days: ${4 * HOUR} ms, of 1 people`)
  })

  test('asks a manager for a reason at one person, and shows no group of four', async ({
    client,
    assert,
  }) => {
    const manager = await makeUser('manager', 'Red')
    const { person } = await worker()
    for (let others = 0; others < 3; others += 1) {
      await worker()
    }
    await rebuildRollups()

    const one = await client.get(`/reports/trends?person=${person.id}&${PERIOD}`).loginAs(manager)
    const four = await client.get(`/reports/trends?${PERIOD}`).loginAs(manager)
    const file = await client
      .get(`/reports/trends/table.csv?person=${person.id}&${PERIOD}`)
      .loginAs(manager)

    one.assertTextIncludes('Why do you look')
    four.assertTextIncludes('This group is too small to be shown')
    assert.notInclude(four.text(), '4 h 00 m')
    file.assertStatus(404)
  })

  test('does not exist for a person or team that is none of the viewer’s', async ({ client }) => {
    const { person } = await worker('Blue')
    const manager = await makeUser('manager', 'Red')
    const member = await makeUser('member', 'Blue')

    const paths = [`person=${person.id}`, `team=${person.teamId}`]
    for (const viewer of [manager, member]) {
      for (const path of paths) {
        ;(await client.get(`/reports/trends?${path}`).loginAs(viewer)).assertStatus(404)
      }
    }
  })

  test('exports its table with the names of categories made harmless', async ({
    client,
    assert,
  }) => {
    const { person } = await worker()
    await createCategory({ name: '=1+1', value: 'neutral', parentId: null })
    await rebuildRollups()

    const file = await client.get(`/reports/trends/table.csv?${PERIOD}`).loginAs(person)

    assert.include(file.text(), `"'=1+1 (s)"`)
    assert.include(file.text(), '"2026-11-19","2026-11-19","1","14400"')
  })
})

test.group('Recordings and search', (group) => {
  cleanDatabase(group)

  test('list a run however long ago it was', async ({ client, assert }) => {
    const { person, agent } = await worker()
    const now = Date.now()
    const runs = [
      await putRecording(agent, now - 400 * 86_400_000, [0]),
      await putRecording(agent, now - 40 * 86_400_000, [0, 1]),
      await putRecording(agent, now - 60_000, [0]),
    ]

    const list = (await client.get('/recordings').loginAs(person)).text()

    const places = runs.map((run) => list.indexOf(`/recordings/${run}`))
    assert.notInclude(places, -1)
    assert.deepEqual(
      places.toSorted((one, other) => other - one),
      places
    )
  })

  test('list the runs of one computer, up to a day of the viewer', async ({ client, assert }) => {
    const { person, agent } = await worker()
    const { agent: other } = await makeAgent(person)
    const noon = (day: string) => Date.parse(`2026-11-${day}T12:00:00Z`)
    const [here, there] = [
      await putRecording(agent, noon('18'), [0]),
      await putRecording(other, noon('18'), [0]),
    ]
    const later = await putRecording(agent, noon('19'), [0])
    const shown = async (query: string) => {
      const list = (await client.get(`/recordings?${query}`).loginAs(person)).text()
      return [here, there, later].map((run) => list.includes(`/recordings/${run}`))
    }

    assert.deepEqual(await shown(`agent=${agent.id}`), [true, false, true])
    assert.deepEqual(await shown('to=2026-11-18'), [true, true, false])
    assert.deepEqual(await shown('to=2026-11-17'), [false, false, false])
    assert.deepEqual(await shown('to=never'), [true, true, true])
  })

  test('list a run of the recorder once, and its player after a reason', async ({
    client,
    assert,
  }) => {
    const manager = await makeUser('manager', 'Red')
    const { person, agent } = await worker()
    const run = await putRecording(agent, at('10:00'), [0, 1, 3])

    const asked = await client.get(`/recordings/${run}`).loginAs(manager)
    await givePurpose(manager, person.id, 'because of a question')
    const list = await client.get('/recordings').loginAs(manager)
    const own = await client.get(`/recordings/${run}`).loginAs(person)

    assert.lengthOf(list.text().match(new RegExp(`/recordings/${run}`, 'g')) ?? [], 1)
    asked.assertTextIncludes('Why do you look')
    assert.notInclude(asked.text(), '<video')
    own.assertTextIncludes('<video')
    own.assertTextIncludes('3 segments here, 1 not arrived yet')
  })

  test('delete a recording whole, with a line a segment; one on hold stays', async ({
    client,
    assert,
  }) => {
    const manager = await makeUser('manager', 'Red')
    const { person, agent } = await worker()
    const run = await putRecording(agent, at('10:00'), [0, 1])
    const other = await putRecording(agent, at('14:00'), [0, 1])
    const remove = (id: string, viewer: User) =>
      client.post(`/recordings/${id}?_method=DELETE`).loginAs(viewer).withCsrfToken().redirects(0)
    await db.transaction((trx) => holdMoment(trx, person.id, at('14:00'), 'a legal matter'))
    ;(await remove(run, await makeUser('manager', 'Blue'))).assertStatus(404)
    const deleted = await remove(run, manager)
    const held = await remove(other, manager)

    deleted.assertHeader('location', '/recordings')
    held.assertHeader('location', `/recordings/${other}`)
    const left = await db.from('recordings').select('recording_id')
    assert.deepEqual([...new Set(left.map(({ recording_id: id }) => id))], [other])
    const lines = await db.from('audit_log').where('action', 'recording.delete')
    assert.isAtLeast(lines.length, 2)
    assert.isTrue(lines.every(({ actor_id: actor }) => Number(actor) === manager.id))
    ;(await remove(run, manager)).assertStatus(404)
  })

  test('hide the recordings of those whom one may not see', async ({ client, assert }) => {
    const { agent } = await worker('Blue')
    const run = await putRecording(agent, at('10:00'), [0])
    const viewers: User[] = [
      await makeUser('manager', 'Red'),
      await makeUser('member', 'Blue'),
      await makeUser('admin'),
      await makeUser('auditor'),
    ]
    for (const viewer of viewers) {
      assert.notInclude((await client.get('/recordings').loginAs(viewer)).text(), run)
      ;(await client.get(`/recordings/${run}`).loginAs(viewer)).assertStatus(404)
    }
  })

  test('find people, days and pages by words, and nobody whom one may not see', async ({
    client,
    assert,
  }) => {
    const { person } = await worker('Red')
    await person.merge({ fullName: 'Dana Reyes' }).save()
    const find = async (viewer: User, q: string) =>
      (await client.get('/search').qs({ q }).loginAs(viewer)).text()

    assert.include(
      await find(await makeUser('owner'), 'dana 2026-11-19'),
      `${person.id}/days/2026-11-19`
    )
    assert.include(await find(await makeUser('manager', 'Red'), 'reyes'), 'Dana Reyes')
    assert.notInclude(await find(await makeUser('manager', 'Blue'), 'dana'), 'Dana Reyes')
    assert.notInclude(await find(await makeUser('member', 'Red'), 'dana'), 'Dana Reyes')
    assert.include(await find(person, 'trends'), '/reports/trends')
    assert.include(await find(person, '%'), 'Nothing fits')
  })

  test('finds every page that a role may open, and none that it may not: {$self}')
    .with([...ROLES])
    .run(async ({ client, assert }, role) => {
      const viewer = await makeUser(role)
      const found = (
        await client.get('/search').loginAs(viewer).header('HX-Request', 'true')
      ).text()
      const places = [...found.matchAll(/href="([^"]+)"/g)].map(([, href]) => `${href}`)

      for (const place of places) {
        assert.equal((await client.get(place).loginAs(viewer)).status(), 200, place)
      }
      const isOffice = ['owner', 'admin', 'auditor'].includes(role)
      assert.equal(places.includes('/audit'), isOffice)
      assert.includeMembers(places, ['/settings', '/me/pause', '/me/data'])
    })

  test('"{q}" is the day {day} and the words "{rest}"')
    .with([
      { q: 'yesterday dana', day: '2026-11-19', rest: 'dana' },
      { q: 'Dana today', day: '2026-11-20', rest: 'dana' },
      { q: '19 nov', day: '2026-11-19', rest: '' },
      { q: '24 december', day: '2025-12-24', rest: '' },
      { q: '31 feb', day: null, rest: '31 feb' },
      { q: '2026-02-30', day: null, rest: '2026-02-30' },
      { q: 'dana', day: null, rest: 'dana' },
    ])
    .run(({ assert }, { q, day, rest }) => {
      const found = readDay(q, 'UTC', Date.parse('2026-11-20T12:00:00Z'))
      assert.deepEqual(found, { day, rest })
    })
})

test.group('The demo', (group) => {
  cleanDatabase(group)

  const OPTIONS = {
    people: 2,
    days: 2,
    seed: 1,
    until: '2026-11-20',
    now: Date.parse('2026-11-30T00:00:00Z'),
    pictureDays: 1,
    password: 'correct-horse-battery',
  }
  const facts = async () => ({
    activities: await db
      .from('activities')
      .select('id', 'captured_at', 'app', 'title', 'state', 'duration_ms')
      .orderBy('id'),
    screenshots: await db.from('screenshots').select('id', 'sha256').orderBy('id'),
  })

  test('is the same for the same seed, another one for another, and goes without a trace', async ({
    assert,
  }) => {
    const owner = await makeUser('owner')
    await seedDemo(OPTIONS)
    const first = await facts()
    assert.equal(await clearDemo(), 2)
    for (const table of ['agents', 'activities', 'screenshots', 'recordings', 'heartbeats']) {
      assert.isEmpty(await db.from(table), table)
    }
    assert.lengthOf(await db.from('users').where('id', owner.id), 1)

    await seedDemo(OPTIONS)
    assert.deepEqual(await facts(), first)
    await clearDemo()
    await seedDemo({ ...OPTIONS, seed: 2 })
    assert.notDeepEqual(await facts(), first)
    await clearDemo()
  }).timeout(60_000)

  test('draws pictures that differ', async ({ assert }) => {
    const pictures = await drawPictures(1)

    assert.lengthOf(new Set(pictures.map(({ sha256 }) => sha256)), pictures.length)
  }).timeout(30_000)
})
