import Team from '#models/team'
import User, { ROLES, type Role } from '#models/user'
import { setTwoFactorRoles } from '#services/settings'
import { verifyAudit } from '#services/audit'
import { makeTwoFactorSecret, stepOf, turnOn } from '#services/two_factor'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { Secret, TOTP } from 'otpauth'

const PASSWORD = 'correct-horse-battery'
const EVERYBODY: readonly Role[] = ROLES
const ADMINS: readonly Role[] = ['owner', 'admin']

const TABLE: readonly (readonly [string, readonly Role[]])[] = [
  ['/settings', EVERYBODY],
  ['/settings/profile', EVERYBODY],
  ['/settings/two-factor', EVERYBODY],
  ['/settings/tokens', EVERYBODY],
  ['/settings/users', ADMINS],
  ['/settings/users/new', ADMINS],
  ['/settings/users/:user', ADMINS],
  ['/settings/teams', ADMINS],
  ['/settings/teams/:team', ADMINS],
  ['/settings/codes', ADMINS],
  ['/settings/storage', ADMINS],
  ['/settings/security', ['owner']],
]

const post = (client: ApiClient, path: string, user: User, form: object = {}) =>
  client.post(path).loginAs(user).form(form).withCsrfToken().redirects(0)

const codeOf = (secret: string, now = Date.now()) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now })

