import type Agent from '#models/agent'
import type User from '#models/user'
import { rebuildRollups } from '#services/rollups/rebuild'
import { putGap, putPresence, putWindow } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const HOUR = 3_600_000
const at = (clock: string, day = '19') => Date.parse(`2026-11-${day}T${clock}:00Z`)

async function work(agent: Agent, day: string) {
  await putPresence(agent, 'active', at('09:00', day), at('12:00', day))
  await putPresence(agent, 'afk', at('12:00', day), at('12:30', day))
  await putPresence(agent, 'active', at('12:30', day), at('17:00', day))
  await putGap(agent, 'paused', at('15:00', day), at('15:20', day))
  await putWindow(agent, { app: 'Code' }, at('09:00', day), at('12:15', day))
}

test.group('API of sessions', (group) => {
  cleanDatabase(group)

  let dana: User
  let manager: User
  let token: string
  let managerToken: string

  group.each.setup(async () => {
    dana = await makeUser('member', 'Red')
    manager = await makeUser('manager', 'Red')
    token = await tokenOf(dana)
    managerToken = await tokenOf(manager)
    const { agent } = await makeAgent(dana)
    await work(agent, '18')
    await work(agent, '19')
    await rebuildRollups()
  })

  test('gives a person the own sessions, newest first', async ({ client, assert }) => {
    const answer = await client.get('/api/sessions').bearerToken(token)

    answer.assertStatus(200)
    const { data } = answer.body()
    assert.deepEqual(
      data.map(({ day }: { day: string }) => day),
      ['2026-11-19', '2026-11-18']
    )
    assert.include(data[0], {
      source: 'observed',
      started_at: '2026-11-19T09:00:00.000Z',
      ended_at: '2026-11-19T17:00:00.000Z',
      active_ms: 7.5 * HOUR - HOUR / 3,
      idle_ms: HOUR / 2,
      paused_ms: HOUR / 3,
      silent_ms: 0,
    })
  })

  test('tells times in the offset of the zone that a person had on the day', async ({
    client,
    assert,
  }) => {
    await dana.merge({ timeZone: 'America/New_York' }).save()
    await db.table('former_zones').insert({
      user_id: dana.id,
      until_day: '2026-11-19',
      time_zone: 'Europe/Berlin',
    })

    const { data } = (await client.get('/api/sessions').bearerToken(token)).body()
    const one = await client.get(`/api/sessions/${data[1].id}`).bearerToken(token)
    const noted = await client
      .post('/api/sessions')
      .bearerToken(token)
      .json({ from: '2026-07-01T09:00:00Z', until: '2026-07-01T10:00:00Z', note: 'Workshop' })

    assert.deepEqual(
      data.map((row: { started_at: string }) => row.started_at),
      ['2026-11-19T04:00:00.000-05:00', '2026-11-18T10:00:00.000+01:00']
    )
    assert.equal(one.body().ended_at, '2026-11-18T18:00:00.000+01:00')
    for (const { from } of one.body().gaps) {
      assert.match(from, /\+01:00$/)
    }
    assert.equal(noted.body().started_at, '2026-07-01T11:00:00.000+02:00')
  })

  test('goes on by key after the last one of a page', async ({ client, assert }) => {
    const first = await client.get('/api/sessions?limit=1').bearerToken(token)
    const second = await client.get(first.body().next).bearerToken(token)

    assert.equal(second.body().data[0].day, '2026-11-18')
    assert.isNull(second.body().next)
  })

  test('answers a manager without a purpose with 428, and nothing of the person', async ({
    client,
    assert,
  }) => {
    const id = `${dana.id}-2026-11-19-1`
    for (const path of [
      '/api/sessions',
      `/api/sessions?team=${dana.teamId}`,
      `/api/sessions?person=${dana.id}`,
      `/api/sessions/${id}`,
    ]) {
      const answer = await client.get(path).bearerToken(managerToken)
      answer.assertStatus(428)
      assert.equal(answer.body().error.code, 'E_PURPOSE_REQUIRED')
    }
    assert.isEmpty(await db.from('audit_log'))
  })

  test('gives a manager with a purpose the session with its gaps, and writes the look down', async ({
    client,
    assert,
  }) => {
    const answer = await client
      .get(`/api/sessions/${dana.id}-2026-11-19-1`)
      .bearerToken(managerToken)
      .header('x-purpose', 'weekly 1:1')

    answer.assertStatus(200)
    assert.deepEqual(
      answer.body().gaps.map(({ cause }: { cause: string }) => cause),
      ['paused']
    )
    assert.include((await db.from('audit_log'))[0], { actor_id: manager.id, action: 'sessions' })
    assert.include((await db.from('purposes'))[0], { text: 'weekly 1:1' })
  })

  test('lists a team for which a purpose is given, page by page, and each person reads it', async ({
    client,
    assert,
  }) => {
    const ask = (path: string) =>
      client.get(path).bearerToken(managerToken).header('x-purpose', 'weekly 1:1')

    const whole = await ask(`/api/sessions?team=${dana.teamId}`)
    const first = await ask(`/api/sessions?team=${dana.teamId}&limit=1`)
    const none = await ask(`/api/sessions?team=${(dana.teamId ?? 0) + 100}`)

    assert.isAbove(whole.body().data.length, 1)
    assert.lengthOf(first.body().data, 1)
    assert.equal(first.header('link'), `<${first.body().next}>; rel="next"`)
    assert.lengthOf(none.body().data, 0)
    const looks = await db.from('audit_log')
    assert.deepEqual(
      looks.map((look) => [look.action, look.person_id]),
      [
        ['sessions', dana.id],
        ['sessions', dana.id],
      ]
    )
  })

  test('does not know a session of somebody whom one may not see', async ({ client }) => {
    const other = await tokenOf(await makeUser('manager', 'Blue'))

    for (const path of [
      `/api/sessions?person=${dana.id}`,
      `/api/sessions/${dana.id}-2026-11-19-1`,
    ]) {
      const answer = await client.get(path).bearerToken(other).header('x-purpose', 'weekly 1:1')
      answer.assertStatus(404)
    }
  })

  test('keeps a span that a person noted, marked, and out of every sum', async ({
    client,
    assert,
  }) => {
    const before = await db.from('rollup_days').orderBy('day')
    const noted = await client.post('/api/sessions').bearerToken(token).json({
      from: '2026-11-19T18:00:00Z',
      until: '2026-11-19T19:00:00Z',
      note: 'A call on the way home',
    })
    noted.assertStatus(201)
    await rebuildRollups()

    const list = await client.get('/api/sessions').bearerToken(token)

    assert.include(list.body().data[0], {
      id: noted.body().id,
      source: 'manual',
      note: 'A call on the way home',
      active_ms: 0,
    })
    assert.deepEqual(await db.from('rollup_days').orderBy('day'), before)
  })

  test('lets a person remove what the person noted, and nothing else', async ({ client }) => {
    const noted = await client
      .post('/api/sessions')
      .bearerToken(token)
      .json({ from: '2026-11-19T18:00:00Z', until: '2026-11-19T19:00:00Z', note: 'x' })
    const path = `/api/sessions/${noted.body().id}`

    ;(await client.delete(path).bearerToken(managerToken)).assertStatus(404)
    ;(await client.delete(path).bearerToken(token)).assertStatus(204)
    ;(await client.delete(path).bearerToken(token)).assertStatus(404)
    const observed = await client.delete(`/api/sessions/${dana.id}-2026-11-19-1`).bearerToken(token)
    observed.assertStatus(404)
  })

  const span = { from: '2026-11-19T18:00:00Z', until: '2026-11-19T19:00:00Z', note: 'x' }

  test('refuses a note {0}')
    .with([
      ['of no time', { ...span, until: span.from }],
      ['of ten days', { ...span, until: '2026-11-29T18:00:00Z' }],
      ['without an instant', { ...span, from: 'yesterday' }],
      ['without a word', { ...span, note: '' }],
      ['for somebody else', { ...span, person_id: 1 }],
      ['that is a list', { ...span, note: ['x'] }],
    ] as [string, object][])
    .run(async ({ client }, [, body]) => {
      const answer = await client.post('/api/sessions').bearerToken(token).json(body)
      answer.assertStatus(422)
    })
})

