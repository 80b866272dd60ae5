import { aHeartbeat, aScreenshot } from '../../agent-core/testing/samples.ts'
import { retryAfterMs } from '../../agent-core/src/backoff.ts'
import { Lane } from '../../agent-core/src/lane.ts'
import { UuidSource } from '../../agent-core/src/uuid.ts'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createInterface } from 'node:readline'

/**
 * A fleet of agents as the server sees them, in a process of its own: each keeps what it records
 * until the server has it, and waits between attempts by the agent's own lanes. Its plan is the first
 * line of its input; then `outage`, `back` and `end` say what happens to the server. On `end` it prints
 * one line of JSON and leaves.
 */
export type FleetPlan = {
  readonly url: string
  readonly tokens: readonly string[]
  readonly heartbeatSeconds: number
  /** Events of activity and pictures, of the whole fleet together. */
  readonly eventsPerSecond: number
  readonly picturesPerSecond: number
  readonly picture: { readonly file: string; readonly width: number; readonly height: number }
}

export type FleetReport = {
  readonly recorded: number
  readonly stored: number
  readonly waiting: number
  /** Answers by status, without 2xx. */
  readonly refusals: Readonly<Record<string, number>>
  readonly steady: {
    readonly seconds: number
    readonly perSecond: number
    readonly plannedPerSecond: number
    readonly p50Ms: number
    readonly p99Ms: number
    /** How much later than planned things were recorded, 99th of a hundred. */
    readonly lagP99Ms: number
  }
  /** After the server was back: requests in the busiest second, and how long until nothing waited. */
  readonly storm: { readonly mostPerSecond: number; readonly drainedSeconds: number | null } | null
}

type Phase = 'steady' | 'outage' | 'back' | 'over'

const TIMEOUT_MS = 30_000

let phase: Phase = 'steady'
let plan: FleetPlan
let picture: Buffer
let recorded = 0
let stored = 0
let waiting = 0
let steadyEndedAt = 0
let backAt = 0
let drainedAt: number | null = null
const startedAt = performance.now()
const refusals: Record<string, number> = {}
const latencies: number[] = []
const lags: number[] = []
const perSecond = new Map<number, number>()

/** One machine: two lanes, as the courier has them. */
class SimulatedAgent {
  readonly #token: string
  readonly #ids = new UuidSource(Date.now)
  readonly #lanes = { events: new SimulatedLane(100), media: new SimulatedLane(1) }
  #seq = 0

  constructor(token: string) {
    this.#token = token
  }

  record(draft: object, lane: 'events' | 'media') {
    recorded += 1
    waiting += 1
    this.#seq += 1
    const observation = {
      ...draft,
      id: this.#ids.next(),
      seq: this.#seq,
      captured_at: new Date().toISOString(),
      utc_offset_minutes: 60,
      policy_version: 0,
    }
    this.#lanes[lane].add(observation, (items) =>
      lane === 'events' ? sendEvents(this.#token, items) : sendPicture(this.#token, items[0])
    )
  }
}

class SimulatedLane {
  readonly #lane: Lane
  readonly #queue: object[] = []
  #isBusy = false

  constructor(most: number) {
    this.#lane = new Lane(most)
  }

  add(item: object, send: (items: object[]) => Promise<Reply>) {
    this.#queue.push(item)
    if (!this.#isBusy) {
      void this.#drain(send)
    }
  }

  async #drain(send: (items: object[]) => Promise<Reply>) {
    this.#isBusy = true
    while (this.#queue.length > 0) {
      const items = this.#queue.slice(0, this.#lane.size)
      const reply = await send(items)
      if (reply.isStored) {
        this.#queue.splice(0, items.length)
        this.#lane.passed([])
        settled(items.length)
      } else {
        const { answered, waitMs } = reply
        const verdict = { status: 'keep', answered, reason: '', retryAfterMs: waitMs } as const
        this.#lane.failed(performance.now(), items.length, verdict)
        await later(this.#lane.waitMs(performance.now()))
      }
    }
    this.#isBusy = false
  }
}

type Reply =
  | { readonly isStored: true }
  | { readonly isStored: false; readonly answered: boolean; readonly waitMs: number | null }

function settled(count: number) {
  stored += count
  waiting -= count
  if (phase === 'back' && waiting === 0) {
    drainedAt ??= performance.now()
  }
}

function sendEvents(token: string, observations: object[]): Promise<Reply> {
  return post(token, '/api/observations', 'application/json', [
    Buffer.from(JSON.stringify({ observations })),
  ])
}

const BOUNDARY = 'worksight-fleet'

function sendPicture(token: string, observation: object | undefined): Promise<Reply> {
  const head =
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="observation"\r\n\r\n${JSON.stringify(observation)}\r\n` +
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: image/png\r\n\r\n`
  return post(token, '/api/screenshots', `multipart/form-data; boundary=${BOUNDARY}`, [
    Buffer.from(head),
    picture,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ])
}

