import { hash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from '@japa/runner'
import { defineSite } from '../src/define_site.ts'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import type { Agent, Plugin } from '../src/plugin.ts'
import { AgentRuntime } from '../src/runtime.ts'
import { aHeartbeat, aScreenshot, FakeServer, isLeftOut, SmallDisk } from '../testing/main.ts'

const IMPOSSIBLE = SmallDisk.impossible()
const PICTURE_BYTES = 50_000
/** The figure of the promise, in milliseconds. */
const RESUMED_MS = 10_000

const title = (fact: string) =>
  IMPOSSIBLE === null ? fact : `${fact} (not possible here: ${IMPOSSIBLE})`

/** Pictures and heartbeats, several a second; `taken` are the hashes of the pictures that were accepted. */
function source(taken: string[]): Plugin {
  return {
    name: 'screenshot',
    version: '1',
    apply(agent: Agent) {
      agent.hooks.start.tap('screenshot', () => {
        agent.every('screenshot', { seconds: 0.05 }, async () => {
          if (agent.mayObserve('screenshot').go) {
            const picture = randomBytes(PICTURE_BYTES)
            const { status } = await agent.record(aScreenshot(picture), picture)
            if (status === 'accepted') {
              taken.push(hash('sha256', picture, 'hex'))
            }
          }
        })
        agent.every('screenshot', { seconds: 0.2 }, async () => {
          await agent.record(aHeartbeat())
        })
      })
    },
  }
}

async function until(check: () => boolean, what: string) {
  const end = performance.now() + 30_000
  while (!check()) {
    if (performance.now() > end) {
      throw new Error(`Expected that ${what}`)
    }
    await setTimeout(20)
  }
}

test.group('full disk', () => {
  test(
    title('pictures stop visibly, go on when there is room, and nothing is lost or torn'),
    async ({ assert, cleanup }) => {
      const disk = SmallDisk.make(8)
      const server = await FakeServer.start()
      const taken: string[] = []
      const site = defineSite({
        name: 'full',
        plugins: [source(taken)],
        spool: { minFreeBytes: 300_000, maxBytes: 1e9 },
        poll: { seconds: 60 },
      })
      new IdentityStore(disk.path).save(
        {
          server: server.url,
          agentId: 7,
          name: 'desk',
          site: 'full',
          person: null,
          token: server.token,
        },
        acknowledge(noticeOf(site), Date.now())
      )
      const runtime = new AgentRuntime({ site, dataDir: disk.path, random: () => 0, pagePort: 0 })
      cleanup(async () => {
        await runtime.stop()
        await server.stop()
        disk.remove()
      })
      await runtime.start()
      await until(() => taken.length >= 5, 'pictures are taken')

      disk.fill()
      await until(() => !runtime.mayObserve('screenshot').go, 'pictures stop')
      const stopped = taken.length
      const said = runtime.mayObserve('screenshot')
      const shown = runtime.spool.fullBecause()
      await setTimeout(1_000)
      const meanwhile = taken.length - stopped
      const freedAt = performance.now()
      disk.empty()
      await until(() => taken.length > stopped + meanwhile, 'pictures are taken again')
      const resumedMs = performance.now() - freedAt
      await until(() => taken.length > stopped + meanwhile + 5, 'pictures go on')
      await runtime.stop()
      const left = (await readdir(join(disk.path, 'spool/queue'))).length
      const items = [...server.received.values()]
      const gaps = items.flatMap(({ observation }) =>
        observation.kind === 'gap' ? [observation] : []
      )
      const pictures = items.flatMap(({ observation, sha256 }) =>
        observation.kind === 'screenshot' ? [{ said: observation.sha256, found: sha256 }] : []
      )
      process.stdout.write(
        `    ${pictures.length} pictures, stopped after ${stopped}, taken again after ${Math.round(resumedMs)} ms, ${gaps.length} gaps\n`
      )

      assert.deepEqual(said, { go: false, by: 'spool' })
      assert.isString(shown)
      assert.equal(meanwhile, 0)
      assert.isAtMost(resumedMs, RESUMED_MS)
      assert.containSubset(gaps, [{ what: 'screenshot', cause: 'spool_full' }])
      assert.equal(left, 0)
      assert.isTrue(pictures.every((picture) => picture.said === picture.found))
      assert.sameMembers(
        pictures.map(({ found }) => found),
        taken
      )
      assert.lengthOf(await readdir(join(disk.path, 'spool/quarantine')), 0)
    }
  )
    .skip(isLeftOut(IMPOSSIBLE))
    .timeout(120_000)
})
