import { World } from '#tests/support/world'
import { test } from '@japa/runner'

test.group('A server that browsers reach by TLS', (group) => {
  let world: World

  group.setup(async () => {
    world = await World.make({ APP_URL: 'https://worksight.example.test' })
    await world.setUp()
    await world.startServer()
    return () => world.end()
  })

  test('sets no cookie that travels without TLS', async ({ assert }) => {
    const answer = await fetch(`${world.url}/login`)

    const cookies = answer.headers.getSetCookie()
    assert.isNotEmpty(cookies)
    assert.deepEqual(
      cookies.filter((cookie) => !/; Secure(;|$)/.test(cookie)),
      []
    )
    assert.isTrue(cookies.some((cookie) => cookie.startsWith('worksight-session=')))
  })

  test('tells browsers to come by TLS alone', async ({ assert }) => {
    const answer = await fetch(`${world.url}/login`)

    assert.match(answer.headers.get('strict-transport-security') ?? '', /max-age=\d{7,}/)
  })
})
