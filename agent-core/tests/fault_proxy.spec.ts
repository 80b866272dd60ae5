import { randomBytes } from 'node:crypto'
import { test } from '@japa/runner'
import { ApiClient } from '../src/api_client.ts'
import { systemClock } from '../src/clock.ts'
import { Courier } from '../src/courier.ts'
import { silentLogger } from '../src/logger.ts'
import {
  aScreenshot,
  anEvent,
  FakeServer,
  FaultProxy,
  isLong,
  temporarySpool,
  type Fault,
} from '../testing/main.ts'

const EVENTS = isLong ? 1_000 : 60
const PICTURES = isLong ? 100 : 4
/** So that a fault that ends in silence is over soon. */
const LIMITS = { connectMs: 500, headersMs: 500, idleMs: 500 }

const FAULTS: readonly (readonly [string, Fault, 'passes' | 'keeps'])[] = [
  ['each byte 50 ms late', { kind: 'latency', ms: 50 }, 'passes'],
  ['everything in slices of one byte', { kind: 'slices', bytes: 1 }, 'passes'],
  ['a reset before the first byte', { kind: 'reset', afterBytes: 0 }, 'keeps'],
  ['a reset within the headers', { kind: 'reset', afterBytes: 40 }, 'keeps'],
  ['a reset within the body', { kind: 'reset', afterBytes: 400 }, 'keeps'],
  ['an answer that is lost after the commit', { kind: 'reply_lost' }, 'keeps'],
  ['half an answer', { kind: 'half_reply' }, 'keeps'],
  ['an answer that is shorter than it says', { kind: 'wrong_length', by: 10 }, 'keeps'],
  ['an answer that is longer than it says', { kind: 'wrong_length', by: -10 }, 'keeps'],
  ['a captive portal', { kind: 'captive_portal' }, 'keeps'],
  ['an answer that would inflate to 100 MB', { kind: 'gzip_bomb' }, 'keeps'],
  ['an answer without an end', { kind: 'endless_reply' }, 'keeps'],
  ['silence', { kind: 'silence' }, 'keeps'],
]

test.group('over a bad network', () => {
  for (const [what, fault, effect] of FAULTS) {
    test(`${what}: nothing is lost, double or changed, and all of it arrives in the end`, async ({
      assert,
      cleanup,
    }) => {
      const server = await FakeServer.start()
      const proxy = await FaultProxy.start(server.url)
      const { spool, remove } = await temporarySpool()
      const api = new ApiClient({ server: proxy.url, limits: LIMITS })
      const courier = new Courier({
        spool,
        clock: systemClock,
        logger: silentLogger,
        random: () => 0,
        deliver: (items, signal) => api.deliver(items, { token: 'wsa_fake' }, signal),
      })
      cleanup(async () => {
        await courier.stop()
        api.close()
        await proxy.stop()
        await server.stop()
        await remove()
      })
      const sent = new Map<string, string | null>()
      for (let count = 0; count < Math.max(EVENTS, PICTURES); count++) {
        const picture = count < PICTURES ? randomBytes(3_000) : undefined
        const draft = picture === undefined ? undefined : aScreenshot(picture)
        const item = anEvent(spool, draft)
        await spool.put(item, picture)
        sent.set(item.id, draft?.sha256 ?? null)
      }

      proxy.fault = fault
      courier.start()
      if (effect === 'keeps') {
        await until(() => (proxy.injected.get(fault.kind) ?? 0) >= 3)
        const before = spool.waiting()
        proxy.fault = null
        proxy.cut()
        assert.equal(before, sent.size)
        courier.retryNow()
      }
      await courier.drained(AbortSignal.timeout(50_000))

      const arrived = [...server.received].map(([id, { sha256 }]) => [id, sha256])
      assert.isAbove(proxy.injected.get(fault.kind) ?? 0, 0)
      assert.sameDeepMembers(arrived, [...sent])
      assert.containsSubset(spool.counters(), { delivered: sent.size, dead: 0, queued: 0 })
      assert.equal(server.duplicates.length > 0, STORED.includes(fault.kind))
    }).timeout(120_000)
  }
})

/** Faults after which the server has what the agent must send again. */
const STORED = ['reply_lost', 'half_reply', 'wrong_length']

async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 1_000 && !isSo(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  if (!isSo()) {
    throw new Error('The fault did not happen')
  }
}
