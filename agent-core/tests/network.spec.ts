import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import beating from '../testing/sites/beating.ts'
import { isLeftOut, isLong, NetworkNamespace, Storms } from '../testing/main.ts'

const AGENT = join(import.meta.dirname, '../bin/agent.ts')
const BEATING = join(import.meta.dirname, '../testing/sites/beating.ts')
/** What the site `beating` says, and how late a heartbeat may be on a line that is full and a machine that is busy. */
const INTERVAL_MS = 1_000
const MOST_LATE_MS = 5_000
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
    .skip(isLeftOut(IMPOSSIBLE))
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
    .skip(isLeftOut(IMPOSSIBLE))
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
    .skip(isLeftOut(IMPOSSIBLE))
    .timeout(120_000)

  test(
    title('each heartbeat is at the server soon after it is due while a large file goes up'),
    async ({ assert, cleanup }) => {
      const { server } = storms
      const dataDir = join(storms.folder, '../agent')
      new IdentityStore(dataDir).save(
        {
          server: server.urlAt(network.address),
          agentId: 1,
          name: 'desk',
          site: beating.name,
          person: null,
          token: server.token,
        },
        acknowledge(noticeOf(beating), Date.now())
      )
      network.slow(128)
      const [program = '', ...prefix] = network.prefix
      const args = [AGENT, '--data-dir', dataDir, '--config', BEATING, 'run']
      const agent = spawn(program, [...prefix, process.execPath, ...args], { stdio: 'ignore' })
      cleanup(() => void agent.kill('SIGKILL'))
      const kinds = () => [...server.received.values()].map(({ observation }) => observation.kind)
      while (!kinds().includes('screenshot')) {
        await wait(100)
      }
      const uploaded = Date.now()
      agent.kill('SIGTERM')

      const beats = [...server.received.values()].filter(
        ({ observation }) => observation.kind === 'heartbeat'
      )
      const arrivals = beats.map(({ observation }) => ({
        late:
          (server.receivedAt.get(observation.id) ?? Infinity) - Date.parse(observation.captured_at),
        at: server.receivedAt.get(observation.id) ?? Infinity,
      }))
      const between = arrivals.map(({ at }, index) => at - (arrivals[index - 1]?.at ?? at))
      const latest = Math.max(...arrivals.map(({ late }) => late))
      const widest = Math.max(...between, uploaded - (arrivals.at(-1)?.at ?? 0))
      process.stdout.write(
        `    ${beats.length} heartbeats meanwhile, the latest ${latest} ms after it was made, at most ${widest} ms between two\n`
      )
      assert.isAtLeast(beats.length, 8)
      assert.isAtMost(latest, MOST_LATE_MS)
      assert.isAtMost(widest, INTERVAL_MS + MOST_LATE_MS)
    }
  )
    .skip(isLeftOut(IMPOSSIBLE))
    .timeout(120_000)
})
