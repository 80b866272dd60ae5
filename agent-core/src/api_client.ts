import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AcknowledgementBody, AgentConfiguration } from '../contract/configuration.ts'
import type {
  Enrolment,
  EnrolmentAnswer,
  EnrolmentPending,
  EnrolmentPoll,
  EnrolmentRequest,
  EnrolmentRequestAnswer,
} from '../contract/enrolment.ts'
import type { Recording } from '../contract/recording.ts'
import type { Screenshot } from '../contract/screenshot.ts'
import type { StoredReference, Upload, UploadRequest } from '../contract/upload.ts'
import { AgentError } from './errors.ts'
import type { Identity, SpooledItem, StoredFile } from './hooks.ts'
import { Http, HTTP_LIMITS, type HttpLimits, type HttpPost } from './http.ts'
import type { Clock } from './plugin.ts'
import { errorOf, verdicts, type Reply, type Verdict } from './verdict.ts'

const compress = promisify(gzip)

/** A batch larger than this travels compressed. */
const COMPRESS_OVER_BYTES = 1024

/** What travels with bytes beside it, and where to. */
type Medium = Screenshot | Recording
const MEDIA_PATHS: Readonly<Record<Medium['kind'], string>> = {
  screenshot: 'api/screenshots',
  recording: 'api/recordings',
}

export type ApiOptions = {
  readonly server: string
  /** Whether the site says in words that http:// to another machine is fine. */
  readonly allowInsecureHttp?: boolean
  readonly limits?: Partial<HttpLimits>
  readonly clock?: Clock
  /** Told of each request before it leaves. */
  readonly sending?: (request: SentRequest) => void
}

/** One request as it leaves, in clear: the token and the bytes of a file are left out, nothing else. */
export type SentRequest = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Path at the server; for a file that goes elsewhere, the name of the disk and its key there. */
  readonly path: string
  /** The body as JSON, before compression; null where there is none. */
  readonly body: unknown
  /** Size of the file beside it; null where there is none. */
  readonly fileBytes: number | null
}

/** What the server said to the question for this agent's configuration. */
export type ConfigurationAnswer =
  | {
      readonly status: 'changed'
      readonly configuration: AgentConfiguration
      readonly etag: string | null
      /** Whether the server holds such questions for a change. */
      readonly waits: boolean
    }
  | { readonly status: 'unchanged'; readonly waits: boolean }
  | { readonly status: 'failed'; readonly reason: string; readonly retryAfterMs: number | null }

/** What the server said to the question whether a request was confirmed; `interval` is in seconds. */
export type EnrolmentPolled =
  | { readonly status: 'enrolled'; readonly answer: EnrolmentAnswer }
  | EnrolmentPending
  | { readonly status: 'away'; readonly reason: string; readonly retryAfterMs: number | null }

/** What the server said to the question where the bytes of one item go. */
export type UploadPermit =
  | { readonly status: 'granted'; readonly upload: Upload }
  /** To the server itself, with their description. */
  | { readonly status: 'server' }
  /** The disk is full or away; the bytes stay. */
  | {
      readonly status: 'away'
      readonly isFull: boolean
      readonly reason: string
      readonly retryAfterMs: number | null
    }
  /** The server judged the item, or could not be asked. */
  | { readonly status: 'judged'; readonly verdict: Verdict }

/** Google Drive as a destination: what its breaker is called. */
export const DRIVE = 'drive'

/** Codes by which the server says that not it but the disk stands in the way. */
const DISK_CODES = ['E_DRIVE_FULL', 'E_DRIVE_AWAY']

/** The server's addresses, and what is sent to them. It knows paths; what an answer means, `verdict.ts`. */
export class ApiClient {
  /** The agent's clock minus the server's, in milliseconds, from the last answer; null before one. */
  clockSkewMs: number | null = null
  readonly #base: URL
  readonly #http: Http
  readonly #clock: Pick<Clock, 'now'>
  readonly #sending: (request: SentRequest) => void

  /** Throws E_INSECURE_SERVER for http:// off this machine, E_INVALID_OPTION for no address at all. */
  constructor(options: ApiOptions) {
    this.#base = serverAddress(options.server, options.allowInsecureHttp ?? false)
    this.#http = new Http(options.limits)
    this.#clock = options.clock ?? Date
    this.#sending = options.sending ?? (() => undefined)
  }

