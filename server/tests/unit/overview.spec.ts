import { attentionOf } from '#services/overview'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat } from '#tests/support/observations'
import { makeAgent } from '#tests/support/people'
import { test } from '@japa/runner'

const COUNTERS = { spool_bytes: 0, oldest_age_s: 0, seq: 10 }

test.group('What needs a hand', (group) => {
  cleanDatabase(group)

  test(
    'of {accepted} accepted, {delivered} delivered, {evicted} evicted, {dead} dead, {queued} queued it says: {says}'
  )
    .with([
      { accepted: 10, delivered: 7, evicted: 1, dead: 0, queued: 2, says: 'nothing' },
      { accepted: 10, delivered: 7, evicted: 0, dead: 0, queued: 2, says: 'do not balance' },
      { accepted: 10, delivered: 9, evicted: 0, dead: 0, queued: 2, says: 'do not balance' },
      { accepted: 10, delivered: 7, evicted: 0, dead: 1, queued: 2, says: 'dead letters' },
    ])
    .run(async ({ assert }, { says, ...counters }) => {
      const { agent } = await makeAgent()
      agent.lastSeenAt = Date.now()
      agent.lastHeartbeat = heartbeat(10, { spool: { ...counters, ...COUNTERS } })

      const texts = attentionOf([agent], Date.now()).shown.map(({ text }) => text)

      assert.include(texts.join() || 'nothing', says)
      assert.isAtMost(texts.length, 1)
    })

  test('of many silent ones it names five, and says how many more', async ({ assert }) => {
    const agents = await Promise.all(Array.from({ length: 8 }, () => makeAgent()))
    for (const { agent } of agents) {
      agent.lastSeenAt = 1
    }

    const { shown, more } = attentionOf(
      agents.map(({ agent }) => agent),
      Date.now()
    )

    assert.deepEqual([shown.length, more], [5, 3])
  })
})
