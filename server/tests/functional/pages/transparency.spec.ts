import { publishVersion } from '#services/policy/store'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import { test } from '@japa/runner'

test.group('What is captured, for everybody', (group) => {
  cleanDatabase(group)

  test('says collectors, hours and days that each kind is kept before anything was set up', async ({
    client,
    assert,
  }) => {
    const page = await client.get('/transparency')

    page.assertStatus(200)
    page.assertTextIncludes('at any time the computer is in use')
    page.assertTextIncludes('Screenshots 30 days, recordings 7 days')
    assert.notInclude(page.text(), 'The policy for everybody')
  })

  test('says the policy for everybody and its versions, and names nobody', async ({
    client,
    assert,
  }) => {
    const owner = await makeUser('owner')
    const dana = await makeUser('member', 'Red')
    await makeAgent(dana)
    const publish = (values: object, reason: string) =>
      publishVersion({
        subject: { level: 'organisation', id: 0 },
        values,
        locked: [],
        reason,
        actor: { user: owner, address: '127.0.0.1' },
      })
    await publish(
      { 'screenshot.interval_seconds': 600, 'retention.screenshots_days': 14 },
      'secret one'
    )
    await publish(
      { 'screenshot.interval_seconds': 900, 'retention.screenshots_days': 9 },
      'secret two'
    )

    const text = (await client.get('/transparency')).text()

    assert.include(text, 'A screenshot of every display is taken every 15 minutes')
    assert.include(text, 'Screenshots 9 days')
    assert.lengthOf([...text.matchAll(/Version \d+ of the policy since/g)], 2)
    for (const name of [owner.fullName, dana.fullName, 'secret']) {
      assert.notInclude(text, name)
    }
  })
})