test.group('API of statistics', (group) => {
  cleanDatabase(group)

  async function team(size: number) {
    const people = []
    for (let index = 0; index < size; index += 1) {
      const person = await makeUser('member', 'Red')
      await work((await makeAgent(person)).agent, '19')
      people.push(person)
    }
    await rebuildRollups()
    return people
  }

  const PERIOD = 'from=2026-11-16&to=2026-11-22'

  test('gives a person the own days, beside the period before', async ({ client, assert }) => {
    const [dana] = await team(1)

    const answer = await client
      .get(`/api/stats/daily?${PERIOD}`)
      .bearerToken(await tokenOf(dana as User))

    const { data, before } = answer.body()
    assert.lengthOf(data, 7)
    assert.include(data[3], { day: '2026-11-19', people: 1, coverage: 1 })
    assert.equal(data[3].active_ms, 7.5 * HOUR - HOUR / 3)
    assert.include(before, { from: '2026-11-09', to: '2026-11-15', active_ms: 0 })
  })

  test('gives the hours of a computer, as many active minutes as the day has', async ({
    client,
    assert,
  }) => {
    const [dana] = await team(1)

    const answer = await client
      .get('/api/stats/hourly?from=2026-11-19T00:00:00Z&to=2026-11-20T00:00:00Z')
      .bearerToken(await tokenOf(dana as User))

    const { data } = answer.body()
    const sum = data.reduce((total: number, row: { active_ms: number }) => total + row.active_ms, 0)
    assert.equal(sum, 7.5 * HOUR - HOUR / 3)
    assert.equal(data[0].hour, '2026-11-19T09:00:00.000Z')
  })

  test('shows no group of four, and a group of five', async ({ client, assert }) => {
    const manager = await tokenOf(await makeUser('manager', 'Red'))
    await team(4)
    const path = `/api/stats/trends?${PERIOD}&by=week`

    const four = await client.get(path).bearerToken(manager)
    await team(1)
    const five = await client.get(path).bearerToken(manager)

    assert.deepEqual(four.body().total, { suppressed: true })
    assert.isTrue(four.body().data.every((one: { suppressed: boolean }) => one.suppressed))
    assert.include(five.body().total, { suppressed: false, people: 5 })
    assert.equal(five.body().total.active_ms, 5 * (7.5 * HOUR - HOUR / 3))
    assert.equal(five.body().total.values_ms.uncategorised, 5 * 3 * HOUR)
  })

  test('counts in everybody nobody whose account is disabled', async ({ client, assert }) => {
    const owner = await tokenOf(await makeUser('owner'))
    const people = await team(6)
    const read = async (by: string) => {
      const path = `/api/stats/trends?${PERIOD}&by=${by}`
      return (await client.get(path).bearerToken(owner)).body()
    }

    const all = [await read('day'), await read('week')]
    await people[0]?.merge({ disabledAt: Date.now() }).save()
    const rest = [await read('day'), await read('week')]

    for (const [place, { data, total }] of [...all, ...rest].entries()) {
      const count = place < all.length ? 6 : 5
      const busy = data.filter((one: { people: number }) => one.people > 0)
      assert.include(total, { people: count, active_ms: count * (7.5 * HOUR - HOUR / 3) })
      assert.deepEqual(
        busy.map((one: { people: number }) => one.people),
        [count]
      )
      assert.equal(total.values_ms.uncategorised, count * 3 * HOUR)
    }
  })

  test('needs a purpose for one other person, and none for a group', async ({ client }) => {
    const manager = await tokenOf(await makeUser('manager', 'Red'))
    const [dana] = await team(5)

    const one = await client.get(`/api/stats/daily?person=${dana?.id}`).bearerToken(manager)
    const many = await client.get('/api/stats/daily').bearerToken(manager)

    one.assertStatus(428)
    many.assertStatus(200)
  })

  test('knows no figures of those whom one may not see', async ({ client }) => {
    const [dana] = await team(1)
    const blue = await tokenOf(await makeUser('manager', 'Blue'))
    const member = await tokenOf(await makeUser('member', 'Red'))
    const auditor = await tokenOf(await makeUser('auditor'))

    for (const bearer of [blue, member, auditor]) {
      for (const path of ['daily', 'trends']) {
        const answer = await client
          .get(`/api/stats/${path}?person=${dana?.id}`)
          .bearerToken(bearer)
          .header('x-purpose', 'weekly 1:1')
        answer.assertStatus(404)
      }
    }
  })

  test('says the formula, the inputs and the rules of every figure, with its numbers', async ({
    client,
    assert,
  }) => {
    const [dana] = await team(1)
    const bearer = await tokenOf(dana as User)

    for (const figure of ['active', 'idle', 'paused', 'coverage', 'categories', 'sessions']) {
      const answer = await client
        .get(`/api/stats/explain?figure=${figure}&person=${dana?.id}&day=2026-11-19`)
        .bearerToken(bearer)
      answer.assertStatus(200)
      assert.isNotEmpty(answer.body().formula)
      assert.isNotEmpty(answer.body().rules)
      assert.equal(answer.body().numbers.active_ms, 7.5 * HOUR - HOUR / 3)
    }
  })

  test('refuses {$self}')
    .with([
      'daily?from=2026-02-30',
      'daily?from=2026-11-20&to=2026-11-19',
      'daily?from=2000-01-01&to=2099-01-01',
      'daily?person=x',
      'trends?by=month',
      'hourly',
      'hourly?from=2026-11-19T00:00:00Z&to=2027-11-19T00:00:00Z',
      'explain?figure=worth',
    ])
    .run(async ({ client }, path) => {
      const owner = await tokenOf(await makeUser('owner'))
      const answer = await client.get(`/api/stats/${path}`).bearerToken(owner)
      answer.assertStatus(422)
    })
})