  /** Brings items of one lane: events as one batch, a medium by itself. */
  async deliver(
    items: readonly SpooledItem[],
    identity: Pick<Identity, 'token'>,
    signal: AbortSignal
  ): Promise<readonly Verdict[]> {
    const [first] = items
    if (first === undefined) {
      return []
    }
    if (first.stored !== undefined) {
      return [await this.#reference(first, first.stored, identity.token, signal)]
    }
    const reply =
      first.payload === null
        ? await this.#observations(items, identity.token, signal)
        : await this.#medium(first, first.payload, identity.token, signal)
    return verdicts(
      reply,
      items.map((item) => item.observation.id)
    )
  }

  /** Asks where the bytes of a medium go: to a disk by itself, over a session for this one file, or here. */
  async openUpload(
    { observation }: Pick<SpooledItem, 'observation'>,
    identity: Pick<Identity, 'token'>,
    signal: AbortSignal
  ): Promise<UploadPermit> {
    const body: UploadRequest = { observation: observation as Medium }
    const reply = await this.#json('api/uploads', body, identity.token, signal)
    if (reply.kind === 'answer' && (reply.status === 404 || reply.status === 405)) {
      return { status: 'server' } // an older server, which has no such address
    }
    const error = reply.kind === 'answer' ? errorOf(reply.body) : null
    if (reply.kind === 'answer' && error !== null && DISK_CODES.includes(error.code)) {
      const { message: reason } = error
      const isFull = error.code === 'E_DRIVE_FULL'
      return { status: 'away', isFull, reason, retryAfterMs: reply.retryAfterMs }
    }
    const upload = reply.kind === 'answer' && reply.status < 300 ? uploadOf(reply.body) : undefined
    if (upload === undefined) {
      const [verdict] = verdicts(reply, [observation.id])
      return { status: 'judged', verdict: verdict ?? UNREADABLE }
    }
    if (upload === null) {
      return { status: 'server' }
    }
    if (upload.session !== null) {
      assertSecure(upload.session)
      const path = `${upload.disk}/${upload.key}`
      this.#sending({ method: 'PUT', path, body: null, fileBytes: upload.bytes })
    }
    return { status: 'granted', upload }
  }

  /**
   * Exchanges a one-time code for an identity. Throws E_ENROLMENT_REFUSED with the server's sentence,
   * or E_SERVER_UNREACHABLE.
   */
  async enrol(enrolment: Enrolment, signal: AbortSignal): Promise<EnrolmentAnswer> {
    const reply = await this.#anonymous('api/enrolments', enrolment, signal)
    if (reply.kind === 'answer' && reply.status === 201 && isEnrolmentAnswer(reply.body)) {
      return reply.body
    }
    throw this.#notEnrolled(reply, 'an identity')
  }

  /** Asks to be let in without a code. Throws as `enrol`. */
  async requestEnrolment(
    request: EnrolmentRequest,
    signal: AbortSignal
  ): Promise<EnrolmentRequestAnswer> {
    const reply = await this.#anonymous('api/enrolments/requests', request, signal)
    if (reply.kind === 'answer' && reply.status === 201 && isRequestAnswer(reply.body)) {
      return reply.body
    }
    throw this.#notEnrolled(reply, 'a code to show')
  }

  /**
   * Asks whether a request was confirmed. `away`: nobody can say at the moment. Throws
   * E_ENROLMENT_REFUSED with the server's sentence where it never will be.
   */
  async pollEnrolment(poll: EnrolmentPoll, signal: AbortSignal): Promise<EnrolmentPolled> {
    const reply = await this.#anonymous('api/enrolments/requests/poll', poll, signal)
    if (reply.kind === 'failure') {
      return { status: 'away', reason: reasonOf(reply), retryAfterMs: null }
    }
    if (reply.status === 201 && isEnrolmentAnswer(reply.body)) {
      return { status: 'enrolled', answer: reply.body }
    }
    if (reply.status === 202 && isPending(reply.body)) {
      return reply.body
    }
    if (reply.status === 429 || reply.status >= 500) {
      return { status: 'away', reason: reasonOf(reply), retryAfterMs: reply.retryAfterMs }
    }
    throw this.#notEnrolled(reply, 'an identity')
  }

  /** The error of an answer that enrols nobody. */
  #notEnrolled(reply: Reply, expected: string): AgentError {
    if (reply.kind === 'failure') {
      return new AgentError(
        'E_SERVER_UNREACHABLE',
        `Expected an answer from ${this.#base.origin}, found: ${reply.message} (${reply.code})`
      )
    }
    const isRefusal = reply.status >= 400 && reply.status < 500 && reply.status !== 404
    return new AgentError(
      isRefusal ? 'E_ENROLMENT_REFUSED' : 'E_SERVER_UNREACHABLE',
      `Expected ${expected} from ${this.#base.origin}, found ${reply.status}: ${sentenceOf(reply.body)}`
    )
  }