test.group('Settings', (group) => {
  cleanDatabase(group)

  test('are shown to their roles, do not exist for others, and lead strangers to the sign-in', async ({
    client,
    assert,
  }) => {
    const team = await Team.create({ name: 'Red' })
    const dana = await makeUser('member', 'Red')
    for (const [pattern, roles] of TABLE) {
      const path = pattern.replace(':user', `${dana.id}`).replace(':team', `${team.id}`)
      const stranger = await client.get(path).redirects(0)
      stranger.assertStatus(302)
      stranger.assertHeader('location', '/login')
      for (const role of ROLES) {
        const answer = await client.get(path).loginAs(await makeUser(role))
        assert.equal(answer.status(), roles.includes(role) ? 200 : 404, `${role} ${path}`)
        assert.notMatch(answer.text(), /<script>|<style|\sstyle=|\son[a-z]+=/i, path)
      }
    }
  })

  test('an admin invites, the link takes one password, and all of it is written down', async ({
    client,
    assert,
  }) => {
    const admin = await makeUser('admin')
    const form = { email: 'new@example.test', name: 'New', role: 'member', time_zone: 'UTC' }

    const made = await post(client, '/settings/users', admin, form)

    const link = new URL(String(made.flashMessage('link'))).pathname
    const accept = (password: string) =>
      client
        .post(link)
        .form({ name: 'Nell', time_zone: 'Europe/Berlin', password })
        .withCsrfToken()
        .redirects(0)
    const first = await accept('a-password-of-mine')
    const second = await accept('another-password-')
    first.assertHeader('location', '/')
    second.assertHeader('location', '/login')
    const user = await User.verifyCredentials('new@example.test', 'a-password-of-mine')
    assert.include(user.serialize(), { fullName: 'Nell', timeZone: 'Europe/Berlin' })
    assert.isNull(user.invitedAt)
    const actions = (await db.from('audit_log').orderBy('id')).map(({ action }) => action)
    assert.includeMembers(actions, ['user.create', 'user.invitation_link', 'user.password'])
    assert.include(await verifyAudit(), { status: 'verified' })
  })

  test('a link to a new password works once and ends what was signed in', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    await client.post('/forgot').form({ email: dana.email }).withCsrfToken().redirects(0)
    assert.isNotNull((await dana.refresh()).resetAskedAt)
    const made = await post(client, `/settings/users/${dana.id}/link`, owner)
    const link = new URL(String(made.flashMessage('link'))).pathname

    await client.post(link).form({ password: 'a-new-password' }).withCsrfToken().redirects(0)
    await client.post(link).form({ password: 'a-newer-password' }).withCsrfToken().redirects(0)

    await User.verifyCredentials(dana.email, 'a-new-password')
    assert.isNull((await dana.refresh()).resetAskedAt)
  })

  test('asking for a new password says the same whether there is an account or not', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const said = []
    for (const email of [dana.email, 'nobody@example.test']) {
      const answer = await client.post('/forgot').form({ email }).withCsrfToken().redirects(0)
      said.push([answer.status(), answer.flashMessage('success')])
    }
    assert.deepEqual(said[0], said[1])
  })

  test('nobody makes or changes an owner but an owner, and the last one stays', async ({
    client,
    assert,
  }) => {
    const [owner, admin] = [await makeUser('owner'), await makeUser('admin')]
    const formOf = (user: User, role: Role) => ({
      ...{ email: user.email, name: user.fullName, time_zone: 'UTC', role },
    })

    const byAdmin = await post(
      client,
      `/settings/users/${owner.id}`,
      admin,
      formOf(owner, 'member')
    )
    const promoted = await post(
      client,
      `/settings/users/${admin.id}`,
      admin,
      formOf(admin, 'owner')
    )
    const disabled = await post(client, `/settings/users/${owner.id}/disable`, owner)

    byAdmin.assertFlashMessage('error', 'Only an owner changes an owner.')
    promoted.assertFlashMessage('error', 'Only an owner makes an owner.')
    disabled.assertFlashMessage('error', 'This is the last owner: make another one first.')
    assert.equal((await owner.refresh()).role, 'owner')
    assert.equal((await admin.refresh()).role, 'admin')
    assert.isFalse(owner.isDisabled)
  })

  test('a disabled account does not sign in, and does so again when it is enabled', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]

    await post(client, `/settings/users/${dana.id}/disable`, owner)
    const page = await client.get('/settings').loginAs(dana).redirects(0)
    page.assertHeader('location', '/login')
    await post(client, `/settings/users/${dana.id}/enable`, owner)

    assert.isFalse((await dana.refresh()).isDisabled)
    ;(await client.get('/settings').loginAs(dana)).assertStatus(200)
  })

  test('a team is made, renamed, filled, managed and deleted; its people stay', async ({
    client,
    assert,
  }) => {
    const [owner, dana] = [await makeUser('owner'), await makeUser('member')]
    const boss = await makeUser('manager')
    await post(client, '/settings/teams', owner, { name: 'Red' })
    const team = await Team.findByOrFail('name', 'Red')
    const people = `/settings/teams/${team.id}/people`

    await post(client, people, owner, { person: dana.id, as: 'member' })
    await post(client, people, owner, { person: boss.id, as: 'manager' })
    const refused = await post(client, people, owner, { person: dana.id, as: 'manager' })
    await post(client, `/settings/teams/${team.id}`, owner, { name: 'Blue' })

    refused.assertFlashMessage('error', 'Only somebody whose role is manager manages a team.')
    assert.equal((await dana.refresh()).teamId, team.id)
    assert.lengthOf(await User.query().withScopes((scopes) => scopes.managedBy(boss)), 1)
    await post(client, `${people}/${boss.id}?_method=DELETE`, owner, { as: 'manager' })
    assert.lengthOf(await User.query().withScopes((scopes) => scopes.managedBy(boss)), 0)
    await post(client, `/settings/teams/${team.id}?_method=DELETE`, owner)
    assert.isNull((await dana.refresh()).teamId)
    assert.isNull(await Team.find(team.id))
  })

  test('a token is shown once, works, and is refused when it is revoked', async ({
    client,
    assert,
  }) => {
    const [admin, dana] = [await makeUser('admin'), await makeUser('member')]
    const made = await post(client, '/settings/tokens', dana, { name: 'script', days: 7 })
    const token = String(made.flashMessage('token'))
    const list = await client.get('/settings/tokens').loginAs(admin)
    list.assertTextIncludes('script')
    assert.notInclude(list.text(), token)
    ;(await client.get('/api/agents').bearerToken(token)).assertStatus(200)
    const row = await db.from('user_access_tokens').firstOrFail()
    const path = `/settings/tokens/${row.id}?_method=DELETE`

    const stranger = await post(client, path, await makeUser('manager'))
    stranger.assertStatus(404)
    await post(client, path, admin)
    ;(await client.get('/api/agents').bearerToken(token)).assertStatus(401)
  })

  test('a profile takes a name, a zone that exists, and a password for the current one', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const password = 'twelve letters'
    await post(client, '/settings/profile', dana, { name: 'Dana', time_zone: 'Nowhere/Land' })
    assert.equal((await dana.refresh()).timeZone, 'UTC')
    await post(client, '/settings/profile', dana, { name: 'Dana', time_zone: 'Asia/Tokyo' })
    assert.include((await dana.refresh()).serialize(), { fullName: 'Dana', timeZone: 'Asia/Tokyo' })

    const wrong = await post(client, '/settings/profile/password', dana, {
      current: 'wrong',
      password,
    })
    wrong.assertFlashMessage('error', 'The current password is not right.')
    await post(client, '/settings/profile/password', dana, { current: PASSWORD, password })
    await User.verifyCredentials(dana.email, password)
  })
})

