import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { ObservationResult } from '../contract/answers.ts'
import {
  enrolmentPollValidator,
  enrolmentRequestValidator,
  enrolmentValidator,
} from '../contract/enrolment.ts'
import type { StoredReference } from '../contract/upload.ts'
import { FakeConfiguration } from './fake_configuration.ts'
import type { FakeUploads } from './fake_uploads.ts'
import type { Observation } from '../src/observation.ts'

/** What the server says instead of its usual answer. */
export type FakeAnswer = {
  readonly status: number
  readonly body?: unknown
  /** Sent as it is, instead of `body` as JSON. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Keeps what was sent, as if the answer got lost after the commit. */
  readonly stores?: boolean
  /** Cuts the connection instead of answering. */
  readonly hangUp?: boolean
}

/** One observation that the server has, with the digest of its bytes. */
export type ReceivedItem = { readonly observation: Observation; readonly sha256: string | null }

type Request = { readonly path: string; readonly observations: readonly Observation[] }

/**
 * A server on this machine that speaks the contract and keeps what it gets, idempotent on the id. Its
 * answers can be prepared: `answers` are used up one a request, then `always` holds, then its own.
 */
export class FakeServer {
  /** What it has, by id, in order of arrival. */
  readonly received = new Map<string, ReceivedItem>()
  /** When each of them came in first, by id, in milliseconds since 1970. */
  readonly receivedAt = new Map<string, number>()
  /** Every delivery that came in, also those it refused. */
  readonly requests: Request[] = []
  /** Ids that came in again after they were there. */
  readonly duplicates: string[] = []
  readonly answers: FakeAnswer[] = []
  always: ((request: Request) => FakeAnswer | null) | null = null
  /** The only token it knows. */
  token = 'wsa_fake'
  /** Enrolment codes that can still be used. */
  readonly codes = new Set(['wse_fake'])
  readonly enrolments: unknown[] = []
  /** Computers that asked to be let in without a code, and what each question is answered, in order. */
  readonly enrolmentRequests: unknown[] = []
  readonly pollAnswers: ('pending' | 'slow_down' | 'confirmed' | FakeAnswer)[] = []
  /** When it was asked whether it was confirmed, in milliseconds since 1970. */
  readonly polledAt: number[] = []
  /** What it says to its agent: policy, acknowledgement. */
  readonly configuration = new FakeConfiguration()
  /** Where the files of agents go; null takes them itself. */
  uploads: FakeUploads | null = null
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #host: string
  #port = 0
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  private constructor(host: string) {
    this.#host = host
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error))
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** `host` is the address it listens at; 0.0.0.0 for other machines, or namespaces, too. */
  static async start(port = 0, host = '127.0.0.1'): Promise<FakeServer> {
    const server = new FakeServer(host)
    await server.listen(port)
    return server
  }

  get url(): string {
    return this.urlAt('127.0.0.1')
  }

  /** Its URL for those who know this machine by another address. */
  urlAt(address: string): string {
    return `http://${address}:${this.#port}`
  }

  /** Listens, again on the same port after `stop`. */
  async listen(port = this.#port): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, this.#host, resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Goes away, cutting every connection. What it has stays. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#sockets.forEach((socket) => socket.destroy())
    await closed
  }

  /** Resolves when it has `count` items. */
  async has(count: number): Promise<void> {
    if (this.received.size < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }))
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    if (request.url === '/api/enrolments') {
      await this.#enrol(body, response)
      return
    }
    if (request.url?.startsWith('/api/enrolments/requests') === true) {
      reply(response, await this.#letIn(request.url, JSON.parse(body.toString())))
      return
    }
    const isKnown = request.headers.authorization === `Bearer ${this.token}`
    if (isKnown && request.url === '/api/agents/me') {
      await this.configuration.show(request, response)
      return
    }
    if (isKnown && request.url === '/api/agents/me/acknowledgements') {
      await this.configuration.acknowledge(body, response)
      return
    }
    const items = isKnown ? itemsOf(request, body) : []
    const seen = {
      path: request.url ?? '',
      observations: items.map(({ observation }) => observation),
    }
    this.requests.push(seen)
    const answer = this.answers.shift() ?? this.always?.(seen) ?? null
    if (answer !== null && answer.stores !== true) {
      reply(response, answer)
    } else if (!isKnown) {
      reply(response, refusal(401, 'E_UNAUTHORIZED', 'The token is not known'))
    } else {
      const refused = this.#uploaded(request, body)
      if (refused !== null) {
        reply(response, refused)
        return
      }
      const results = items.map((item) => this.#store(item))
      reply(response, answer ?? usual(seen.path, results))
      this.#tell()
    }
  }

  async #enrol(body: Buffer, response: ServerResponse): Promise<void> {
    const [problem, enrolment] = await enrolmentValidator.tryValidate(JSON.parse(body.toString()))
    if (problem !== null || enrolment === null) {
      reply(response, refusal(422, 'E_VALIDATION', 'The enrolment is not valid'))
      return
    }
    if (enrolment.person !== undefined && enrolment.person !== 'Dana Reyes') {
      reply(response, refusal(403, 'E_CODE', 'This code is not for the person that was named'))
      return
    }
    if (!this.codes.delete(enrolment.code)) {
      reply(response, refusal(403, 'E_CODE', 'The code was used or has expired'))
      return
    }
    reply(response, this.#enrolled(enrolment))
  }

  #enrolled(enrolment: {
    host: string
    name?: string | undefined
    site?: string | undefined
    [rest: string]: unknown
  }) {
    this.enrolments.push(enrolment)
    const agent = {
      id: 1,
      name: enrolment.name ?? enrolment.host,
      site: enrolment.site ?? 'default',
      person: 'Dana Reyes',
    }
    const { seq } = this.configuration.current
    return { status: 201, body: { agent, token: this.token, seq } }
  }

  /** A request without a code, and the questions whether it was confirmed. */
  async #letIn(path: string, body: unknown): Promise<FakeAnswer> {
    const interval = 0.05
    if (!path.endsWith('/poll')) {
      this.enrolmentRequests.push(await enrolmentRequestValidator.validate(body))
      return {
        status: 201,
        body: {
          user_code: 'WDJB-MJHT',
          verification_uri: `${this.url}/enrol/WDJB-MJHT`,
          device_code: 'wse_device',
          expires_at: new Date(Date.now() + 600_000).toISOString(),
          interval,
        },
      }
    }
    const { acknowledgement, previous_token: previousToken } =
      await enrolmentPollValidator.validate(body)
    this.polledAt.push(Date.now())
    const answer = this.pollAnswers.shift() ?? 'pending'
    if (answer === 'confirmed') {
      const asked = await enrolmentRequestValidator.validate(this.enrolmentRequests.at(-1))
      return this.#enrolled({ ...asked, acknowledgement, previous_token: previousToken })
    }
    return typeof answer === 'string'
      ? { status: 202, body: { status: answer, interval: answer === 'slow_down' ? 0.5 : interval } }
      : answer
  }

  /** The answer to a question for a session, and to a reference to a file that is not there whole. */
  #uploaded(request: IncomingMessage, body: Buffer): FakeAnswer | null {
    const isQuestion = request.url === '/api/uploads'
    if (!isQuestion && !isReference(request)) {
      return null
    }
    const { observation, stored } = JSON.parse(body.toString()) as StoredReference
    if (!isQuestion) {
      return this.uploads?.isWhole(observation, stored.key)
        ? null
        : refusal(422, 'E_INVALID', 'The file is not there whole', 'stored.key')
    }
    const isKnown = this.received.has(observation.id)
    const upload = this.uploads === null || isKnown ? null : this.uploads.open(observation)
    return upload === 'full'
      ? { ...refusal(507, 'E_DRIVE_FULL', 'No room'), headers: { 'retry-after': '1' } }
      : { status: upload === null ? 200 : 201, body: { upload } }
  }

  #store(item: ReceivedItem): ObservationResult {
    const { id } = item.observation
    const before = this.received.get(id)
    if (before === undefined) {
      this.received.set(id, item)
      this.receivedAt.set(id, Date.now())
      return { id, result: 'created' }
    }
    this.duplicates.push(id)
    return before.sha256 === item.sha256
      ? { id, result: 'duplicate' }
      : {
          id,
          result: 'conflict',
          code: 'E_CONFLICT',
          field: 'sha256',
          message: 'Other bytes under this id',
        }
  }

  #tell(): void {
    const ready = this.#waiting.filter(({ count }) => this.received.size >= count)
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter))
    ready.forEach(({ resolve }) => resolve())
  }
}