  /**
   * Asks for this agent's configuration. With the `etag` of the last one the server may hold the
   * question `waitSeconds` for a change.
   */
  async configuration(
    about: { readonly etag: string | null; readonly waitSeconds: number },
    identity: Pick<Identity, 'token'>,
    signal: AbortSignal
  ): Promise<ConfigurationAnswer> {
    const waitMs = about.waitSeconds * 1000
    const { reply, headers } = await this.#exchange({
      method: 'GET',
      url: new URL('api/agents/me', this.#base),
      headers: {
        authorization: `Bearer ${identity.token}`,
        ...(about.etag === null ? {} : { 'if-none-match': about.etag }),
        ...(waitMs > 0 ? { prefer: `wait=${about.waitSeconds}` } : {}),
      },
      body: Buffer.alloc(0),
      signal,
      limits: { headersMs: HTTP_LIMITS.headersMs + waitMs, idleMs: HTTP_LIMITS.idleMs + waitMs },
    })
    const waits = headers['preference-applied'] !== undefined
    if (reply.kind === 'answer' && reply.status === 304) {
      return { status: 'unchanged', waits }
    }
    if (reply.kind === 'answer' && reply.status === 200 && isConfiguration(reply.body)) {
      return {
        status: 'changed',
        configuration: reply.body,
        etag: headers.etag ?? null,
        waits,
      }
    }
    return {
      status: 'failed',
      reason: reasonOf(reply),
      retryAfterMs: reply.kind === 'answer' ? reply.retryAfterMs : null,
    }
  }

  /** Tells the server what the person read. Answers null when it keeps that, else why it does not. */
  async acknowledge(
    acknowledgement: AcknowledgementBody,
    identity: Pick<Identity, 'token'>,
    signal: AbortSignal
  ): Promise<string | null> {
    const reply = await this.#post(
      'api/agents/me/acknowledgements',
      { 'authorization': `Bearer ${identity.token}`, 'content-type': 'application/json' },
      Buffer.from(JSON.stringify(acknowledgement)),
      signal,
      { body: acknowledgement, fileBytes: null }
    )
    const isKept = reply.kind === 'answer' && (reply.status === 200 || reply.status === 201)
    return isKept ? null : reasonOf(reply)
  }

  close(): void {
    this.#http.close()
  }

  async #observations(
    items: readonly SpooledItem[],
    token: string,
    signal: AbortSignal
  ): Promise<Reply> {
    const batch = { observations: items.map((item) => item.observation) }
    const text = JSON.stringify(batch)
    const isLarge = Buffer.byteLength(text) > COMPRESS_OVER_BYTES
    const headers = {
      'authorization': `Bearer ${token}`,
      'content-type': 'application/json',
      ...(isLarge ? { 'content-encoding': 'gzip' } : {}),
    }
    const body = isLarge ? await compress(text) : Buffer.from(text)
    const shown = { body: batch, fileBytes: null }
    return this.#post('api/observations', headers, body, signal, shown)
  }

  async #medium(
    item: SpooledItem,
    path: string,
    token: string,
    signal: AbortSignal
  ): Promise<Reply> {
    const medium = item.observation as Medium
    const { size } = await stat(path)
    const form = multipart(medium, path, size)
    const headers = {
      'authorization': `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${form.boundary}`,
    }
    const shown = { body: medium, fileBytes: size }
    return this.#post(MEDIA_PATHS[medium.kind], headers, form.body, signal, shown)
  }

  /** Names a file that is stored already. One that the server does not find there is stored anew. */
  async #reference(
    { observation }: SpooledItem,
    stored: StoredFile,
    token: string,
    signal: AbortSignal
  ): Promise<Verdict> {
    const medium = observation as Medium
    const body = { observation: medium, stored } as StoredReference
    const reply = await this.#json(MEDIA_PATHS[medium.kind], body, token, signal)
    const error = reply.kind === 'answer' ? errorOf(reply.body) : null
    if (reply.kind === 'answer' && error !== null) {
      const isMissing = reply.status === 422 && error.field === 'stored.key'
      if (isMissing || DISK_CODES.includes(error.code)) {
        const { message: reason } = error
        const { retryAfterMs } = reply
        return { status: 'keep', answered: true, reason, retryAfterMs, by: DRIVE }
      }
    }
    return verdicts(reply, [observation.id])[0] ?? UNREADABLE
  }

  #json(path: string, body: object, token: string, signal: AbortSignal): Promise<Reply> {
    const headers = { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }
    return this.#post(path, headers, Buffer.from(JSON.stringify(body)), signal, {
      body,
      fileBytes: null,
    })
  }

  #anonymous(path: string, body: object, signal: AbortSignal): Promise<Reply> {
    const headers = { 'content-type': 'application/json' }
    const shown = { body, fileBytes: null }
    return this.#post(path, headers, Buffer.from(JSON.stringify(body)), signal, shown)
  }

  async #post(
    path: string,
    headers: Record<string, string>,
    body: Buffer | { readonly length: number; open(): Readable },
    signal: AbortSignal,
    shown: Pick<SentRequest, 'body' | 'fileBytes'>
  ): Promise<Reply> {
    const url = new URL(path, this.#base)
    return (await this.#exchange({ url, headers, body, signal }, shown)).reply
  }

  async #exchange(
    post: HttpPost,
    shown: Pick<SentRequest, 'body' | 'fileBytes'> = { body: null, fileBytes: null }
  ) {
    this.#sending({ method: post.method ?? 'POST', path: post.url.pathname, ...shown })
    const sentAt = this.#clock.now()
    const answered = await this.#http.post(post)
    const { serverDate } = answered
    if (serverDate !== null) {
      // `Date` has whole seconds: on average it is half a second behind, and half the way old
      const middle = (sentAt + this.#clock.now()) / 2
      const skew = Math.round(middle - serverDate - 500)
      this.clockSkewMs = Math.abs(skew) <= 1000 ? 0 : skew
    }
    return answered
  }
}

/** The form of one medium: first its description, then its bytes, streamed from the file. */
function multipart(observation: Medium, path: string, size: number) {
  const boundary = `worksight-${randomUUID()}`
  const ending = observation.media_type.replace(/^.*\//, '')
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="observation"\r\n\r\n` +
      `${JSON.stringify(observation)}\r\n` +
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${observation.id}.${ending}"\r\n` +
      `content-type: ${observation.media_type}\r\n\r\n`
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* parts() {
    yield head
    yield* createReadStream(path) as AsyncIterable<Buffer>
    yield tail
  }
  const length = head.byteLength + size + tail.byteLength
  return { boundary, body: { length, open: () => Readable.from(parts(), { objectMode: false }) } }
}

/** The address of a server, with a slash at its end. */
export function serverAddress(server: string, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new AgentError('E_INVALID_OPTION', `Expected the address of a server, found "${server}"`)
  }
  const url = new URL(server)
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecureHttp) {
    throw new AgentError(
      'E_INSECURE_SERVER',
      `Expected https:// or this very machine, found ${url.origin}: the token and every picture would be readable on the way`
    )
  }
  url.pathname = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
  url.search = ''
  url.hash = ''
  return url
}

