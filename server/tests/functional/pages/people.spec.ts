import type Agent from '#models/agent'
import { PERSON_NOW, personNow } from '#models/agent'
import type User from '#models/user'
import { givePurpose } from '#services/purpose'
import { settleRollups } from '#services/rollups/settle'
import { putPresence } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

/** Every answer that an agent can give to how it is: its row as of `now`. */
function everyState(now: number) {
  const ages = [null, 20_000, 60_000, 150_000, 1_000_000]
  return ages.flatMap((age) =>
    ['active', 'afk', 'locked', 'outside_hours', 'paused'].flatMap((state) =>
      [null, now - 1000, now + 600_000].flatMap((pausedUntil) =>
        [null, 60].map((intervalSeconds) => ({
          lastSeenAt: age === null ? null : now - age,
          state: age === null ? null : state,
          pausedUntil,
          intervalSeconds,
        }))
      )
    )
  )
}

test.group('The list of people', (group) => {
  cleanDatabase(group)
  group.each.setup(() => stopClock())

  test('has for each role who the role may see', async ({ client, assert }) => {
    const dana = await makeUser('member', 'Red')
    const ben = await makeUser('member', 'Blue')
    const seen = async (viewer: User) => {
      const text = (await client.get('/people').loginAs(viewer)).text()
      return [dana, ben].map(({ email }) => text.includes(email))
    }

    assert.deepEqual(await seen(await makeUser('owner')), [true, true])
    assert.deepEqual(await seen(await makeUser('admin')), [true, true])
    assert.deepEqual(await seen(await makeUser('manager', 'Red')), [true, false])
    ;(await client.get('/people').loginAs(dana)).assertStatus(404)
  })

  test('shows an admin no times and no way to a day', async ({ client, assert }) => {
    const dana = await makeUser('member', 'Red')
    const admin = await makeUser('admin')

    const text = (await client.get('/people').loginAs(admin)).text()

    assert.notInclude(text, `/people/${dana.id}`)
  })

  test('shows times of others after a reason, and each of them reads who looked', async ({
    client,
    assert,
  }) => {
    const [dana, ben] = [await makeUser('member', 'Red'), await makeUser('member', 'Red')]
    const manager = await makeUser('manager', 'Red')
    const { agent } = await makeAgent(dana)
    const now = Date.now()
    await putPresence(agent, 'active', now - 60_000, now)
    await settleRollups()
    const seen = async () => {
      const text = (await client.get('/people').loginAs(manager)).text()
      return [/\d m<\/td>/g, /Give a reason/g].map((words) => text.match(words)?.length ?? 0)
    }
    const looks = () => db.from('audit_log').where({ kind: 'look', action: 'sessions' })

    assert.deepEqual(await seen(), [1, 2], 'one sees oneself')
    assert.isEmpty(await looks())

    await givePurpose(manager, dana.id, 'weekly 1:1')

    assert.deepEqual(await seen(), [2, 1])
    assert.containSubset(await looks(), [
      { actor_id: manager.id, person_id: dana.id, purpose: 'weekly 1:1' },
    ])
    assert.lengthOf(await looks().where('person_id', ben.id), 0)
  })

  test('goes on after the last person of a page', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    for (let number = 0; number < 26; number += 1) {
      await makeUser('member')
    }

    const first = (await client.get('/people').loginAs(owner)).text()
    const next = /href="(\/people\?[^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = (await client.get(next).loginAs(owner)).text()

    const emails = (text: string) => [...text.matchAll(/[\w-]+@example\.test/g)].map(([one]) => one)
    assert.lengthOf(new Set([...emails(first), ...emails(second)]), 27)
    assert.lengthOf(emails(second), 2)
  })

  test('filters people by the state that stands beside them, whatever their computers say', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    await db.from('users').where('id', owner.id).update({ full_name: 'zz' })
    const now = Date.now()
    const states = everyState(now)
    const expected = new Map<string, string>()
    for (let at = 0; at < 24; at += 1) {
      const person = await makeUser('member')
      const agents: Agent[] = []
      for (let nth = 0; nth < at % 4; nth += 1) {
        const { agent } = await makeAgent(person)
        const state = states[(at * 37 + nth * 59) % states.length]
        await agent.merge({ ...state, revokedAt: (at + nth) % 5 === 0 ? now : null }).save()
        agents.push(agent)
      }
      expected.set(person.email, personNow(agents, now))
    }

    assert.sameMembers([...new Set(expected.values())], [...PERSON_NOW])
    for (const state of PERSON_NOW) {
      const text = (await client.get(`/people?state=${state}`).loginAs(owner)).text()
      const shown = [...expected.keys()].filter((email) => text.includes(email))
      const wanted = [...expected].filter(([, is]) => is === state).map(([email]) => email)
      assert.sameMembers(shown, wanted, state)
    }
  })

  test('takes one reason for those of the list whose days one may see', async ({
    client,
    assert,
  }) => {
    const [dana, ben] = [await makeUser('member', 'Red'), await makeUser('member', 'Blue')]
    const manager = await makeUser('manager', 'Red')

    const answer = await client
      .post('/people/purposes')
      .loginAs(manager)
      .withCsrfToken()
      .form({ purpose: 'weekly 1:1', back: '/people', people: [dana.id, ben.id, manager.id] })
      .redirects(0)
    const list = (await client.get('/people').loginAs(manager)).text()

    answer.assertHeader('location', '/people')
    assert.deepEqual(await db.from('purposes').select('person_id', 'text'), [
      { person_id: dana.id, text: 'weekly 1:1' },
    ])
    assert.notInclude(list, 'Why do you look')
  })

  test('is a table to download, whole, with times after a reason alone', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member', 'Red')
    await dana.merge({ fullName: '=HYPERLINK("x")' }).save()
    for (let made = 0; made < 26; made += 1) {
      await makeUser('member', 'Red')
    }
    const { agent } = await makeAgent(dana)
    const now = Date.now()
    await putPresence(agent, 'active', now - 60_000, now)
    await settleRollups()
    const lines = async () => {
      const answer = await client.get('/people/table.csv?team=').loginAs(owner)
      answer.assertHeader('content-disposition', 'attachment; filename="people.csv"')
      return answer.text().trimEnd().split('\r\n')
    }
    const looks = () => db.from('audit_log').where({ kind: 'look', object_id: 'list.csv' })

    const before = await lines()
    assert.lengthOf(before, 29)
    const hers = before.find((line) => line.includes(dana.email)) ?? ''
    assert.isTrue(hers.startsWith(`"'=HYPERLINK(""x"")"`))
    assert.isTrue(hers.endsWith('"","","","","1","not shown: no reason was given today"'))
    assert.isEmpty(await looks())

    await givePurpose(owner, dana.id, 'weekly 1:1')
    const after = (await lines()).find((line) => line.includes(dana.email)) ?? ''

    assert.match(after, /T\d\d:\d\d:\d\d[^,]*","\d+","[\d.]*","1","shown"$/)
    assert.containSubset(await looks(), [{ person_id: dana.id, purpose: 'weekly 1:1' }])
  })

  test('says what to do where there is nobody: to invite, to ask for a team, or to clear the filters', async ({
    client,
  }) => {
    const owner = await makeUser('owner')
    const alone = await client.get('/people').loginAs(owner)
    alone.assertTextIncludes('You are the only one here')
    alone.assertTextIncludes('Invite somebody')

    const manager = await client.get('/people').loginAs(await makeUser('manager', 'Red'))
    manager.assertTextIncludes('people of the teams that you manage')

    const filtered = await client.get('/people?state=paused').loginAs(owner)
    filtered.assertTextIncludes('Clear the filters')
  })
})

