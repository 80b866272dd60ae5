import { absoluteAgeMs } from '#config/session'
import { Caller } from '#tests/support/cluster'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { makeUser } from '#tests/support/people'
import { keepInDatabase } from '#tests/support/sessions'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { mock } from 'node:test'

const PASSWORD = 'correct-horse-battery'
const HOUR = 3_600_000
const IDLE_MS = 8 * HOUR

const BASE = () => `http://127.0.0.1:${process.env.PORT}`

/** Somebody who just signed in. */
async function signedIn(): Promise<Caller> {
  const { email } = await makeUser('owner')
  const caller = new Caller()
  const answer = await caller.signIn(BASE(), email, PASSWORD)
  if (answer.headers.get('location') !== '/') {
    throw new Error(`E_SIGN_IN: expected to be let in, found ${answer.status}`)
  }
  return caller
}

/** Where a page leads: null when it is shown. */
async function leadsTo(caller: Caller, path = '/settings') {
  const answer = await caller.get(`${BASE()}${path}`)
  await answer.text()
  return answer.status === 200 ? null : answer.headers.get('location')
}

test.group('Limits of a session', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)
  group.each.setup(() => stopClock())
  const wait = (ms: number) => mock.timers.setTime(Date.now() + ms)

  test('it ends after eight hours without a request', async ({ assert }) => {
    const caller = await signedIn()
    assert.isNull(await leadsTo(caller))

    wait(IDLE_MS + 1000)

    assert.equal(await leadsTo(caller), '/login')
  })

  test('every request begins the eight hours anew', async ({ assert }) => {
    const caller = await signedIn()

    for (let time = 0; time < 4; time += 1) {
      wait(IDLE_MS - 60_000)
      assert.isNull(await leadsTo(caller))
    }
  })

  test('it ends seven days after the sign-in, however busy it is', async ({ assert }) => {
    const caller = await signedIn()
    const began = Date.now()

    while (Date.now() + IDLE_MS - 60_000 <= began + absoluteAgeMs) {
      wait(IDLE_MS - 60_000)
      assert.isNull(await leadsTo(caller))
    }
    wait(IDLE_MS - 60_000)

    assert.equal(await leadsTo(caller), '/login')
    const said = await (await caller.get(`${BASE()}/login`)).text()
    assert.include(said, 'You were signed out, because you signed in so long ago.')
    assert.equal(await leadsTo(caller), '/login')
  })

  test('neither limit shows a picture any more', async ({ assert }) => {
    const caller = await signedIn()
    const picture = '/media/screenshots/01890000-0000-7000-8000-000000000001'
    assert.equal((await caller.get(`${BASE()}${picture}`)).status, 404)

    wait(IDLE_MS + 1000)

    assert.equal(await leadsTo(caller, picture), '/login')
  })
})

test.group('The cookie of a session', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)

  test('is read by no script and sent by no other site', async ({ assert }) => {
    const answer = await fetch(`${BASE()}/login`)

    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('worksight-session='))

    assert.match(cookie ?? '', /; HttpOnly(;|$)/)
    assert.match(cookie ?? '', /; SameSite=Lax(;|$)/)
    assert.match(cookie ?? '', /; Path=\/(;|$)/)
  })

  test('is another one after the sign-in, and the one before it signs nobody in', async ({
    assert,
  }) => {
    const { email } = await makeUser('owner')
    const caller = new Caller()
    await (await caller.get(`${BASE()}/login`)).text()
    const planted = caller.cookie('worksight-session')

    await caller.signIn(BASE(), email, PASSWORD)

    assert.notEqual(caller.cookie('worksight-session'), planted)
    const headers = { cookie: `worksight-session=${planted}` }
    const answer = await fetch(`${BASE()}/settings`, { headers, redirect: 'manual' })
    assert.equal(answer.headers.get('location'), '/login')
  })

  test('signs nobody in after the sign-out, and its row is gone', async ({ assert }) => {
    const caller = await signedIn()
    const kept = caller.cookie('worksight-session')

    await caller.post(`${BASE()}/logout`, {})

    const headers = { cookie: `worksight-session=${kept}` }
    const answer = await fetch(`${BASE()}/settings`, { headers, redirect: 'manual' })
    assert.equal(answer.headers.get('location'), '/login')
    const rows = await db.from('sessions')
    assert.isFalse(rows.some(({ data }) => String(data).includes('auth_web')))
  })
})