/** Throws E_INSECURE_SERVER for an address at which everybody on the way could read a file. */
function assertSecure(session: string): void {
  if (!URL.canParse(session)) {
    throw new AgentError('E_INVALID_OPTION', 'Expected the address of a session, found none')
  }
  serverAddress(session, false)
}

/** The upload of an answer; null where the server takes the bytes; undefined for what is no answer of it. */
function uploadOf(body: unknown): Upload | null | undefined {
  if (typeof body !== 'object' || body === null || !('upload' in body)) {
    return undefined
  }
  const { upload } = body as { upload: Partial<Upload> | null }
  if (upload === null) {
    return null
  }
  const { disk, key, session, bytes } = upload
  const isWhole =
    disk === 'google-drive' &&
    typeof key === 'string' &&
    (session === null || typeof session === 'string') &&
    Number.isSafeInteger(bytes)
  return isWhole ? (upload as Upload) : undefined
}

const UNREADABLE: Verdict = {
  status: 'keep',
  answered: true,
  reason: 'The answer is not that of a WorkSight server',
  retryAfterMs: null,
}

/** Whether a host name is of this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function isEnrolmentAnswer(body: unknown): body is EnrolmentAnswer {
  const { agent, token } = (body ?? {}) as Partial<EnrolmentAnswer>
  return typeof token === 'string' && token !== '' && Number.isSafeInteger(agent?.id)
}

function isRequestAnswer(body: unknown): body is EnrolmentRequestAnswer {
  const answer = (body ?? {}) as Partial<EnrolmentRequestAnswer>
  const texts = [answer.user_code, answer.verification_uri, answer.device_code]
  return (
    texts.every((text) => typeof text === 'string' && text !== '') &&
    !Number.isNaN(Date.parse(String(answer.expires_at))) &&
    isInterval(answer.interval)
  )
}

function isPending(body: unknown): body is EnrolmentPending {
  const { status, interval } = (body ?? {}) as Partial<EnrolmentPending>
  return (status === 'pending' || status === 'slow_down') && isInterval(interval)
}

/** Whether seconds are such that a timer can wait for them, and a person too. */
function isInterval(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds > 0 && seconds <= 600
}

function isConfiguration(body: unknown): body is AgentConfiguration {
  const { agent, policy } = (body ?? {}) as Partial<AgentConfiguration>
  return (
    typeof agent?.time_zone === 'string' &&
    Number.isSafeInteger(policy?.version) &&
    typeof policy?.values === 'object' &&
    policy.values !== null
  )
}

function reasonOf(reply: Reply): string {
  return reply.kind === 'failure'
    ? `${reply.message} (${reply.code})`
    : `${reply.status}: ${sentenceOf(reply.body)}`
}

function sentenceOf(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | undefined)?.error?.message
  return typeof message === 'string' ? message : 'no answer of a WorkSight server'
}