test.group('The page of a person', (group) => {
  cleanDatabase(group)

  test('says what holds, who looked, and who stands before and after', async ({
    client,
    assert,
  }) => {
    const named = async (fullName: string, role: 'member' | 'manager' = 'member') =>
      (await makeUser(role, 'Red')).merge({ fullName }).save()
    const [ada, ben, cleo] = [await named('Ada'), await named('Ben'), await named('Cleo')]
    const stranger = await (await makeUser('member', 'Blue')).merge({ fullName: 'Bert' }).save()
    const manager = await named('Max', 'manager')
    const other = await named('Nora', 'manager')
    for (const viewer of [manager, other]) {
      await givePurpose(viewer, ben.id, 'weekly 1:1')
    }
    await client.get(`/people/${ben.id}`).loginAs(other)

    const page = (await client.get(`/people/${ben.id}`).loginAs(manager)).text()
    const own = (await client.get(`/people/${ben.id}`).loginAs(await makeUser('owner'))).text()

    assert.match(page, new RegExp(`data-previous-person href="/people/${ada.id}"`))
    assert.match(page, new RegExp(`data-next-person href="/people/${cleo.id}"`))
    assert.notInclude(page, stranger.fullName)
    assert.include(page, `/policies/explain?person=${ben.id}`)
    assert.include(page, 'Your looks in these four weeks')
    assert.match(page, /Max: 1 look\b/)
    assert.notInclude(page, 'Nora: ')
    assert.include(own, 'Why do you look')
  })
})
