import { createHash, createVerify, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered once in the place of the next request that fits. */
export type Fault = {
  /** Part of `METHOD /path?query`. */
  readonly on: string
  readonly status?: number
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  /** `lost`: the request does what it does, and its answer never comes. `reset`: not even that. */
  readonly how?: 'lost' | 'reset'
}

export type DriveServerFile = {
  readonly id: string
  readonly name: string
  readonly mimeType: string
  readonly parents: readonly string[]
  readonly appProperties: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly createdTime: string
}

type Session = {
  readonly meta: Omit<DriveServerFile, 'bytes' | 'createdTime'>
  readonly total: number
  bytes: Buffer
}

const FOLDER = 'application/vnd.google-apps.folder'
const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** The key that this stand-in takes from a service account. */
export const SERVICE_ACCOUNT = {
  type: 'service_account',
  client_email: 'worksight@example.iam.gserviceaccount.com',
  private_key: pair.privateKey,
} as const

/** The part of Google Drive that a server uses, in memory: tokens, files, folders, sessions, and faults on demand. */
export class DriveServer {
  readonly files = new Map<string, DriveServerFile>()
  readonly sessions = new Map<string, Session>()
  readonly requests: string[] = []
  faults: Fault[] = []
  /** Whether `root` stands on a shared drive. */
  isShared = true
  /** Bytes there are; null is no limit. */
  limit: number | null = null
  tokens = 0
  /** Whether the answer to the chunk that completes the next file never comes. */
  loseFinal = false
  #token = ''
  #codes = new Map<string, string>()
  readonly #server: Server
  url = ''

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    })
  }

  static async start(): Promise<DriveServer> {
    const drive = new DriveServer()
    await new Promise<void>((resolve) => {
      drive.#server.listen(0, '127.0.0.1', resolve)
    })
    drive.url = `http://127.0.0.1:${(drive.#server.address() as AddressInfo).port}`
    return drive
  }

  async stop() {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  /** Makes every token that was given so far worthless. */
  forgetTokens() {
    this.#token = ''
  }

  /** Files that are no folders. */
  get media(): DriveServerFile[] {
    return [...this.files.values()].filter(({ mimeType }) => mimeType !== FOLDER)
  }

  /** The names of the folders above a file. */
  pathOf(file: DriveServerFile): string {
    const parent = this.files.get(file.parents[0] ?? '')
    return parent ? `${this.pathOf(parent)}/${parent.name}`.replace(/^\//, '') : ''
  }

  async #handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', this.url)
    const name = `${request.method} ${request.url}`
    this.requests.push(name)
    const body = await bodyOf(request)
    const index = this.faults.findIndex(({ on }) => name.includes(on))
    const fault = index === -1 ? undefined : this.faults.splice(index, 1)[0]
    if (fault?.how === 'reset') {
      request.socket.destroy()
      return
    }
    if (fault?.status) {
      return problem(response, fault.status, fault.reason ?? 'fault', fault.headers)
    }
    if (fault?.how === 'lost') {
      await this.#answer(request, url, body, null)
      request.socket.destroy()
      return
    }
    await this.#answer(request, url, body, response)
  }

  async #answer(request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse | null) {
    const { pathname } = url
    if (pathname === '/o/oauth2/v2/auth') {
      return this.#consent(url, response)
    }
    if (pathname === '/token') {
      return this.#giveToken(new URLSearchParams(body.toString()), response)
    }
    if (pathname.startsWith('/session/')) {
      return this.#session(request, pathname.slice(9), body, response)
    }
    if (!this.#token || request.headers.authorization !== `Bearer ${this.#token}`) {
      return problem(response, 401, 'authError')
    }
    if (pathname === '/upload/drive/v3/files') {
      return this.#startSession(request, JSON.parse(body.toString()), response)
    }
    if (pathname === '/drive/v3/about') {
      const usage = this.media.reduce((sum, { bytes }) => sum + bytes.length, 0)
      const storageQuota = {
        usage: String(usage),
        ...(this.limit === null ? {} : { limit: String(this.limit) }),
      }
      return json(response, 200, { storageQuota })
    }
    if (pathname === '/drive/v3/files/generateIds') {
      return json(response, 200, { ids: [randomUUID().replaceAll('-', '')] })
    }
    if (pathname === '/drive/v3/files') {
      return request.method === 'POST'
        ? this.#makeFolder(JSON.parse(body.toString()), response)
        : this.#list(url.searchParams.get('q') ?? '', response)
    }
    return this.#file(request, url, decodeURIComponent(pathname.slice(16)), response)
  }

  #consent(url: URL, response: ServerResponse | null) {
    const { searchParams: asked } = url
    const code = randomUUID()
    this.#codes.set(code, asked.get('code_challenge') ?? '')
    const back = new URL(asked.get('redirect_uri') ?? '')
    back.searchParams.set('state', asked.get('state') ?? '')
    back.searchParams.set('code', code)
    response?.writeHead(302, { location: back.href }).end()
  }

  #giveToken(form: URLSearchParams, response: ServerResponse | null) {
    const isGood =
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
        ? isSigned(form.get('assertion') ?? '')
        : form.get('grant_type') === 'authorization_code'
          ? this.#codes.get(form.get('code') ?? '') === challengeOf(form.get('code_verifier') ?? '')
          : form.get('refresh_token') === 'refresh'
    if (!isGood) {
      return json(response, 400, { error: 'invalid_grant', error_description: 'not good' })
    }
    this.tokens += 1
    this.#token = `token-${this.tokens}`
    const refresh = form.get('grant_type') === 'authorization_code'
    json(response, 200, {
      access_token: this.#token,
      expires_in: 3600,
      token_type: 'Bearer',
      ...(refresh ? { refresh_token: 'refresh' } : {}),
    })
  }

  #startSession(request: IncomingMessage, meta: Session['meta'], response: ServerResponse | null) {
    const total = Number(request.headers['x-upload-content-length'])
    const used = this.media.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (this.files.has(meta.id)) {
      return problem(response, 409, 'fileIdInUse')
    }
    if (this.limit !== null && used + total > this.limit) {
      return problem(response, 403, 'storageQuotaExceeded')
    }
    const [parent] = meta.parents
    if (parent !== 'root' && !this.files.has(parent ?? '')) {
      return problem(response, 404, 'notFound')
    }
    const id = randomUUID()
    this.sessions.set(id, { meta, total, bytes: Buffer.alloc(0) })
    response?.writeHead(200, { location: `${this.url}/session/${id}` }).end()
  }

  #session(request: IncomingMessage, id: string, body: Buffer, response: ServerResponse | null) {
    const session = this.sessions.get(id)
    if (!session) {
      return problem(response, 404, 'notFound')
    }
    const [, first] = /^bytes (\d+)-\d+\/\d+$/.exec(request.headers['content-range'] ?? '') ?? []
    if (first !== undefined && Number(first) === session.bytes.length) {
      session.bytes = Buffer.concat([session.bytes, body])
    }
    if (session.bytes.length === session.total) {
      const file = { ...session.meta, bytes: session.bytes, createdTime: new Date().toISOString() }
      this.files.set(file.id, file)
      if (this.loseFinal) {
        this.loseFinal = false
        return request.socket.destroy()
      }
      return json(response, 200, shown(file))
    }
    const range: Record<string, string> =
      session.bytes.length > 0 ? { range: `bytes=0-${session.bytes.length - 1}` } : {}
    response?.writeHead(308, range).end()
  }

  #makeFolder(meta: Omit<DriveServerFile, 'id' | 'bytes'>, response: ServerResponse | null) {
    const id = randomUUID().replaceAll('-', '')
    const createdTime = new Date().toISOString()
    this.files.set(id, { ...meta, id, appProperties: {}, bytes: Buffer.alloc(0), createdTime })
    json(response, 200, { id })
  }

  #list(q: string, response: ServerResponse | null) {
    const [, name] = /name = '((?:[^'\\]|\\.)*)'/.exec(q) ?? []
    const [, parent] = /'([^']*)' in parents/.exec(q) ?? []
    const [, key, value] = /key='([^']*)' and value='([^']*)'/.exec(q) ?? []
    const found = [...this.files.values()].filter(
      (file) =>
        (name === undefined || file.name === name.replaceAll(/\\(.)/g, '$1')) &&
        (parent === undefined || file.parents.includes(parent)) &&
        (key === undefined || file.appProperties[key] === value)
    )
    json(response, 200, { files: found.map(shown) })
  }

  #file(request: IncomingMessage, url: URL, id: string, response: ServerResponse | null) {
    if (id === 'root') {
      const drive = this.isShared ? { driveId: 'shared' } : {}
      const capabilities = { canAddChildren: true }
      return json(response, 200, { id, name: 'Media', ...drive, capabilities })
    }
    const file = this.files.get(id)
    if (!file) {
      return problem(response, 404, 'notFound')
    }
    if (request.method === 'DELETE') {
      this.files.delete(id)
      return response?.writeHead(204).end()
    }
    if (url.searchParams.get('alt') !== 'media') {
      return json(response, 200, shown(file))
    }
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (start === undefined) {
      return response?.writeHead(200, { 'content-type': file.mimeType }).end(file.bytes)
    }
    response?.writeHead(206, { 'content-type': file.mimeType })
    response?.end(file.bytes.subarray(Number(start), Number(end) + 1))
  }
}

function shown({ bytes, ...meta }: DriveServerFile) {
  return {
    ...meta,
    size: String(bytes.length),
    sha256Checksum: createHash('sha256').update(bytes).digest('hex'),
    md5Checksum: createHash('md5').update(bytes).digest('hex'),
    trashed: false,
  }
}

function isSigned(assertion: string): boolean {
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  return createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(pair.publicKey, signature, 'base64url')
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function json(response: ServerResponse | null, status: number, body: unknown) {
  response?.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function problem(
  response: ServerResponse | null,
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {}
) {
  const error = { code: status, message: reason, errors: [{ reason, message: reason }] }
  response
    ?.writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ error }))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
