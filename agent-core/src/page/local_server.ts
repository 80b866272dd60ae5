import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asError, systemCode } from '../errors.ts'
import { nodeHttp } from '../node_http.ts'

/** What a page answers. */
export type PageAnswer = {
  readonly status: number
  readonly type?: string
  readonly body?: string | Uint8Array
  /** Where to go on after a form, relative to the page. */
  readonly location?: string
}

/** What is asked of a page: `path` is what stands after the secret, without its first slash. */
export type PageRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: URLSearchParams
  /** Fields of a form; empty for GET. */
  readonly form: URLSearchParams
}

/** Where the page is looked for first; another port is taken when this one is in use. */
export const USUAL_PORT = 47_800
const LOOPBACK = '127.0.0.1'
const MOST_FORM_BYTES = 8 * 1024

/** No script at all, nothing from elsewhere, no frame around it, no copy kept. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  // With `no-referrer` a browser would send the origin "null" with a form.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
} as const

/** Where a pass is shown, and how long it is good for. */
const PASS = 'open'
const PASS_MS = 60_000

/**
 * A web server for the person at this machine alone: bound to loopback, for no other name than
 * loopback's (a page of the internet cannot rebind its own), with a secret of this start in the
 * address, and with forms only from its own pages.
 */
export class LocalServer {
  readonly #handle: (request: PageRequest) => Promise<PageAnswer>
  readonly #secret = randomBytes(24).toString('base64url')
  #server: Server | null = null
  /** Leads to the page once; others of this machine can read what a program is started with. */
  #pass: { readonly word: string; readonly until: number } | null = null

  constructor(handle: (request: PageRequest) => Promise<PageAnswer>) {
    this.#handle = handle
  }

  /** The address with its secret, or null while it does not listen. */
  get link(): string | null {
    const address = this.#address()
    return address === null ? null : `http://${LOOPBACK}:${address.port}/${this.#secret}/`
  }

  /** An address that leads to the page once, within a minute; an earlier one no longer does. */
  passLink(): string | null {
    const address = this.#address()
    if (address === null) {
      return null
    }
    const word = randomBytes(24).toString('base64url')
    this.#pass = { word, until: performance.now() + PASS_MS }
    return `http://${LOOPBACK}:${address.port}/${PASS}/${word}`
  }

  get isListening(): boolean {
    return this.#server?.listening ?? false
  }

  /** Listens on `port`, or on a free one when it is taken. Rejects with the system's error. */
  async listen(port = USUAL_PORT): Promise<void> {
    try {
      await this.#listenOn(port)
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE' && systemCode(error) !== 'EACCES') {
        throw error
      }
      await this.#listenOn(0)
    }
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (server !== null) {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }

  async #listenOn(port: number): Promise<void> {
    const server = nodeHttp.createServer((request, response) => {
      this.#answer(request)
        .catch((error: unknown) => plain(500, `Something went wrong: ${asError(error).message}`))
        .then((answer) => send(response, answer))
    })
    server.maxConnections = 32
    server.headersTimeout = 5_000
    server.requestTimeout = 10_000
    server.listen(port, LOOPBACK)
    await once(server, 'listening')
    server.on('error', () => server.close())
    server.unref()
    this.#server = server
  }

  #address(): AddressInfo | null {
    const address = this.#server?.address()
    return typeof address === 'object' ? (address ?? null) : null
  }

  async #answer(request: IncomingMessage): Promise<PageAnswer> {
    const port = this.#address()?.port
    const host = request.headers.host
    if (host !== `${LOOPBACK}:${port}` && host !== `localhost:${port}`) {
      return plain(403, 'This page answers to this machine alone.')
    }
    const { origin, 'sec-fetch-site': site } = request.headers
    const isForm = request.method === 'POST'
    const isForeign = origin === undefined ? isForm : origin !== `http://${host}`
    if (isForeign || site === 'cross-site' || site === 'same-site') {
      return plain(403, 'Another page sent this; it was not followed.')
    }
    const address = `http://${host}${request.url ?? '/'}`
    if (!URL.canParse(address)) {
      return plain(400, 'The address is not one.')
    }
    const url = new URL(address)
    const [, secret = '', ...path] = url.pathname.split('/')
    if (secret === PASS && request.method === 'GET') {
      return this.#letPass(path[0] ?? '')
    }
    if (!isSame(secret, this.#secret)) {
      return plain(404, 'The link is of another start. See: worksight-agent status')
    }
    if (request.method !== 'GET' && !isForm) {
      return plain(405, 'Only GET and POST are answered.')
    }
    const form = isForm ? await formOf(request) : new URLSearchParams()
    if (form === null) {
      return plain(413, 'The form is too large.')
    }
    const method = isForm ? 'POST' : 'GET'
    return this.#handle({ method, path: path.join('/'), query: url.searchParams, form })
  }

  #letPass(word: string): PageAnswer {
    const pass = this.#pass
    if (pass === null || !isSame(word, pass.word) || performance.now() > pass.until) {
      return plain(404, 'This link was used or is old. See: worksight-agent status')
    }
    this.#pass = null
    return { status: 303, location: `/${this.#secret}/` }
  }
}

function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'))
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MOST_FORM_BYTES) {
      return null
    }
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

/** A sentence by itself. */
export function plain(status: number, sentence: string): PageAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${sentence}\n` }
}

function send(response: ServerResponse, { status, type, body, location }: PageAnswer): void {
  response.writeHead(status, {
    ...HEADERS,
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(location === undefined ? {} : { location }),
    ...(status >= 400 ? { connection: 'close' } : {}),
  })
  response.end(body)
}