/** Each request has a connection of its own: a machine that speaks once a minute has none left open. */
function post(token: string, path: string, type: string, parts: Buffer[]): Promise<Reply> {
  const sentAt = performance.now()
  const second = Math.floor(sentAt / 1000)
  perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
  const during = phase
  return new Promise((resolve) => {
    const outgoing = request(
      `${plan.url}${path}`,
      {
        method: 'POST',
        agent: false,
        timeout: TIMEOUT_MS,
        headers: {
          'authorization': `Bearer ${token}`,
          'content-type': type,
          'content-length': parts.reduce((sum, part) => sum + part.length, 0),
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', () => resolve({ isStored: false, answered: false, waitMs: null }))
        answer.on('end', () => {
          if (during === 'steady') {
            latencies.push(performance.now() - sentAt)
          }
          const status = answer.statusCode ?? 0
          const text = Buffer.concat(chunks).toString()
          const isStored = status < 300 && !/"result":"(?!created|duplicate)/.test(text)
          if (!isStored) {
            note(`${status}`, text)
          }
          resolve(
            isStored
              ? { isStored }
              : {
                  isStored,
                  answered: true,
                  waitMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
                }
          )
        })
      }
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (during === 'steady' && phase === 'steady') {
        note(error.code ?? error.message, '')
      }
      resolve({ isStored: false, answered: false, waitMs: null })
    })
    parts.forEach((part) => outgoing.write(part))
    outgoing.end()
  })
}

function note(what: string, text: string) {
  refusals[what] = (refusals[what] ?? 0) + 1
  if (refusals[what] === 1) {
    process.stderr.write(`${what} ${text.slice(0, 300)}\n`)
  }
}

/** Does something at a rate; what the process was late for is done at once, and counted as late. */
function steadily(perSecondWanted: number, work: (index: number) => void) {
  const everyMs = 1000 / perSecondWanted
  let index = 0
  const tick = () => {
    if (phase === 'over') {
      return
    }
    for (let now = performance.now(); index * everyMs <= now - startedAt; index += 1) {
      if (phase === 'steady') {
        lags.push(now - startedAt - index * everyMs)
      }
      work(index)
    }
    setTimeout(tick, Math.max(1, startedAt + index * everyMs - performance.now()))
  }
  tick()
}

const at = (values: readonly number[], part: number) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * part)] ?? 0

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function begin() {
  picture = readFileSync(plan.picture.file)
  const { width, height } = plan.picture
  const agents = plan.tokens.map((token) => new SimulatedAgent(token))
  const some = (index: number) => agents[(index * 7919) % agents.length]
  const heartbeat = { ...aHeartbeat(), interval_seconds: plan.heartbeatSeconds }
  const activity = {
    kind: 'window',
    duration_ms: 20_000,
    pulsetime_ms: 5_000,
    app: 'Editor',
    title: null,
    domain: null,
    pid: 7,
  }
  const shot = { ...aScreenshot(picture), width, height, media_type: 'image/png' }
  steadily(agents.length / plan.heartbeatSeconds, (index) =>
    agents[index % agents.length]?.record(heartbeat, 'events')
  )
  steadily(plan.eventsPerSecond, (index) => some(index)?.record(activity, 'events'))
  steadily(plan.picturesPerSecond, (index) => some(index)?.record(shot, 'media'))
}

function finished(): FleetReport {
  const seconds = (steadyEndedAt - startedAt) / 1000
  const counts = [...perSecond]
  const sum = (from: number, to: number) =>
    counts
      .filter(([second]) => second >= from / 1000 && second < to / 1000)
      .reduce((total, [, count]) => total + count, 0)
  const afterwards = counts.filter(([second]) => second > backAt / 1000).map(([, count]) => count)
  return {
    recorded,
    stored,
    waiting,
    refusals,
    steady: {
      seconds,
      perSecond: sum(startedAt, steadyEndedAt) / seconds,
      plannedPerSecond:
        plan.tokens.length / plan.heartbeatSeconds + plan.eventsPerSecond + plan.picturesPerSecond,
      p50Ms: at(latencies, 0.5),
      p99Ms: at(latencies, 0.99),
      lagP99Ms: at(lags, 0.99),
    },
    storm:
      backAt === 0
        ? null
        : {
            mostPerSecond: Math.max(...afterwards),
            drainedSeconds: drainedAt === null ? null : (drainedAt - backAt) / 1000,
          },
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'outage') {
    phase = 'outage'
    steadyEndedAt = performance.now()
  } else if (line === 'back') {
    phase = 'back'
    backAt = performance.now()
  } else if (line === 'end') {
    phase = 'over'
    for (let left = 100; waiting > 0 && left > 0; left -= 1) {
      await later(100)
    }
    process.stdout.write(`${JSON.stringify(finished())}\n`, () => process.exit(0))
  } else {
    plan = JSON.parse(line) as FleetPlan
    begin()
  }
}
// whoever gave the orders is gone
process.exit(1)
