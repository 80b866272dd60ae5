import db from '@adonisjs/lucid/services/db'
import emitter from '@adonisjs/core/services/emitter'
import Agent from '#models/agent'
import ObservationsStored from '#events/observations_stored'
import { E_BUSY, E_UNAUTHORIZED } from '#exceptions/api_errors'
import { GroupCommit } from '#services/group_commit'
import { rowOfEvent } from '#services/observation_rows'
import { cleanDatabase } from '#tests/support/clean'
import { gap, heartbeat } from '#tests/support/observations'
import { makeAgent } from '#tests/support/people'
import { until } from '#tests/support/world'
import { test } from '@japa/runner'

/** An agent as its guard remembers it. */
const observer = ({ id }: Agent) => ({ id, personId: null, lastSeq: 0 })

test.group('Group commit', (group) => {
  cleanDatabase(group)

  test('answers forty requests of forty agents after one transaction', async ({ assert }) => {
    const committer = new GroupCommit()
    const agents = await Promise.all(Array.from({ length: 40 }, () => makeAgent()))

    await Promise.all(
      agents.map(({ agent }) => committer.commit(agent, [rowOfEvent(agent, heartbeat(1))]))
    )

    assert.equal(committer.transactions, 1)
    assert.lengthOf(await db.from('heartbeats'), 40)
    assert.lengthOf(await db.from('agents').where('last_seq', 1).whereNotNull('last_seen_at'), 40)
  })

  test('collects what arrives during a transaction for the next one', async ({ assert }) => {
    const committer = new GroupCommit()
    const { agent } = await makeAgent()
    const send = (seq: number) => committer.commit(agent, [rowOfEvent(agent, heartbeat(seq))])

    const first = send(1)
    await new Promise(setImmediate)
    await Promise.all([first, ...[2, 3, 4, 5, 6].map(send)])

    assert.isAtMost(committer.transactions, 2)
    assert.lengthOf(await db.from('heartbeats'), 6)
  })

  test('fails nobody for the sake of a neighbour whose agent is gone', async ({ assert }) => {
    const committer = new GroupCommit()
    const [one, other] = [await makeAgent(), await makeAgent()]
    await Agent.query().where('id', other.agent.id).delete()

    const [stored, refused] = await Promise.allSettled(
      [one, other].map(({ agent }) => committer.commit(agent, [rowOfEvent(agent, heartbeat(1))]))
    )

    assert.equal(stored?.status, 'fulfilled')
    assert.instanceOf((refused as PromiseRejectedResult).reason, E_UNAUTHORIZED)
    assert.lengthOf(await db.from('heartbeats'), 1)
  })

  test('knows a row again that another process stored behind its back', async ({ assert }) => {
    const { agent } = await makeAgent()
    const row = rowOfEvent(agent, heartbeat(1))
    await new GroupCommit().commit(agent, [row])

    const [result] = await new GroupCommit().commit(agent, [row])

    assert.equal(result?.result, 'duplicate')
    assert.lengthOf(await db.from('heartbeats'), 1)
  })

  test('says conflict for a number that another kind has, when it comes later', async ({
    assert,
  }) => {
    const { agent } = await makeAgent()
    const committer = new GroupCommit()
    await committer.commit(agent, [rowOfEvent(agent, heartbeat(7))])

    const [result] = await committer.commit(agent, [rowOfEvent(agent, gap(7))])

    assert.containSubset(result, { result: 'conflict', field: 'seq' })
    assert.lengthOf(await db.from('gaps'), 0)
  })

  test('takes a lower number that comes after a higher one', async ({ assert }) => {
    const { agent } = await makeAgent()
    const committer = new GroupCommit()
    await committer.commit(agent, [rowOfEvent(agent, heartbeat(9))])

    const [result] = await committer.commit(agent, [rowOfEvent(agent, gap(5))])

    assert.equal(result?.result, 'created')
    assert.equal((await Agent.findOrFail(agent.id)).lastSeq, 9)
  })

  test('notes the contact of a lone request with its rows', async ({ assert }) => {
    const { agent } = await makeAgent()
    const committer = new GroupCommit()
    for (const seq of [1, 2, 3]) {
      await committer.commit(observer(agent), [rowOfEvent(agent, heartbeat(seq))])
      assert.equal((await Agent.findOrFail(agent.id)).lastSeq, seq)
    }
  })

  test('has noted the last contact of each agent when a burst is over', async ({ assert }) => {
    const agents = await Promise.all(Array.from({ length: 5 }, () => makeAgent()))
    const committer = new GroupCommit()
    const bursts = agents.map(async ({ agent }) => {
      for (let seq = 1; seq <= 20; seq += 1) {
        await committer.commit(observer(agent), [rowOfEvent(agent, heartbeat(seq))])
      }
    })
    await Promise.all(bursts)

    await until(
      async () => (await db.from('agents').where('last_seq', 20)).length === 5,
      'the last number of each is noted',
      10
    )
    assert.isBelow(committer.transactions, 100)
  })

  test('refuses at once when more waits than memory should hold', async ({ assert }) => {
    const committer = new GroupCommit()
    const { agent } = await makeAgent()
    const rows = Array.from({ length: 20_001 }, (_, index) => rowOfEvent(agent, gap(index + 1)))

    assert.throws(() => committer.commit(agent, rows), new E_BUSY().message)
  })

  test('has room at once while nothing waits', async ({ assert }) => {
    assert.equal(await new GroupCommit().room('message'), 'message')
  })

  test('lets messages in, in their order, as transactions take what waited', async ({ assert }) => {
    const committer = new GroupCommit()
    const { agent } = await makeAgent()
    const full = committer.commit(
      agent,
      Array.from({ length: 200 }, (_, index) => rowOfEvent(agent, gap(index + 1)))
    )
    const order: string[] = []
    const messages = ['first', 'second', 'third'].map(async (message) => {
      order.push(await committer.room(message))
    })
    await Promise.resolve()
    assert.isEmpty(order)

    await Promise.all([full, ...messages])

    assert.deepEqual(order, ['first', 'second', 'third'])
  })

  test('refuses a message at once when too many wait to become rows', async ({ assert }) => {
    const committer = new GroupCommit()
    const { agent } = await makeAgent()
    const full = committer.commit(
      agent,
      Array.from({ length: 200 }, (_, index) => rowOfEvent(agent, gap(index + 1)))
    )
    const waiting = Array.from({ length: 200 }, () => committer.room('message'))

    await assert.rejects(() => committer.room('one more'), new E_BUSY().message)
    await Promise.all([full, ...waiting])
  })

  test('tells the dashboard after the commit, not before', async ({ assert, cleanup }) => {
    const committer = new GroupCommit()
    const { agent } = await makeAgent()
    const there: number[] = []
    const stop = emitter.on(ObservationsStored, async () => {
      there.push((await db.from('heartbeats')).length)
    })
    cleanup(stop)

    await committer.commit(agent, [rowOfEvent(agent, heartbeat(1))])
    await until(() => there.length > 0, 'the dashboard is told', 10)

    assert.deepEqual(there, [1])
  })
})
