import Team from '#models/team'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

test.group('Forms of other sites', (group) => {
  cleanDatabase(group)

  test('change nothing without the token of the session: {0} with {1}')
    .with([
      ['/settings/teams', ''],
      ['/settings/teams', '_method=GET'],
      ['/settings/teams', '_method=HEAD'],
      ['/settings/teams', '_csrf=guessed'],
      ['/settings/teams?_method=GET', ''],
      ['/settings/teams?_method[]=GET', ''],
      ['/settings/teams/:team?_method=DELETE', ''],
      ['/settings/teams/:team?_method=DELETE', '_method=GET'],
    ] as const)
    .run(async ({ client, assert }, [path, claim]) => {
      const owner = await makeUser('owner')
      const team = await Team.create({ name: 'Red' })

      const answer = await client
        .post(path.replace(':team', String(team.id)))
        .loginAs(owner)
        .form({ name: 'Planted', ...Object.fromEntries(new URLSearchParams(claim)) })
        .redirects(0)

      assert.isBelow(answer.status(), 500)
      assert.deepEqual(
        (await Team.all()).map(({ name }) => name),
        ['Red']
      )
    })

  test('a token that cannot be read is no token: {0}')
    .with([
      ['x-csrf-token', '%'],
      ['x-xsrf-token', '%'],
      ['x-xsrf-token', '%E0%A4%A'],
      ['x-xsrf-token', 's%3A'],
      ['x-xsrf-token', '{}'],
    ] as const)
    .run(async ({ client, assert }, [header, value]) => {
      const owner = await makeUser('owner')

      const answer = await client
        .post('/settings/teams')
        .loginAs(owner)
        .header(header, value)
        .form({ name: 'Planted' })
        .redirects(0)

      assert.isBelow(answer.status(), 500)
      assert.lengthOf(await Team.all(), 0)
    })

  test('a token that is no text is no token', async ({ client, assert }) => {
    const owner = await makeUser('owner')
    for (const field of ['_csrf[]=a', '_csrf[a]=b', '_csrf=']) {
      const answer = await client
        .post(`/settings/teams?${field}`)
        .loginAs(owner)
        .form({ name: 'Planted' })
        .redirects(0)
      assert.isBelow(answer.status(), 500, field)
    }
    assert.lengthOf(await Team.all(), 0)
  })

  test('a method that is no method of a page is the one that was sent', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    for (const query of ['_method=TRACE', '_method[]=DELETE', '_method[a]=DELETE', '_method=']) {
      const answer = await client
        .post(`/settings/teams?${query}`)
        .loginAs(owner)
        .withCsrfToken()
        .form({ name: `Team ${query}` })
        .redirects(0)
      answer.assertStatus(302)
    }
    assert.lengthOf(await Team.all(), 4)
  })
})
