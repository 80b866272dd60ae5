import type User from '#models/user'
import { resetTwoFactor, setPassword } from '#services/accounts'
import { endSessions, sessionsOf } from '#services/browser_sessions'
import { setTwoFactorRoles } from '#services/settings'
import { makeTwoFactorSecret, stepOf, turnOn } from '#services/two_factor'
import { Caller } from '#tests/support/cluster'
import { cleanDatabase } from '#tests/support/clean'
import { stopClock } from '#tests/support/clock'
import { makeUser } from '#tests/support/people'
import { keepInDatabase } from '#tests/support/sessions'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { mock } from 'node:test'
import { Secret, TOTP } from 'otpauth'

const PASSWORD = 'correct-horse-battery'
const HOUR = 3_600_000
const DAY = 24 * HOUR

const BASE = () => `http://127.0.0.1:${process.env.PORT}`
const wait = (ms: number) => mock.timers.setTime(Date.now() + ms)

/** Signs in by the form; gives the browser and where it was led. */
async function signIn(user: User, remember = true) {
  const caller = new Caller()
  await (await caller.get(`${BASE()}/login`)).text()
  const form = { email: user.email, password: PASSWORD, ...(remember ? { remember: '1' } : {}) }
  const answer = await caller.post(`${BASE()}/login`, form)
  return { caller, location: answer.headers.get('location') }
}

/** Where a page leads: null when it is shown. */
async function leadsTo(caller: Caller, path = '/settings/profile') {
  const answer = await caller.get(`${BASE()}${path}`)
  await answer.text()
  return answer.status === 200 ? null : answer.headers.get('location')
}

const page = async (caller: Caller, path: string) => (await caller.get(`${BASE()}${path}`)).text()

const signIns = async () =>
  (await db.from('audit_log').where('kind', 'sign_in').orderBy('id')).map(({ action }) => action)

test.group('A browser that remembers', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)
  group.each.setup(() => stopClock())

  test('signs in anew when its session is over, for 30 days after the password and no longer', async ({
    assert,
  }) => {
    const { caller } = await signIn(await makeUser('member'))

    for (let day = 0; day < 29; day += 1) {
      wait(DAY)
      assert.isNull(await leadsTo(caller), `after ${day + 1} days`)
    }
    wait(DAY + 1000)

    assert.equal(await leadsTo(caller), '/login')
    assert.deepEqual(await signIns(), [
      'password',
      ...Array.from({ length: 29 }, () => 'remembered'),
    ])
  })

  test('outlives the seven days of a session that is always busy', async ({ assert }) => {
    const { caller } = await signIn(await makeUser('member'))

    for (let time = 0; time < 30; time += 1) {
      wait(7 * HOUR)
      assert.isNull(await leadsTo(caller))
    }

    assert.deepEqual(await signIns(), ['password', 'remembered'])
  })

  test('is not made where nobody asked for it', async ({ assert }) => {
    const { caller } = await signIn(await makeUser('member'), false)
    wait(9 * HOUR)

    assert.equal(await leadsTo(caller), '/login')
    assert.lengthOf(await db.from('remember_me_tokens'), 0)
  })

  test('keeps a secret in a cookie that no script reads, and the database its hash', async ({
    assert,
  }) => {
    const user = await makeUser('member')
    const caller = new Caller()
    await (await caller.get(`${BASE()}/login`)).text()

    const form = { email: user.email, password: PASSWORD, remember: '1' }
    const answer = await caller.post(`${BASE()}/login`, form)

    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('remember_web='))
    assert.match(cookie ?? '', /; Max-Age=2592000;/)
    assert.match(cookie ?? '', /; HttpOnly(;|$)/)
    assert.match(cookie ?? '', /; SameSite=Lax(;|$)/)
    const [row] = await db.from('remember_me_tokens')
    assert.match(row.hash, /^[0-9a-f]{64}$/)
  })

  test('lets several tabs in that open at once, and its old token in a minute later not', async ({
    assert,
  }) => {
    const { caller } = await signIn(await makeUser('member'))
    const kept = caller.cookie('remember_web')
    const tab = () =>
      fetch(`${BASE()}/settings/profile`, {
        headers: { cookie: `remember_web=${kept}` },
        redirect: 'manual',
      })

    const atOnce = await Promise.all([tab(), tab(), tab()])
    wait(61_000)
    const late = await tab()

    assert.deepEqual(
      atOnce.map(({ status }) => status),
      [200, 200, 200]
    )
    assert.equal(late.status, 302)
  })

  test('shows nobody on a page for everybody, and signs nobody in there', async ({ assert }) => {
    const { caller } = await signIn(await makeUser('member'))
    wait(9 * HOUR)

    const before = caller.cookie('remember_web')
    await page(caller, '/transparency')

    assert.equal(caller.cookie('remember_web'), before)
    assert.deepEqual(await signIns(), ['password'])
  })

  test('is forgotten by {0}')
    .with([
      ['signing out', (_: User, caller: Caller) => caller.post(`${BASE()}/logout`, {})],
      ['a new password', (user: User) => setPassword('command', user, 'another-horse-battery')],
      ['signing out everywhere', (user: User) => endSessions(user)],
      ['a reset of the second factor', (user: User) => resetTwoFactor('command', user)],
      [
        'the end of its session from another place',
        async (user: User) => endSessions(user, { key: (await sessionsOf(user))[0]?.key }),
      ],
    ] as const)
    .run(async ({ assert }, [, act]) => {
      const user = await makeUser('member')
      const { caller } = await signIn(user)
      const kept = caller.cookie('remember_web')

      await act(user, caller)
      wait(9 * HOUR)

      const headers = { cookie: `remember_web=${kept}` }
      const answer = await fetch(`${BASE()}/settings/profile`, { headers, redirect: 'manual' })
      assert.equal(answer.headers.get('location'), '/login')
      assert.lengthOf(await db.from('remember_me_tokens'), 0)
    })

  test('is told on the page where one ends it, and stays where one is oneself', async ({
    assert,
  }) => {
    const user = await makeUser('member')
    const [here, there] = [(await signIn(user)).caller, (await signIn(user)).caller]
    wait(9 * HOUR)

    assert.include(await page(here, '/settings/profile'), 'One other browser stands')
    await here.post(`${BASE()}/settings/sessions/others?_method=DELETE`, {})
    wait(9 * HOUR)

    assert.isNull(await leadsTo(here))
    assert.equal(await leadsTo(there), '/login')
    assert.notInclude(await page(here, '/settings/profile'), 'other browser')
  })

  test('of an account that is disabled signs nobody in', async ({ assert }) => {
    const user = await makeUser('member')
    const { caller } = await signIn(user)
    wait(9 * HOUR)
    await user.merge({ disabledAt: Date.now() }).save()

    assert.equal(await leadsTo(caller), '/login')
  })
})

