import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { ApiClient } from '../src/api_client.ts'
import { systemClock } from '../src/clock.ts'
import { Courier } from '../src/courier.ts'
import { IdentityStore } from '../src/identity.ts'
import { silentLogger } from '../src/logger.ts'
import { Spool, type Unnumbered } from '../src/spool.ts'
import { aScreenshot, anEvent } from './samples.ts'

/** What `load.ts` is told, as JSON in its first argument. */
export type LoadOrder = {
  /** The agent's data folder, with its identity in it. */
  readonly dataDir: string
  /** Events to record at least; every tenth comes with a picture. */
  readonly events: number
  readonly giveUpMs: number
}

const SIDE = 48

/**
 * Records, until its input ends, and delivers to a real server, as a process of its own. It writes one line of JSON an
 * accepted item (`id`, `sha256` or null), and its counters at the end.
 */
async function load(order: LoadOrder): Promise<void> {
  const identity = new IdentityStore(order.dataDir).identity()
  if (identity === null) {
    throw new Error(`Expected an identity in ${order.dataDir}, found none`)
  }
  const spool = await Spool.open(join(order.dataDir, 'spool'), {
    quota: { minFreeBytes: 0, maxBytes: 1e12 },
  })
  const api = new ApiClient({ server: identity.server })
  const courier = new Courier({
    spool,
    clock: systemClock,
    logger: silentLogger,
    random: () => 0,
    deliver: (items, signal) => api.deliver(items, identity, signal),
  })
  const put = async (item: Unnumbered, bytes?: Uint8Array) => {
    const outcome = await spool.put(item, bytes)
    if (outcome.status === 'accepted') {
      const sha256 = bytes === undefined ? null : hash('sha256', bytes, 'hex')
      process.stdout.write(
        `${JSON.stringify({ id: item.id, seq: outcome.observation.seq, sha256 })}\n`
      )
      courier.wake()
    }
  }
  courier.start()
  const size = { width: SIDE, height: SIDE, media_type: 'image/png' } as const
  let isOver = false
  void once(process.stdin.resume(), 'end').then(() => (isOver = true))
  for (let count = 0; count < order.events || !isOver; count++) {
    const now = { captured_at: new Date().toISOString() }
    await put({ ...anEvent(spool), ...now })
    if (count % 10 === 0) {
      const picture = aPicture()
      await put({ ...anEvent(spool, { ...aScreenshot(picture), ...size }), ...now }, picture)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await courier.drained(AbortSignal.timeout(order.giveUpMs))
  await courier.stop()
  process.stdout.write(`${JSON.stringify({ counters: spool.counters() })}\n`)
  await spool.close()
  api.close()
}

/** A PNG of noise, each one other than all before. */
function aPicture(): Buffer {
  const rows = Array.from({ length: SIDE }, () =>
    Buffer.concat([Buffer.alloc(1), randomBytes(SIDE * 3)])
  )
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.set([8, 2], 8)
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.byteLength, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

await load(JSON.parse(process.argv[2] ?? '') as LoadOrder)
