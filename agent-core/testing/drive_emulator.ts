import { createHash, createVerify, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  createReadStream,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What happens once in the place of the next request that fits. */
export type DriveFault = {
  /** Part of `METHOD /path?query`. */
  readonly on: string
  readonly status?: number
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string>>
  /**
   * `lost`: the request does what it does, and its answer never comes. `reset`: not even that. `cut`:
   * the connection breaks when `after` bytes of the body came; a session keeps whole units of them.
   */
  readonly how?: 'lost' | 'reset' | 'cut'
  readonly after?: number
}

/** A file or folder, as Google describes it. */
export type DriveEmulatorFile = {
  readonly id: string
  readonly name: string
  readonly mimeType: string
  readonly parents: readonly string[]
  readonly appProperties: Readonly<Record<string, string>>
  readonly createdTime: string
  readonly size: number
  readonly sha256: string
  readonly md5: string
}

/** What a chunk says of itself: `bytes first-last/total`. */
export type ByteSpan = { readonly first: number; readonly last: number; readonly total: number }

type Meta = Pick<DriveEmulatorFile, 'id' | 'name' | 'mimeType' | 'parents' | 'appProperties'>
type Session = {
  readonly meta: Meta
  readonly total: number
  readonly content: Content
  isDone: boolean
}
type Answer = ServerResponse | null

/** Sessions keep bytes in multiples of this, and take no other chunk but the last. */
export const DRIVE_UNIT = 256 * 1024
const FOLDER = 'application/vnd.google-apps.folder'
/** Assertions name Google as their audience, whatever stands for it. */
const TOKEN_ORIGIN = 'https://oauth2.googleapis.com/'
const NOTHING = Buffer.alloc(0)
/** The one shared drive there is; `root` is the Drive of whoever signed in. */
export const SHARED_DRIVE = '0AWorkSightSharedDrive'

type KeyPair = { readonly publicKey: string; readonly privateKey: string }
let pair: KeyPair | null = null

/** Made at the first need: it takes a tenth of a second. */
function keys(): KeyPair {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return pair
}

/** The key that the emulator takes from a service account; another one in each process. */
export const SERVICE_ACCOUNT = {
  type: 'service_account',
  client_email: 'worksight@example.iam.gserviceaccount.com',
  get private_key(): string {
    return keys().privateKey
  },
} as const

/**
 * The part of Google Drive that WorkSight uses, on this machine: tokens, files, folders, a shared
 * drive, resumable sessions, and faults on demand. Bytes stand in a folder that goes with `stop`.
 */
export class DriveEmulator {
  readonly files = new Map<string, DriveEmulatorFile>()
  readonly sessions = new Map<string, Session>()
  readonly requests: string[] = []
  /** Each is used up by the first request that fits. */
  faults: DriveFault[] = []
  /** Asked when no fault of the list fits; with the bytes that a chunk says it has, both ends included. */
  always: ((request: string, chunk: ByteSpan | null) => Omit<DriveFault, 'on'> | null) | null = null
  /** Whether `root` stands on a shared drive. */
  isShared = true
  /** Bytes there are; null is no limit. */
  limit: number | null = null
  tokens = 0
  /** What a person's consent gives, in the form of Google's. */
  readonly refreshToken = `1//0${randomBytes(30).toString('base64url')}`
  /** Whether the answer to the chunk that completes the next file never comes. */
  loseFinal = false
  /** Bytes that came in over sessions, also those that were not kept. */
  received = 0
  url = ''
  #token = ''
  readonly #codes = new Map<string, string>()
  readonly #server: Server
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent && !response.destroyed) {
          response.writeHead(500).end(String(error))
        }
      })
    })
  }

  static async start(port = 0): Promise<DriveEmulator> {
    const drive = new DriveEmulator(await mkdtemp(join(tmpdir(), 'worksight-drive-')))
    await new Promise<void>((resolve, reject) => {
      drive.#server.once('error', reject)
      drive.#server.listen(port, '127.0.0.1', resolve)
    })
    drive.url = `http://127.0.0.1:${(drive.#server.address() as AddressInfo).port}`
    return drive
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Writes the service account's key, as it must be kept, and answers its path. */
  async writeKey(): Promise<string> {
    const path = join(this.#folder, 'key.json')
    await writeFile(path, JSON.stringify(SERVICE_ACCOUNT), { mode: 0o600 })
    return path
  }

  /** Opens a session without a token, as the server's own half does: its address, or why there is none. */
  openSession(meta: Meta, total: number): { session: string } | { problem: 'taken' | 'full' } {
    if (this.files.has(meta.id)) {
      return { problem: 'taken' }
    }
    if (this.limit !== null && this.#used + total > this.limit) {
      return { problem: 'full' }
    }
    const id = randomUUID()
    const content = new Content(this.#path(`session-${id}`))
    this.sessions.set(id, { meta, total, content, isDone: false })
    return { session: `${this.url}/session/${id}` }
  }

  /** Whether the address of a session is still good. */
  hasSession(session: string): boolean {
    return this.sessions.has(session.slice(`${this.url}/session/`.length))
  }

  /** Makes every token that was given so far worthless. */
  forgetTokens(): void {
    this.#token = ''
  }

  /** Files that are no folders. */
  get media(): readonly DriveEmulatorFile[] {
    return [...this.files.values()].filter(({ mimeType }) => mimeType !== FOLDER)
  }

  bytesOf({ id }: Pick<DriveEmulatorFile, 'id'>): Buffer {
    return readFileSync(this.#path(id))
  }

  /** Gives a file other bytes, as nobody should. */
  change(file: DriveEmulatorFile, bytes: Buffer): void {
    rmSync(this.#path(file.id))
    const content = new Content(this.#path(file.id))
    content.append(bytes)
    this.files.set(file.id, { ...file, ...content.sums() })
  }

  /** A second file of the same bytes and properties. */
  copy(file: DriveEmulatorFile, id: string): void {
    copyFileSync(this.#path(file.id), this.#path(id))
    this.files.set(id, { ...file, id })
  }

  /** The names of the folders above a file. */
  pathOf(file: DriveEmulatorFile): string {
    const parent = this.files.get(file.parents[0] ?? '')
    return parent ? `${this.pathOf(parent)}/${parent.name}`.replace(/^\//, '') : ''
  }

  get #used(): number {
    return this.media.reduce((sum, { size }) => sum + size, 0)
  }

  #path(id: string): string {
    return join(this.#folder, `${id.replaceAll(/[^\w-]/g, '')}.bin`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const name = `${request.method} ${request.url}`
    if (url.pathname.startsWith('/emulator/')) {
      this.#control(request.method ?? '', url.pathname.slice(10), await bodyOf(request), response)
      return
    }
    this.requests.push(name)
    const { socket } = request
    const span = spanOf(request)
    const fault = this.#fault(name, span)
    const isSession = url.pathname.startsWith('/session/')
    const body = isSession ? await this.#take(request, url, span, fault) : await bodyOf(request)
    if (fault?.how === 'reset' || fault?.how === 'cut') {
      socket.destroy()
    } else if (fault?.status) {
      problem(response, fault.status, fault.reason ?? 'fault', fault.headers)
    } else if (body === null) {
      problem(response, 400, 'badRequest')
    } else if (fault?.how === 'lost') {
      this.#answer(request, url, body, null)
      socket.destroy()
    } else {
      this.#answer(request, url, body, response)
    }
  }

  #fault(name: string, span: ByteSpan | null): Omit<DriveFault, 'on'> | null {
    const index = this.faults.findIndex(({ on }) => name.includes(on))
    const [listed] = index === -1 ? [] : this.faults.splice(index, 1)
    return listed ?? this.always?.(name, span) ?? null
  }

  /** For whoever clicks: faults and the limit are set, and what is there is listed. */
  #control(method: string, what: string, body: Buffer, response: ServerResponse): void {
    if (method === 'POST' && what === 'faults') {
      this.faults.push(...[JSON.parse(body.toString()) as DriveFault | DriveFault[]].flat())
      return json(response, 200, { faults: this.faults })
    }
    if (method === 'POST' && what === 'limit') {
      this.limit = (JSON.parse(body.toString()) as { limit: number | null }).limit
      return json(response, 200, { limit: this.limit, used: this.#used })
    }
    json(response, 200, {
      limit: this.limit,
      used: this.#used,
      faults: this.faults,
      files: this.media.map((file) => ({ ...shown(file), path: this.pathOf(file) })),
    })
  }

  #answer(request: IncomingMessage, url: URL, body: Buffer, response: Answer): void {
    const { pathname } = url
    if (pathname === '/o/oauth2/v2/auth') {
      return this.#consent(url, response)
    }
    if (pathname === '/token') {
      return this.#giveToken(new URLSearchParams(body.toString()), response)
    }
    if (pathname.startsWith('/session/')) {
      return this.#sessionState(request, pathname.slice(9), response)
    }
    if (!this.#token || request.headers.authorization !== `Bearer ${this.#token}`) {
      return problem(response, 401, 'authError')
    }
    if (pathname === '/upload/drive/v3/files') {
      const meta = JSON.parse(body.toString()) as Meta
      return this.#startSession(request, url, meta, response)
    }
    if (pathname === '/drive/v3/about') {
      const storageQuota = {
        usage: String(this.#used),
        ...(this.limit === null ? {} : { limit: String(this.limit) }),
      }
      return json(response, 200, { storageQuota })
    }
    if (pathname === '/drive/v3/drives') {
      return json(response, 200, { drives: [{ id: SHARED_DRIVE, name: 'Media' }] })
    }
    if (pathname === '/drive/v3/files/generateIds') {
      return json(response, 200, { ids: [randomUUID().replaceAll('-', '')] })
    }
    if (pathname === '/drive/v3/files') {
      return request.method === 'POST'
        ? this.#makeFolder(JSON.parse(body.toString()) as Meta, response)
        : this.#list(url, response)
    }
    return this.#file(request, url, decodeURIComponent(pathname.slice(16)), response)
  }

  #consent(url: URL, response: Answer): void {
    const { searchParams: asked } = url
    const code = randomUUID()
    this.#codes.set(code, asked.get('code_challenge') ?? '')
    const back = new URL(asked.get('redirect_uri') ?? '')
    back.searchParams.set('state', asked.get('state') ?? '')
    back.searchParams.set('code', code)
    response?.writeHead(302, { location: back.href }).end()
  }

  #giveToken(form: URLSearchParams, response: Answer): void {
    const kind = form.get('grant_type')
    const isGood =
      kind === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
        ? isSigned(form.get('assertion') ?? '')
        : kind === 'authorization_code'
          ? this.#codes.get(form.get('code') ?? '') === challengeOf(form.get('code_verifier') ?? '')
          : form.get('refresh_token') === this.refreshToken
    if (!isGood) {
      return json(response, 400, { error: 'invalid_grant', error_description: 'not good' })
    }
    this.tokens += 1
    this.#token = `ya29.${randomBytes(30).toString('base64url')}`
    json(response, 200, {
      access_token: this.#token,
      expires_in: 3600,
      token_type: 'Bearer',
      ...(kind === 'authorization_code' ? { refresh_token: this.refreshToken } : {}),
    })
  }

  #startSession(request: IncomingMessage, url: URL, meta: Meta, response: Answer): void {
    const total = Number(request.headers['x-upload-content-length'])
    const [parent = ''] = meta.parents
    const isSeen = url.searchParams.get('supportsAllDrives') === 'true'
    if (!isRoot(parent) && !this.files.has(parent)) {
      return problem(response, 404, 'notFound')
    }
    if (!isSeen && this.#isOnSharedDrive(parent)) {
      return problem(response, 404, 'notFound')
    }
    const opened = this.openSession(meta, total)
    if ('session' in opened) {
      response?.writeHead(200, { location: opened.session }).end()
    } else if (opened.problem === 'taken') {
      problem(response, 409, 'fileIdInUse')
    } else {
      problem(response, 403, 'storageQuotaExceeded')
    }
  }

  /**
   * Takes what a request brings to a session, unit by unit, so that a cut keeps what came before it.
   * Null for a chunk that no session takes: one of another size than units, before the last.
   */
  async #take(
    request: IncomingMessage,
    url: URL,
    span: ByteSpan | null,
    fault: Omit<DriveFault, 'on'> | null
  ): Promise<Buffer | null> {
    const session = this.sessions.get(url.pathname.slice(9))
    const isDone = fault?.status === undefined && fault?.how !== 'reset'
    const { first, last, total } = span ?? { first: 0, last: -1, total: 0 }
    const isTaken = last + 1 === total || (last + 1 - first) % DRIVE_UNIT === 0
    const most = fault?.how === 'cut' ? (fault.after ?? 0) : Infinity
    let at = first
    let came = 0
    let pending = Buffer.alloc(0)
    const keep = (bytes: Buffer) => {
      const content = session?.content
      if (content && isDone && isTaken && session.total === total && at <= content.size) {
        content.append(bytes.subarray(Math.min(bytes.length, content.size - at)))
      }
      at += bytes.length
    }
    try {
      for await (const piece of request as AsyncIterable<Buffer>) {
        this.received += piece.length
        const taken = piece.subarray(0, Math.max(0, most - came))
        came += taken.length
        pending = Buffer.concat([pending, taken])
        const units = pending.length - (pending.length % DRIVE_UNIT)
        keep(pending.subarray(0, units))
        pending = pending.subarray(units)
        if (came >= most) {
          return NOTHING
        }
      }
    } catch {
      return NOTHING // who sent it is gone: whole units stay
    }
    keep(pending)
    return span === null || isTaken ? NOTHING : null
  }

  #sessionState(request: IncomingMessage, id: string, response: Answer): void {
    const session = this.sessions.get(id)
    if (!session) {
      return problem(response, 404, 'notFound')
    }
    const { content, total, meta } = session
    if (content.size === total) {
      const createdTime = new Date().toISOString()
      const file = this.files.get(meta.id) ?? { ...meta, createdTime, ...content.sums() }
      if (!this.files.has(meta.id) && !session.isDone) {
        session.isDone = true
        renameSync(content.path, this.#path(meta.id))
        this.files.set(file.id, file)
      }
      if (this.loseFinal) {
        this.loseFinal = false
        request.socket.destroy()
        return
      }
      return json(response, 200, shown(file))
    }
    const range = content.size > 0 ? { range: `bytes=0-${content.size - 1}` } : {}
    response?.writeHead(308, range).end()
  }

  #makeFolder(meta: Meta, response: Answer): void {
    const id = randomUUID().replaceAll('-', '')
    const createdTime = new Date().toISOString()
    const sums = { size: 0, sha256: '', md5: '' }
    this.files.set(id, { ...meta, id, appProperties: {}, createdTime, ...sums })
    json(response, 200, { id })
  }

  #list(url: URL, response: Answer): void {
    const { searchParams: asked } = url
    const q = asked.get('q') ?? ''
    const [, name] = /name = '((?:[^'\\]|\\.)*)'/.exec(q) ?? []
    const [, parent] = /'([^']*)' in parents/.exec(q) ?? []
    const [, key, value] = /key='([^']*)' and value='([^']*)'/.exec(q) ?? []
    const isSeen =
      asked.get('supportsAllDrives') === 'true' && asked.get('includeItemsFromAllDrives') === 'true'
    const found = [...this.files.values()].filter(
      (file) =>
        (name === undefined || file.name === name.replaceAll(/\\(.)/g, '$1')) &&
        (parent === undefined || file.parents.includes(parent)) &&
        (key === undefined || file.appProperties[key] === value) &&
        (isSeen || !this.#isOnSharedDrive(file.id))
    )
    json(response, 200, { files: found.map(shown) })
  }

  #isOnSharedDrive(id: string): boolean {
    if (isRoot(id)) {
      return id === SHARED_DRIVE || this.isShared
    }
    return this.#isOnSharedDrive(this.files.get(id)?.parents[0] ?? SHARED_DRIVE)
  }

  #file(request: IncomingMessage, url: URL, id: string, response: Answer): void {
    if (isRoot(id)) {
      const drive = this.#isOnSharedDrive(id) ? { driveId: SHARED_DRIVE } : {}
      const capabilities = { canAddChildren: true }
      return json(response, 200, { id, name: 'Media', ...drive, capabilities })
    }
    const file = this.files.get(id)
    const isSeen = url.searchParams.get('supportsAllDrives') === 'true'
    if (!file || (!isSeen && this.#isOnSharedDrive(id))) {
      return problem(response, 404, 'notFound')
    }
    if (request.method === 'DELETE') {
      this.files.delete(id)
      response?.writeHead(204).end()
      return
    }
    if (url.searchParams.get('alt') !== 'media') {
      return json(response, 200, shown(file))
    }
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const first = Number(start ?? 0)
    const last = end ? Math.min(Number(end), file.size - 1) : file.size - 1
    response?.writeHead(start === undefined ? 200 : 206, {
      'content-type': file.mimeType,
      'content-length': Math.max(0, last - first + 1),
    })
    if (response) {
      createReadStream(this.#path(id), { start: first, end: Math.max(first, last) }).pipe(response)
    }
  }
}

/** Bytes that grow at their end, with their sums. */
class Content {
  size = 0
  readonly path: string
  readonly #sha256 = createHash('sha256')
  readonly #md5 = createHash('md5')

  constructor(path: string) {
    this.path = path
    appendFileSync(path, '')
  }

  append(bytes: Buffer): void {
    appendFileSync(this.path, bytes)
    this.#sha256.update(bytes)
    this.#md5.update(bytes)
    this.size += bytes.length
  }

  sums() {
    const sha256 = this.#sha256.copy().digest('hex')
    return { size: this.size, sha256, md5: this.#md5.copy().digest('hex') }
  }
}

function spanOf({ headers }: IncomingMessage): ByteSpan | null {
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '')
  const [first = 0, last = 0, total = 0] = (found ?? []).slice(1).map(Number)
  return found === null ? null : { first, last, total }
}

function isRoot(id: string): boolean {
  return id === 'root' || id === SHARED_DRIVE
}

function shown({ size, sha256, md5, ...meta }: DriveEmulatorFile) {
  return {
    ...meta,
    size: String(size),
    sha256Checksum: sha256,
    md5Checksum: md5,
    trashed: false,
  }
}

/** Whether an assertion is signed with the key given out, says who it is of, and still holds. */
function isSigned(assertion: string): boolean {
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  const isTrue = createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(keys().publicKey, signature, 'base64url')
  if (!isTrue) {
    return false
  }
  const { iss, aud, exp, iat, scope } = JSON.parse(
    Buffer.from(claims, 'base64url').toString()
  ) as Partial<Record<'iss' | 'aud' | 'scope', string>> & { exp?: number; iat?: number }
  const now = Date.now() / 1000
  return (
    iss === SERVICE_ACCOUNT.client_email &&
    (aud ?? '').startsWith(TOKEN_ORIGIN) &&
    /\/auth\/drive/.test(scope ?? '') &&
    (exp ?? 0) > now &&
    (exp ?? 0) - (iat ?? 0) <= 3600
  )
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function json(response: Answer, status: number, body: unknown): void {
  response?.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function problem(
  response: Answer,
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {}
): void {
  const error = { code: status, message: reason, errors: [{ reason, message: reason }] }
  response
    ?.writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ error }))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
