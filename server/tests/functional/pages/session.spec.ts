import SignInLink from '#models/sign_in_link'
import type User from '#models/user'
import { hashSecret, makeLinkKey } from '#services/secrets'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

const PASSWORD = 'correct-horse-battery'

test.group('Signing in', (group) => {
  cleanDatabase(group)

  test('leads to the overview with the right password', async ({ client }) => {
    const user = await makeUser('owner')

    const answer = await client
      .post('/login')
      .form({ email: user.email, password: PASSWORD })
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(302)
    answer.assertHeader('location', '/')
  })

  test('says the same neutral line for {reason}')
    .with([
      { reason: 'a wrong password', email: (user: User) => user.email, password: 'wrong' },
      { reason: 'an unknown address', email: () => 'nobody@example.test', password: PASSWORD },
      { reason: 'a disabled account', email: (user: User) => user.email, password: PASSWORD },
    ])
    .run(async ({ client }, { reason, email, password }) => {
      const user = await makeUser('owner')
      if (reason === 'a disabled account') {
        await user.merge({ disabledAt: Date.now() }).save()
      }

      const answer = await client
        .post('/login')
        .form({ email: email(user), password })
        .withCsrfToken()
        .redirects(0)

      answer.assertHeader('location', '/login')
      answer.assertFlashMessage('error', 'E-mail or password is not right.')
    })

  test('lets an address and an account wait after five wrong passwords', async ({
    client,
    assert,
  }) => {
    const user = await makeUser('owner')
    const attempt = (password: string) =>
      client.post('/login').form({ email: user.email, password }).withCsrfToken().redirects(0)
    for (let time = 0; time < 5; time += 1) {
      await attempt('wrong')
    }

    const answer = await attempt(PASSWORD)

    assert.equal(answer.flashMessage('error'), 'Too many attempts.')
    assert.isAtMost(Number(answer.flashMessage('wait')), 60)
  })

  test('refuses a form without its token', async ({ client }) => {
    const user = await makeUser('owner')

    const answer = await client
      .post('/login')
      .form({ email: user.email, password: PASSWORD })
      .redirects(0)

    answer.assertSessionMissing('auth_web')
  })

  test('leads back to the page that was asked for', async ({ client }) => {
    const user = await makeUser('owner')

    const answer = await client
      .post('/login')
      .form({ email: user.email, password: PASSWORD })
      .withSession({ return_to: '/agents' })
      .withCsrfToken()
      .redirects(0)

    answer.assertHeader('location', '/agents')
  })
})

test.group('Sign-in link', (group) => {
  cleanDatabase(group)

  async function link(user: User, expiresAt = Date.now() + 60_000) {
    const key = makeLinkKey()
    await SignInLink.create({ userId: user.id, hash: hashSecret(key), expiresAt })
    return key
  }

  test('signs in once', async ({ client }) => {
    const key = await link(await makeUser('owner'))

    const first = await client.get(`/welcome?key=${key}`).redirects(0)
    const second = await client.get(`/welcome?key=${key}`).redirects(0)

    first.assertHeader('location', '/')
    second.assertHeader('location', '/login')
  })

  test('lets one of eight visits at the same time in', async ({ client, assert }) => {
    const key = await link(await makeUser('owner'))

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.get(`/welcome?key=${key}`).redirects(0))
    )

    const places = answers.map((answer) => answer.header('location'))
    assert.lengthOf(
      places.filter((place) => place === '/'),
      1
    )
  })

  test('is refused when it is old, unknown or missing', async ({ client }) => {
    const old = await link(await makeUser('owner'), Date.now() - 1)

    for (const query of [`?key=${old}`, '?key=unknown', '', '?key[]=a']) {
      const answer = await client.get(`/welcome${query}`).redirects(0)
      answer.assertHeader('location', '/login')
    }
  })
})
