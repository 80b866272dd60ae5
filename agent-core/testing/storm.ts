import { randomBytes, hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { ApiClient } from '../src/api_client.ts'
import { systemClock } from '../src/clock.ts'
import { Courier } from '../src/courier.ts'
import type { HttpLimits } from '../src/http.ts'
import { nodeDisk } from '../src/disk.ts'
import { silentLogger } from '../src/logger.ts'
import { Spool, type Unnumbered } from '../src/spool.ts'
import { digestOf, OracleLine } from './oracle.ts'
import { aScreenshot, anEvent } from './samples.ts'
import { watchedDisk } from './watched_disk.ts'

/** What the storm is told, as JSON in its first argument. */
export type StormOrder = {
  readonly folder: string
  readonly server: string
  /** The oracle's socket. */
  readonly oracle: string
  /** Events and pictures to record; 0 delivers what is there, and no more. */
  readonly events: number
  readonly pictures: number
  /** Size of each picture; default 5000. */
  readonly pictureBytes?: number
  /** Events recorded one by one, each when the one before has gone, while the rest is under way. */
  readonly eventsMeanwhile?: number
  readonly limits?: Partial<HttpLimits>
  /** Kills itself with SIGKILL when this step happens for the `time`th time. */
  readonly dieAt?: { readonly step: string; readonly time: number }
  /** Waits for a line on its input before it begins, so that a tracer can take hold of it. */
  readonly waits?: boolean
  /** Leaves the spool as it is after this many milliseconds without having drained it. */
  readonly giveUpMs?: number
}

const QUOTA = { minFreeBytes: 0, maxBytes: 1e12 }

/**
 * Records, buries, retries and delivers as hard as it can, as a process of its own, so that it can
 * be killed at any step. It tells the oracle of every item, before and after.
 */
async function storm(order: StormOrder): Promise<void> {
  const times = new Map<string, number>()
  const happened = (step: string): void => {
    const time = (times.get(step) ?? 0) + 1
    times.set(step, time)
    if (order.dieAt?.step === step && order.dieAt.time === time) {
      process.kill(process.pid, 'SIGKILL')
    }
  }
  const oracle = await OracleLine.to(order.oracle)
  if (order.waits === true) {
    writeSync(1, 'ready\n')
    await once(process.stdin, 'data')
    process.stdin.destroy()
  }
  const spool = await opened(order.folder, happened)
  const api = new ApiClient({
    server: order.server,
    allowInsecureHttp: true,
    limits: order.limits,
  })
  const courier = new Courier({
    spool,
    clock: systemClock,
    logger: silentLogger,
    random: () => 0,
    deliver: async (items, signal) => {
      happened('deliver sends')
      const verdicts = await api.deliver(items, { token: 'wsa_fake' }, signal)
      happened('deliver was answered')
      return verdicts
    },
    settled: async () => happened('courier settled'),
  })
  await record(spool, oracle, order)
  await buryAndRetry(spool)
  courier.start()
  for (let left = order.eventsMeanwhile ?? 0; left > 0; left--) {
    await put(spool, oracle, anEvent(spool))
    courier.wake()
    while (spool.waiting('events') > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await courier.drained(AbortSignal.timeout(order.giveUpMs ?? 20_000))
  await courier.stop()
  writeSync(1, `${JSON.stringify({ ...spool.counters(), steps: [...times.keys()] })}\n`)
  await spool.close()
  api.close()
  oracle.close()
}

/** A start that a fault of the disk stops is tried again, as whoever keeps the agent running does. */
async function opened(folder: string, happened: (step: string) => void): Promise<Spool> {
  for (let left = 20; ; left--) {
    try {
      return await Spool.open(folder, { quota: QUOTA, disk: watchedDisk(nodeDisk, happened) })
    } catch (error) {
      if (left === 0) {
        throw error
      }
    }
  }
}

async function record(spool: Spool, oracle: OracleLine, order: StormOrder): Promise<void> {
  for (let count = 0; count < Math.max(order.events, order.pictures); count++) {
    if (count < order.events) {
      await put(spool, oracle, anEvent(spool))
    }
    if (count < order.pictures) {
      const picture = randomBytes(order.pictureBytes ?? 5_000)
      await put(spool, oracle, anEvent(spool, aScreenshot(picture)), picture)
    }
  }
}

async function put(
  spool: Spool,
  oracle: OracleLine,
  item: Unnumbered,
  picture?: Uint8Array
): Promise<void> {
  const sha256 = picture === undefined ? null : hash('sha256', picture, 'hex')
  await oracle.attempt(item.id, digestOf(item, sha256))
  if ((await spool.put(item, picture)).status === 'accepted') {
    await oracle.accepted(item.id)
  }
}

async function buryAndRetry(spool: Spool): Promise<void> {
  const [first] = spool.oldest('media', 1)
  const death = { code: 'E_BAD', reason: 'For the storm', field: null, attempts: 1 }
  try {
    if (first !== undefined) {
      await spool.bury(first.id, death)
    }
    for (const { id } of spool.dead()) {
      await spool.retry(id)
    }
  } catch {
    return // a fault of the disk: the item is where it was, and the oracle will look
  }
}

/** What a spool holds, as the oracle compares it. Its dead letters go back into the queue. */
export async function keptIn(
  folder: string
): Promise<readonly { id: string; digest: string; seq: number }[]> {
  const spool = await Spool.open(folder, { quota: QUOTA })
  try {
    for (const { id } of spool.dead()) {
      await spool.retry(id)
    }
    const items = [...spool.oldest('events', Infinity), ...spool.oldest('media', Infinity)]
    const found = []
    for (const entry of items) {
      const item = await spool.load(entry)
      if (item !== null) {
        const bytes = item.payload === null ? null : await readFile(item.payload)
        const sha256 = bytes === null ? null : hash('sha256', bytes, 'hex')
        found.push({ id: entry.id, seq: entry.seq, digest: digestOf(item.observation, sha256) })
      }
    }
    return found
  } finally {
    await spool.close()
  }
}

if (process.argv[1] === import.meta.filename) {
  await storm(JSON.parse(process.argv[2] ?? '') as StormOrder)
}