test.group('A browser that remembers, and the second factor', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)
  group.each.setup(() => stopClock())

  const secret = makeTwoFactorSecret()
  const code = () =>
    new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
      timestamp: Date.now(),
    })

  async function withSecondFactor() {
    const user = await makeUser('owner')
    const step = stepOf(secret, code()) ?? 0
    await db.transaction((trx) => turnOn(trx, user, secret, step - 10))
    return user.refresh()
  }

  test('stands for the password alone: a code is asked for each time', async ({ assert }) => {
    const user = await withSecondFactor()
    const { caller, location } = await signIn(user)
    assert.equal(location, '/login/code')
    await caller.post(`${BASE()}/login/code`, { code: code() })
    assert.isNull(await leadsTo(caller))
    wait(9 * HOUR)

    assert.equal(await leadsTo(caller, '/settings/users'), '/login/code')
    assert.equal(await leadsTo(caller, '/settings/users'), '/login/code', 'nobody is in yet')
    const answer = await caller.post(`${BASE()}/login/code`, { code: code() })
    assert.equal(answer.headers.get('location'), '/settings/users')
    assert.isNull(await leadsTo(caller))
    wait(9 * HOUR)

    assert.equal(await leadsTo(caller), '/login/code', 'it is still remembered')
    assert.deepEqual(await signIns(), ['totp', 'remembered_totp'])
  })

  test('that was forgotten while the code was awaited signs nobody in', async ({ assert }) => {
    const user = await withSecondFactor()
    const { caller } = await signIn(user)
    await caller.post(`${BASE()}/login/code`, { code: code() })
    wait(9 * HOUR)
    assert.equal(await leadsTo(caller), '/login/code')

    await setPassword('command', user, 'another-horse-battery')
    const answer = await caller.post(`${BASE()}/login/code`, { code: code() })

    assert.equal(answer.headers.get('location'), '/login')
    assert.equal(await leadsTo(caller), '/login')
  })

  test('counts for nothing where the role must have one and there is none yet', async ({
    assert,
  }) => {
    const { caller } = await signIn(await makeUser('owner'))
    wait(9 * HOUR)
    await db.transaction((trx) => setTwoFactorRoles(trx, ['owner']))

    assert.equal(await leadsTo(caller), '/login')
    assert.equal(await leadsTo(caller, '/settings/two-factor'), '/login')
    assert.lengthOf(await db.from('remember_me_tokens'), 0)
  })
})

test.group('A session that is over', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)
  group.each.setup(() => stopClock())

  test('says so at the sign-in, once, and why', async ({ assert }) => {
    const user = await makeUser('owner')
    const { caller } = await signIn(user, false)
    wait(9 * HOUR)
    assert.equal(await leadsTo(caller), '/login')

    assert.include(await page(caller, '/login'), 'You were signed out after 8 h')
    assert.equal(await leadsTo(caller), '/login')
    assert.notInclude(await page(caller, '/login'), 'You were signed out')

    const again = (await signIn(user, false)).caller
    await endSessions(user)
    assert.equal(await leadsTo(again), '/login')
    assert.include(await page(again, '/login'), 'You were signed out, here or from another place')
  })

  test('says nothing to whoever signed out, or was never here', async ({ assert }) => {
    const { caller } = await signIn(await makeUser('owner'), false)
    await caller.post(`${BASE()}/logout`, {})

    for (const one of [caller, new Caller()]) {
      assert.equal(await leadsTo(one), '/login')
      assert.notInclude(await page(one, '/login'), 'signed out')
    }
  })

  test('a form whose token is not good, from nowhere, leads to the sign-in with the reason', async ({
    assert,
  }) => {
    const caller = new Caller()

    const answer = await caller.post(`${BASE()}/settings/teams`, { name: 'Planted' })
    const next = answer.headers.get('location') ?? ''

    assert.equal(next, '/')
    assert.equal(await leadsTo(caller, next), '/login')
    assert.include(await page(caller, '/login'), 'its form could not be sent safely')
  })
})
