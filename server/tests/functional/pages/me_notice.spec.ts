import { readLedger, sha256, verifyLedger } from '#services/acknowledgement_ledger'
import { cleanDatabase } from '#tests/support/clean'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'

const TEXT = 'Notice of monitoring\n\nA picture every 5 minutes.\n'

const acknowledgement = (changes: object = {}) => ({
  version: 1,
  text_sha256: sha256(TEXT),
  acknowledged_at: '2026-11-22T09:00:00.000Z',
  language: 'en',
  text: TEXT,
  ...changes,
})

test.group('Ledger of acknowledgements', (group) => {
  cleanDatabase(group)

  test('keeps the text with what was read, and shows both to the person', async ({
    client,
    assert,
  }) => {
    const dana = await makeUser('member')
    const { token } = await makeAgent(dana)
    const route = '/api/agents/me/acknowledgements'

    const first = await client.post(route).bearerToken(token).json(acknowledgement())
    const again = await client.post(route).bearerToken(token).json(acknowledgement())
    const page = await client.get('/me/notice').loginAs(dana)

    first.assertStatus(201)
    again.assertStatus(200)
    page.assertTextIncludes('A picture every 5 minutes.')
    page.assertTextIncludes(sha256(TEXT))
    assert.lengthOf((await readLedger()).entries, 1)
  })

  test('refuses a text that is not the one of its hash', async ({ client, assert }) => {
    const { token } = await makeAgent()

    const answer = await client
      .post('/api/agents/me/acknowledgements')
      .bearerToken(token)
      .json(acknowledgement({ text: `${TEXT}and more` }))

    answer.assertStatus(422)
    answer.assertBodyContains({ error: { field: 'text' } })
    assert.lengthOf((await readLedger()).entries, 0)
  })

  test('is whole, however many people read at once', async ({ client, assert }) => {
    const agents = await Promise.all([1, 2, 3, 4].map(() => makeAgent()))

    const answers = await Promise.all(
      agents.flatMap(({ token }) =>
        [1, 2].map((version) =>
          client
            .post('/api/agents/me/acknowledgements')
            .bearerToken(token)
            .json(acknowledgement({ version }))
        )
      )
    )

    assert.deepEqual([...new Set(answers.map((answer) => answer.status()))], [201])
    const ledger = await readLedger()
    assert.lengthOf(ledger.entries, 8)
    assert.deepEqual(verifyLedger(ledger), [])
  })

  test('a line that was changed, taken out or put in is found: {$self}')
    .with(['changed', 'taken out', 'text'])
    .run(async ({ client, assert }, what) => {
      const { token } = await makeAgent()
      for (const version of [1, 2, 3]) {
        await client
          .post('/api/agents/me/acknowledgements')
          .bearerToken(token)
          .json(acknowledgement({ version }))
      }
      const second = () => db.from('acknowledgements').where('version', 2)

      if (what === 'changed') {
        await second().update({ acknowledged_at: 1 })
      } else if (what === 'taken out') {
        await second().delete()
      } else {
        await db.from('notices').update({ text: 'Nothing is captured.' })
      }

      assert.lengthOf(verifyLedger(await readLedger()), 1)
    })

  test('the lines of one person can be taken along and verify by themselves', async ({
    client,
    assert,
  }) => {
    const [dana, kim] = [await makeUser('member'), await makeUser('member')]
    for (const person of [kim, dana, kim]) {
      const { token } = await makeAgent(person)
      await client
        .post('/api/agents/me/acknowledgements')
        .bearerToken(token)
        .json(acknowledgement())
    }

    const own = await client.get('/me/notice/acknowledgements.json').loginAs(dana)

    assert.lengthOf(own.body().entries, 1)
    assert.equal(own.body().entries[0].subject, `person:${dana.id}`)
    assert.deepEqual(verifyLedger(own.body(), false), [])
    assert.match(own.header('content-disposition') ?? '', /attachment/)
  })
})
