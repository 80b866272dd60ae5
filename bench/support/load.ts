import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * The load of one round, as a process of its own so that it can be held on a core of its own. Reads
 * its plan as JSON from its standard input, prints one line of JSON: answers a second, latencies, failures.
 */
export type Plan = {
  readonly url: string
  readonly path: string
  /** One a connection: each connection is an agent. */
  readonly tokens: readonly string[]
  readonly scheme: string
  readonly seconds: number
  /** Events in one request; 1 sends the event alone. */
  readonly batch: number
  /** A file in each request instead of an event: as a form, or as the body itself. */
  readonly upload?: {
    readonly file: string
    readonly as: 'multipart' | 'raw'
    /** What describes the file, but for its id and number; a form without it has the file alone. */
    readonly description: object | null
  }
  /** The number after which the sequence of each agent goes on. */
  readonly from: number
  /** Seconds from an event of an agent to its next one; 0 where all are of one moment. */
  readonly everySeconds?: number
}

export type Measured = {
  readonly perSecond: number
  readonly p99Ms: number
  readonly failures: number
  readonly sent: number
}

const plan: Plan = JSON.parse(readFileSync(0, 'utf8'))
let id = 0

/** A UUIDv7 that is cheap to make: the time, a counter, and a salt of this run. */
const SALT = randomBytes(4).toString('hex')
function uuid(): string {
  id += 1
  const time = Date.now().toString(16).padStart(12, '0')
  const count = id.toString(16).padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${count.slice(0, 3)}-${count.slice(3)}${SALT.slice(1)}`
}

const START = '2026-11-22T10:00:00.123Z'
/** Where events have moments of their own, the first is long ago, so that none is in the future. */
const LONG_AGO = Date.parse('2020-01-01T00:00:00Z')

const [HEAD, MIDDLE, MOMENT, TAIL] = JSON.stringify({
  id: 'SPLIT',
  seq: -987654,
  captured_at: START,
  utc_offset_minutes: 60,
  policy_version: 0,
  kind: 'heartbeat',
  state: 'active',
  seconds_since_input: 3.5,
  interval_seconds: 30,
  late_seconds: 0,
  time_zone: 'Europe/Berlin',
  agent_version: '0.1.0',
  clock_skew_ms: 12,
  system: {
    os: { platform: 'linux', name: 'Debian GNU/Linux', release: '12', arch: 'x64' },
    host: 'dana-laptop',
    cpu: { model: 'A processor', cores: 8, load_percent: 3.5 },
    memory: { total_bytes: 16_000_000_000, used_bytes: 4_000_000_000 },
    disk: { total_bytes: 500_000_000_000, free_bytes: 100_000_000_000 },
    battery: null,
    uptime_seconds: 3600,
    displays: [{ id: '0', x: 0, y: 0, width: 1920, height: 1080, primary: true }],
  },
  plugins: [
    { name: 'heartbeat', version: '0.1.0', state: 'ok', reason: null },
    { name: 'screenshot', version: '0.1.0', state: 'ok', reason: null },
  ],
  spool: {
    accepted: 1,
    delivered: 0,
    evicted: 0,
    dead: 0,
    queued: 1,
    spool_bytes: 900,
    oldest_age_s: 0,
    seq: 1,
  },
}).split(new RegExp(`SPLIT|-987654|${START}`)) as [string, string, string, string]

const momentOf = (seq: number) =>
  plan.everySeconds ? new Date(LONG_AGO + seq * plan.everySeconds * 1000).toISOString() : START

const event = (seq: number) => `${HEAD}${uuid()}${MIDDLE}${seq}${MOMENT}${momentOf(seq)}${TAIL}`

const file = plan.upload ? readFileSync(plan.upload.file) : null
const BOUNDARY = 'worksight-bench'

/** The parts of one request's body, and its type. */
function content(seq: number): { readonly type: string; readonly parts: readonly Buffer[] } {
  if (!plan.upload || !file) {
    return { type: 'application/json', parts: [Buffer.from(body(seq), 'latin1')] }
  }
  if (plan.upload.as === 'raw') {
    id += 1
    return { type: 'application/octet-stream', parts: [file] }
  }
  const described = { id: uuid(), seq, ...plan.upload.description }
  const field = plan.upload.description
    ? `--${BOUNDARY}\r\ncontent-disposition: form-data; name="observation"\r\n\r\n${JSON.stringify(described)}\r\n`
    : ''
  const head = `${field}--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: application/octet-stream\r\n\r\n`
  const tail = `\r\n--${BOUNDARY}--\r\n`
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    parts: [Buffer.from(head), file, Buffer.from(tail)],
  }
}

function body(seq: number): string {
  if (plan.batch === 1) {
    return event(seq)
  }
  const events = Array.from({ length: plan.batch }, (_, index) => event(seq + index))
  return `{"observations":[${events.join(',')}]}`
}

const { hostname, port } = new URL(plan.url)
const latencies: number[] = []
let answered = 0
let failures = 0
let isOver = false

/** One agent: sends, waits for the answer, sends again. */
function talk(token: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    let seq = plan.from
    let sentAt = 0
    let received = ''
    const send = () => {
      const { type, parts } = content(seq + 1)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      seq += plan.batch
      sentAt = performance.now()
      const head =
        `POST ${plan.path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: ${plan.scheme} ${token}\r\n` +
        `content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`
      socket.cork()
      socket.write(head, 'latin1')
      parts.forEach((part) => socket.write(part))
      socket.uncork()
    }
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (!isWhole(received)) {
        return
      }
      latencies.push(performance.now() - sentAt)
      if (received.startsWith('HTTP/1.1 2')) {
        answered += 1
      } else {
        failures += 1
        if (failures === 1) {
          process.stderr.write(`${received.slice(0, 600)}\n`)
        }
      }
      received = ''
      if (isOver) {
        socket.end()
      } else {
        send()
      }
    })
    socket.on('error', () => {
      failures += 1
    })
    socket.on('close', () => resolve())
  })
}

/** Whether an answer is here to its end: by its length, or by its last chunk. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) {
    return false
  }
  const length = /content-length: (\d+)/i.exec(answer)
  return length ? answer.length >= end + 4 + Number(length[1]) : answer.endsWith('0\r\n\r\n')
}

const startedAt = performance.now()
setTimeout(() => {
  isOver = true
}, plan.seconds * 1000)
await Promise.all(plan.tokens.map(talk))
const seconds = (performance.now() - startedAt) / 1000
latencies.sort((one, other) => one - other)
const measured: Measured = {
  perSecond: (answered * plan.batch) / seconds,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  failures,
  sent: id,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
