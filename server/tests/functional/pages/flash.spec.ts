import { Caller } from '#tests/support/cluster'
import { cleanDatabase } from '#tests/support/clean'
import { makeUser } from '#tests/support/people'
import { keepInDatabase } from '#tests/support/sessions'
import { test } from '@japa/runner'

const BASE = () => `http://127.0.0.1:${process.env.PORT}`

test.group('What a form has to say', (group) => {
  cleanDatabase(group)
  group.each.setup(keepInDatabase)

  test('is there on the next page, whatever that subscribes to between', async ({ assert }) => {
    const { email } = await makeUser('owner')
    const caller = new Caller()
    await caller.signIn(BASE(), email, 'correct-horse-battery')
    const code = /--code wse_/

    const sent = await caller.post(`${BASE()}/agents/codes`, { site: 'default' })
    const subscribed = await caller.post(`${BASE()}/__transmit/subscribe`, {
      uid: 'a-stream',
      channel: 'org',
    })
    const next = await (await caller.get(`${BASE()}/agents/new`)).text()
    const after = await (await caller.get(`${BASE()}/agents/new`)).text()

    assert.equal(sent.headers.get('location'), '/agents/new')
    assert.isBelow(subscribed.status, 500)
    assert.match(next, code)
    assert.notMatch(after, code)
  })
})