test.group('Second factor', (group) => {
  cleanDatabase(group)

  async function withSecondFactor(role: Role = 'owner') {
    const user = await makeUser(role)
    const secret = makeTwoFactorSecret()
    const codes = await db.transaction((trx) => turnOn(trx, user, secret, 0))
    return { user: await user.refresh(), secret, codes }
  }

  const challenge = (client: ApiClient, user: User, code: string) =>
    client
      .post('/login/code')
      .form({ code })
      .withSession({ challenge: { user: user.id, at: Date.now() } })
      .withCsrfToken()
      .redirects(0)

  test('is asked for after the password, which alone opens nothing', async ({ client, assert }) => {
    const { user } = await withSecondFactor()

    const answer = await client
      .post('/login')
      .form({ email: user.email, password: PASSWORD })
      .withCsrfToken()
      .redirects(0)

    answer.assertHeader('location', '/login/code')
    answer.assertSessionMissing('auth_web')
    assert.isNotNull(user.twoFactorAt)
  })

  test('lets in with the code of the app, once', async ({ client }) => {
    const { user, secret } = await withSecondFactor()
    const code = codeOf(secret)

    const first = await challenge(client, user, code)
    const second = await challenge(client, user, code)

    first.assertHeader('location', '/')
    second.assertHeader('location', '/login/code')
  })

  test('lets in with a recovery code, once', async ({ client }) => {
    const { user, codes } = await withSecondFactor()
    const code = codes[0]?.match(/.{4}/g)?.join('-').toLowerCase() ?? ''

    const first = await challenge(client, user, code)
    const second = await challenge(client, user, code)

    first.assertHeader('location', '/')
    second.assertHeader('location', '/login/code')
  })

  test('waits after five wrong codes, also for the right one', async ({ client, assert }) => {
    const { user, secret } = await withSecondFactor()
    for (let time = 0; time < 5; time += 1) {
      await challenge(client, user, '000000')
    }

    const answer = await challenge(client, user, codeOf(secret))

    assert.match(String(answer.flashMessage('error')), /Too many wrong codes/)
  })

  test('is kept encrypted, its recovery codes as hashes', async ({ assert }) => {
    const { user, secret, codes } = await withSecondFactor()

    const dump = JSON.stringify([await db.from('users'), await db.from('recovery_codes')])

    assert.notInclude(dump, secret)
    codes.forEach((code) => assert.notInclude(dump, code))
    assert.isNotNull(user.twoFactorSecret)
  })

  test('takes the code of this step and of its neighbours', ({ assert }) => {
    const secret = makeTwoFactorSecret()
    const now = 1_790_000_010_000
    for (const [seconds, isTaken] of [
      [0, true],
      [-30, true],
      [30, true],
      [-90, false],
      [90, false],
    ] as const) {
      const step = stepOf(secret, codeOf(secret, now + seconds * 1000), now)
      assert.equal(step !== null, isTaken, `${seconds} s`)
    }
  })

  test('is the only page for a role that needs one and has none', async ({ client }) => {
    const admin = await makeUser('admin')
    await db.transaction((trx) => setTwoFactorRoles(trx, ['admin']))

    const users = await client.get('/settings/users').loginAs(admin).redirects(0)
    const setUp = await client.get('/settings/two-factor').loginAs(admin)
    const member = await client.get('/settings').loginAs(await makeUser('member'))

    users.assertHeader('location', '/settings/two-factor')
    setUp.assertStatus(200)
    setUp.assertTextIncludes('<svg')
    member.assertStatus(200)
  })

  test('is taken off by an owner, and by nobody else', async ({ client, assert }) => {
    const { user } = await withSecondFactor('member')
    const path = `/settings/users/${user.id}/two-factor/reset`

    const byAdmin = await post(client, path, await makeUser('admin'))
    byAdmin.assertStatus(404)
    await post(client, path, await makeUser('owner'))

    assert.isNull((await user.refresh()).twoFactorAt)
    assert.lengthOf(await db.from('recovery_codes'), 0)
  })
})
