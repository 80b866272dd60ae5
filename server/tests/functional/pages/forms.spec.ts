import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

const PASSWORD = 'correct-horse-battery'

test.group('A form that is refused', (group) => {
  cleanDatabase(group)

  test('leads back to its page with what was typed, and why beside each field', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')

    const answer = await client
      .post('/settings/users')
      .withGuard('web')
      .loginAs(owner)
      .form({ email: 'nobody', name: 'Nina New', role: 'member', time_zone: 'Nowhere/Else' })
      .header('referer', 'http://127.0.0.1/settings/users/new?team=1')
      .header('host', '127.0.0.1')
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(302)
    answer.assertHeader('location', 'http://127.0.0.1/settings/users/new?team=1')
    assert.deepEqual(answer.flashMessage('inputErrorsBag'), {
      email: ['The email must be a valid email address'],
      time_zone: ['The time zone must be one of the IANA list, such as Europe/Berlin'],
    })
    assert.equal(answer.flashMessage('name'), 'Nina New')
  })

  test('keeps no password, no code and no token of what was typed', async ({ client, assert }) => {
    const user = await makeUser('member')

    const answer = await client
      .post('/settings/profile/password')
      .withGuard('web')
      .loginAs(user)
      .form({ current: PASSWORD, password: 'short' })
      .header('referer', 'http://127.0.0.1/settings/profile')
      .header('host', '127.0.0.1')
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(302)
    assert.deepEqual(Object.keys(answer.flashMessages()), ['inputErrorsBag'])
  })

  test('is a page that says why, where it came from nowhere', async ({ client }) => {
    const answer = await client
      .post('/forgot')
      .form({ email: 'nobody' })
      .withCsrfToken()
      .redirects(0)

    answer.assertStatus(422)
    answer.assertTextIncludes('This does not work')
    answer.assertTextIncludes('The email field must be a valid email address.')
  })
})