function usual(path: string, results: readonly ObservationResult[]): FakeAnswer {
  const [first] = results
  if (path === '/api/observations') {
    return { status: 200, body: { results } }
  }
  return first?.result === 'conflict'
    ? refusal(409, first.code, first.message)
    : { status: first?.result === 'created' ? 201 : 200, body: first }
}

function refusal(
  status: number,
  code: string,
  message: string,
  field: string | null = null
): FakeAnswer {
  return { status, body: { error: { code, message, field, help: '', id: 'fake' } } }
}

/** Whether a request names a file in the place of bytes. */
function isReference({ url, headers }: IncomingMessage): boolean {
  const isJson = headers['content-type'] === 'application/json'
  return isJson && (url === '/api/screenshots' || url === '/api/recordings')
}

function reply(response: ServerResponse, answer: FakeAnswer): void {
  if (answer.hangUp === true) {
    response.destroy()
    return
  }
  const text = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body))
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

function itemsOf(request: IncomingMessage, body: Buffer): readonly ReceivedItem[] {
  const boundary = /boundary=(\S+)/.exec(request.headers['content-type'] ?? '')?.[1]
  if (request.url === '/api/uploads') {
    return []
  }
  if (isReference(request)) {
    const { observation } = JSON.parse(body.toString()) as StoredReference
    return [{ observation, sha256: observation.sha256 }]
  }
  if (boundary === undefined) {
    const { observations } = JSON.parse(body.toString()) as { observations: readonly Observation[] }
    return observations.map((observation) => ({ observation, sha256: null }))
  }
  const parts = partsOf(body, boundary)
  const description = parts.get('observation')
  const file = parts.get('file')
  if (description === undefined || file === undefined) {
    throw new Error('Expected the parts "observation" and "file"')
  }
  const observation = JSON.parse(description.toString()) as Observation
  return [{ observation, sha256: hash('sha256', file, 'hex') }]
}

function partsOf(body: Buffer, boundary: string): Map<string, Buffer> {
  const parts = new Map<string, Buffer>()
  const fence = Buffer.from(`--${boundary}`)
  let from = body.indexOf(fence)
  for (
    let until = body.indexOf(fence, from + 1);
    until > 0;
    until = body.indexOf(fence, from + 1)
  ) {
    const part = body.subarray(from + fence.length + 2, until - 2)
    const blank = part.indexOf('\r\n\r\n')
    const name = /name="([^"]+)"/.exec(part.subarray(0, blank).toString())?.[1] ?? ''
    parts.set(name, part.subarray(blank + 4))
    from = until
  }
  return parts
}
