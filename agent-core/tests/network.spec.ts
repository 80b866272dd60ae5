import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { isLong, NetworkNamespace, Storms } from '../testing/main.ts'

const IMPOSSIBLE = NetworkNamespace.impossible()
const NOTHING = { lost: [], double: [], corrupt: [], invented: [] }
const PARTITIONS = 20
/** So that a cable that is in again is used again soon. */
const LIMITS = { connectMs: 1_000, headersMs: 1_000, idleMs: 1_000 }

const title = (fact: string) =>
  IMPOSSIBLE === null ? fact : `${fact} (not possible here: ${IMPOSSIBLE})`

test.group('over a network of its own', (group) => {
  let storms: Storms
  let network: NetworkNamespace
  group.each.setup(async () => {
    storms = await Storms.start('0.0.0.0')
    network = NetworkNamespace.make()
    return async () => {
      network.remove()
      await storms.stop()
    }
  })

  const order = () => ({
    server: storms.server.urlAt(network.address),
    under: network.prefix,
    giveUpMs: 120_000,
  })

  test(
    title(`${PARTITIONS} partitions: nothing is lost, double, corrupt or invented`),
    async ({ assert }) => {
      const load = { events: 300, pictures: isLong ? 1_000 : 150, limits: LIMITS }
      const { ended } = storms.begin({ ...order(), ...load })
      await storms.server.has(1)
      for (let partition = 1; partition <= PARTITIONS; partition++) {
        const isLongerThanRequests = partition % 10 === 0
        network.plug(false)
        await wait(isLongerThanRequests ? 1_300 : isLong ? 500 : 60)
        network.plug(true)
        const now = storms.server.received.size
        await storms.server.has(Math.min(now + 2, load.events + load.pictures))
      }
      const { exit, counters } = await ended
      const { accepted, lost, double, corrupt, invented } = await storms.judge()

      assert.equal(exit, 0)
      assert.equal(accepted, load.events + load.pictures)
      assert.deepEqual({ lost, double, corrupt, invented }, NOTHING)
      assert.containsSubset(counters, { queued: 0, dead: 0, delivered: accepted })
    }
  )
    .skip(IMPOSSIBLE !== null)
    .timeout(180_000)

  test(
    title('every fifth packet lost: nothing is lost, double, corrupt or invented'),
    async ({ assert }) => {
      network.lose(20)
      const load = { events: 200, pictures: isLong ? 100 : 8 }
      const { exit, counters } = await storms.blow({ ...order(), ...load })
      const { accepted, lost, double, corrupt, invented } = await storms.judge()

      assert.equal(exit, 0)
      assert.isAbove(network.lost(), 0)
      assert.equal(accepted, load.events + load.pictures)
      assert.deepEqual({ lost, double, corrupt, invented }, NOTHING)
      assert.containsSubset(counters, { queued: 0, dead: 0, delivered: accepted })
    }
  )
    .skip(IMPOSSIBLE !== null)
    .timeout(180_000)

  test(title('events pass while a large file goes up over 128 kbit/s'), async ({ assert }) => {
    network.slow(128)
    const load = { events: 0, pictures: 1, pictureBytes: 160_000, eventsMeanwhile: 12 }
    const { exit } = await storms.blow({ ...order(), ...load })
    const kinds = [...storms.server.received.values()].map(({ observation }) => observation.kind)

    assert.equal(exit, 0)
    assert.lengthOf(kinds, 13)
    assert.equal(kinds.indexOf('screenshot'), 12, kinds.join())
    assert.isAtLeast(storms.server.requests.length, 6)
  })
    .skip(IMPOSSIBLE !== null)
    .timeout(120_000)
})
