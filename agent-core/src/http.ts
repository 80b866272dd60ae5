import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { retryAfterMs } from './backoff.ts'
import { asError, systemCode } from './errors.ts'
import { nodeHttp } from './node_http.ts'
import type { Reply } from './verdict.ts'

/** Limits of one request, in milliseconds; an answer may have `mostBytes`. */
export type HttpLimits = {
  /** Until the connection stands, TLS included. */
  readonly connectMs: number
  /** From the last byte sent to the answer's headers. */
  readonly headersMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  readonly mostBytes: number
}

export const HTTP_LIMITS: HttpLimits = {
  connectMs: 5_000,
  headersMs: 15_000,
  idleMs: 30_000,
  mostBytes: 1024 * 1024,
}

/** One request: bytes at hand, or a stream of known length that can be opened anew. */
export type HttpPost = {
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | { readonly length: number; open(): Readable }
  readonly signal: AbortSignal
  /** Where this request may take longer than the others. */
  readonly limits?: Partial<HttpLimits>
  /** Never sends it a second time by itself; default false. */
  readonly isOnce?: boolean
}

type Answered = {
  readonly reply: Reply
  readonly serverDate: number | null
  /** Of the answer; empty where none came. */
  readonly headers: IncomingHttpHeaders
}

/**
 * Posts over kept-alive connections of `node:http` (a third of the memory of `fetch`). It follows no
 * redirect and inflates nothing, and an answer that is cut short is a failure. Every outcome is a
 * value.
 */
export class Http {
  readonly #limits: HttpLimits
  readonly #agents = {
    'http:': new nodeHttp.Agent({ keepAlive: true, maxSockets: 4, scheduling: 'lifo' }),
    'https:': new HttpsAgent({
      keepAlive: true,
      maxSockets: 4,
      scheduling: 'lifo',
      // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 on the machine does not decide it.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    }),
  }

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...HTTP_LIMITS, ...limits }
  }

  /**
   * Sends one request. A kept-alive connection that the server closed in the same moment is tried once
   * more on a fresh one: every request of the agent may arrive twice, but for those that say `isOnce`.
   */
  async post(post: HttpPost): Promise<Answered> {
    const first = await this.#attempt(post)
    return first.wasStale && post.isOnce !== true ? await this.#attempt(post) : first
  }

  /** Closes idle connections. */
  close(): void {
    Object.values(this.#agents).forEach((agent) => agent.destroy())
  }

  async #attempt(post: HttpPost): Promise<Answered & { readonly wasStale: boolean }> {
    const isSecure = post.url.protocol === 'https:'
    const { method = 'POST' } = post
    const length = method === 'GET' ? {} : { 'content-length': post.body.length }
    const limits = { ...this.#limits, ...post.limits }
    const request = (isSecure ? httpsRequest : nodeHttp.request)(post.url, {
      method,
      agent: this.#agents[isSecure ? 'https:' : 'http:'],
      headers: { ...post.headers, accept: 'application/json', ...length },
      signal: post.signal,
    })
    const watch = new Watch(request, limits)
    try {
      send(request, post.body)
      const response = await responseTo(request)
      watch.answered()
      const text = await textOf(response, limits.mostBytes)
      const serverDate = dateOf(response)
      const reply = replyOf(response, text, serverDate)
      return { reply, serverDate, headers: response.headers, wasStale: false }
    } catch (error) {
      request.destroy()
      const code = watch.expired ?? systemCode(error) ?? 'E_NETWORK'
      return {
        reply: { kind: 'failure', code, message: watch.sentence ?? asError(error).message },
        serverDate: null,
        headers: {},
        wasStale: request.reusedSocket && code === 'ECONNRESET' && !post.signal.aborted,
      }
    } finally {
      watch.end()
      if (!request.writableFinished) {
        request.destroy() // answered before all was sent: the rest is not wanted
      }
    }
  }
}

/** Ends a request that takes longer than it may. */
class Watch {
  /** The code of the limit that was passed, or null. */
  expired: string | null = null
  sentence: string | null = null
  #timer: NodeJS.Timeout | undefined
  #isAnswered = false
  readonly #request: ClientRequest
  readonly #limits: HttpLimits

  constructor(request: ClientRequest, limits: HttpLimits) {
    this.#request = request
    this.#limits = limits
    this.#arm(limits.connectMs, 'no connection')
    const connected = () => this.#disarm()
    request.once('socket', (socket) => {
      if (request.reusedSocket || (!socket.connecting && !('encrypted' in socket))) {
        connected()
      } else {
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected)
      }
    })
    request.once('finish', () => {
      if (!this.#isAnswered) {
        this.#arm(limits.headersMs, 'no answer')
      }
    })
    request.setTimeout(limits.idleMs, () => this.#expire(limits.idleMs, 'silence'))
  }

  answered(): void {
    this.#isAnswered = true
    this.#arm(this.#limits.idleMs, 'an unfinished answer')
  }

  end(): void {
    this.#disarm()
  }

  #arm(ms: number, what: string): void {
    this.#disarm()
    this.#timer = setTimeout(() => this.#expire(ms, what), ms)
  }

  #disarm(): void {
    clearTimeout(this.#timer)
  }

  #expire(ms: number, what: string): void {
    this.expired = 'E_TIMEOUT'
    this.sentence = `Expected an answer in time, found ${what} for ${ms / 1000} s`
    this.#request.destroy(new Error(this.sentence))
  }
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
    request.once('close', () =>
      reject(new Error('The connection was closed before an answer came'))
    )
  })
}

function send(request: ClientRequest, body: HttpPost['body']): void {
  if (Buffer.isBuffer(body)) {
    request.end(body)
    return
  }
  // a file that cannot be read ends the request, whose own error is what counts
  pipeline(body.open(), request).catch((error: unknown) => request.destroy(asError(error)))
}

async function textOf(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) {
      throw new Error(`Expected an answer of at most ${mostBytes} bytes, found more`)
    }
    chunks.push(chunk)
  }
  if (!response.complete) {
    throw new Error('The answer was cut short')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function replyOf(response: IncomingMessage, text: string, serverDate: number | null): Reply {
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    retryAfterMs: retryAfterMs(response.headers['retry-after'], serverDate ?? Date.now()),
    body: jsonOf(response, text),
  }
}

function jsonOf(response: IncomingMessage, text: string): unknown {
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(response.headers['content-type'] ?? '')
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (!isJson || encoding !== 'identity') {
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined // said to be JSON and is not: not our server's answer
  }
}

function dateOf(response: IncomingMessage): number | null {
  const date = Date.parse(response.headers.date ?? '')
  return Number.isNaN(date) ? null : date
}
