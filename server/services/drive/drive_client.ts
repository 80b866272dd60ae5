import { readKeyFile } from '#services/drive/drive_credentials'
import { DriveError, retryAfterOf, type DriveAnswer } from '#services/drive/drive_errors'
import type { DriveSettings } from '#services/drive/drive_settings'
import { DiskError, type ByteRange } from '#services/storage/disk'
import app from '@adonisjs/core/services/app'
import type { drive_v3 as Drive } from 'googleapis/build/src/apis/drive/index.js'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/*
| The only file that knows `googleapis`. It is loaded by its sub-path, at the first use: the whole
| package takes half a second and 160 MB.
*/
const load = () => import('googleapis/build/src/apis/drive/index.js')
type Library = Awaited<ReturnType<typeof load>>

/** Sessions take chunks of a multiple of this. */
export const CHUNK_UNIT = 256 * 1024
const CHUNK = 32 * CHUNK_UNIT

const REQUEST_MS = 30_000
const CHUNK_MS = 120_000
/** Tries of one request, and the longest wait between two: who asks for more is told to come later. */
const MOST_TRIES = 3
const LONGEST_WAIT_MS = 4_000
const FIRST_WAIT_MS = 500

const FOLDER = 'application/vnd.google-apps.folder'
const FILE_FIELDS = 'id,name,size,sha256Checksum,md5Checksum,appProperties,createdTime,trashed'
/** Folders whose ids are remembered. */
const MOST_FOLDERS = 2000

/** A service account sees what is shared with it; a person's connection only what WorkSight made. */
const SCOPES = {
  'service account': 'https://www.googleapis.com/auth/drive',
  'user': 'https://www.googleapis.com/auth/drive.file',
} as const

export type DriveFile = {
  readonly id: string
  readonly bytes: number
  readonly sha256: string | null
  readonly md5: string | null
  readonly properties: Readonly<Record<string, string>>
  readonly writtenAt: number
}

export type NewFile = {
  readonly id: string
  readonly name: string
  readonly folder: string
  readonly mediaType: string
  readonly bytes: number
  readonly properties: Readonly<Record<string, string>>
}

/** Where a session stands: bytes that Google has, the whole file, or nothing any more. */
export type SessionState =
  | { readonly state: 'open'; readonly offset: number }
  | { readonly state: 'done' }
  | { readonly state: 'gone' }

/** Bytes of a Drive; `limit` is null where there is none, as on a shared drive. */
export type DriveQuota = { readonly used: number; readonly limit: number | null }

type Auth = InstanceType<Library['auth']['OAuth2']>

type Connection = { readonly auth: Auth; readonly drive: Drive.Drive }

/** Waiting, so that tests need not. */
type Wait = (ms: number) => Promise<unknown>

/** A Drive, by one credential. What fails throws a DriveError; what passes by itself is tried again. */
export class DriveClient {
  readonly #settings: DriveSettings
  readonly #wait: Wait
  readonly #folders = new Map<string, Promise<string>>()
  #connection: Promise<Connection> | null = null

  constructor(settings: DriveSettings, wait: Wait = sleep) {
    this.#settings = settings
    this.#wait = wait
  }

  get settings(): DriveSettings {
    return this.#settings
  }

  /** Reads the credential. Throws E_DISK_REFUSED with the sentence that says what is wrong with it. */
  async readCredential(): Promise<void> {
    await this.#connect()
  }

  /** Asks for a token. */
  async signIn(): Promise<void> {
    const { auth } = await this.#connect()
    await this.#call(async () => {
      auth.credentials.expiry_date = 1
      await auth.getAccessToken()
    })
  }

  /** The folder that everything goes below: its name, and whether it stands on a shared drive. */
  async root(): Promise<{ name: string; isShared: boolean; canWrite: boolean }> {
    const { drive } = await this.#connect()
    const { data } = await this.#call(() =>
      drive.files.get({
        fileId: this.#rootId(),
        supportsAllDrives: true,
        fields: 'id,name,driveId,capabilities/canAddChildren',
      })
    )
    return {
      name: data.name ?? '',
      isShared: Boolean(data.driveId),
      canWrite: data.capabilities?.canAddChildren !== false,
    }
  }

  async quota(): Promise<DriveQuota> {
    const { drive } = await this.#connect()
    const { data } = await this.#call(() => drive.about.get({ fields: 'storageQuota' }))
    const { limit, usage } = data.storageQuota ?? {}
    return { used: Number(usage ?? 0), limit: limit ? Number(limit) : null }
  }

  /** An id for a file that is to be made. */
  async newId(): Promise<string> {
    const { drive } = await this.#connect()
    const { data } = await this.#call(() => drive.files.generateIds({ count: 1, space: 'drive' }))
    const [id] = data.ids ?? []
    if (!id) {
      throw new DriveError({ status: 500, reason: 'noId', isSession: false })
    }
    return id
  }

  /** The id of a folder below the root, made where it is missing. */
  folder(names: readonly string[]): Promise<string> {
    const key = names.join('/')
    const known = this.#folders.get(key)
    if (known) {
      return known
    }
    if (this.#folders.size >= MOST_FOLDERS) {
      this.#folders.clear()
    }
    const made = this.#makeFolder(names)
    this.#folders.set(key, made)
    made.catch(() => this.#folders.delete(key))
    return made
  }

  /** Somebody may have removed a folder by hand. */
  forgetFolders() {
    this.#folders.clear()
  }

  async #makeFolder(names: readonly string[]): Promise<string> {
    const name = names.at(-1)
    if (name === undefined) {
      return this.#rootId()
    }
    const parent = await this.folder(names.slice(0, -1))
    const { drive } = await this.#connect()
    const q = `name = '${quoted(name)}' and '${parent}' in parents and mimeType = '${FOLDER}' and trashed = false`
    const { data } = await this.#call(() =>
      drive.files.list({
        q,
        orderBy: 'createdTime',
        pageSize: 1,
        fields: 'files(id)',
        supportsAllDrives: true,
        includeItemsFromAllDrives: true,
      })
    )
    const found = data.files?.[0]?.id
    if (found) {
      return found
    }
    const { data: made } = await this.#call(() =>
      drive.files.create({
        requestBody: { name, mimeType: FOLDER, parents: [parent] },
        fields: 'id',
        supportsAllDrives: true,
      })
    )
    return made.id ?? ''
  }

  /** Opens a resumable session for one file, and returns its address. Throws `taken` when the id is used. */
  async startSession({ id, name, folder, mediaType, bytes, properties }: NewFile): Promise<string> {
    const { auth } = await this.#connect()
    const answer = await this.#call(() =>
      auth.request({
        url: `${this.#base()}/upload/drive/v3/files?uploadType=resumable&supportsAllDrives=true`,
        method: 'POST',
        headers: {
          'X-Upload-Content-Type': mediaType,
          'X-Upload-Content-Length': String(bytes),
        },
        data: { id, name, parents: [folder], mimeType: mediaType, appProperties: properties },
        retry: false,
        timeout: REQUEST_MS,
      })
    )
    const session = answer.headers.get('location')
    if (!session) {
      throw new DriveError({ status: 500, reason: 'noSession', isSession: false })
    }
    return session
  }

  /** Asks a session what it has. */
  async sessionState(session: string, bytes: number): Promise<SessionState> {
    return this.#session(session, { 'Content-Range': `bytes */${bytes}` }, null, REQUEST_MS)
  }

  /** Sends a file over a session, from where it stands. False when the session is gone. */
  async send(session: string, path: string, bytes: number, signal?: AbortSignal): Promise<boolean> {
    const file = await open(path, 'r')
    try {
      let state = await this.sessionState(session, bytes)
      while (state.state === 'open') {
        signal?.throwIfAborted()
        state = await this.#chunk(session, file, state.offset, bytes)
      }
      return state.state === 'done'
    } finally {
      await file.close()
    }
  }

  async #chunk(
    session: string,
    file: Awaited<ReturnType<typeof open>>,
    offset: number,
    bytes: number
  ): Promise<SessionState> {
    const chunk = Buffer.alloc(Math.min(CHUNK, bytes - offset))
    await file.read(chunk, 0, chunk.length, offset)
    const range = `bytes ${offset}-${offset + chunk.length - 1}/${bytes}`
    try {
      return await this.#session(session, { 'Content-Range': range }, chunk, CHUNK_MS)
    } catch (error) {
      if (error instanceof DriveError && error.verdict === 'wait') {
        return this.sessionState(session, bytes) // some of it may have arrived
      }
      throw error
    }
  }

  /** One request to a session. A chunk is tried once: what is to be sent next, its state says. */
  async #session(
    url: string,
    headers: Record<string, string>,
    data: Buffer | null,
    timeout: number
  ): Promise<SessionState> {
    const { auth } = await this.#connect()
    const request = () =>
      auth.request({
        url,
        method: 'PUT',
        headers,
        ...(data ? { data } : {}),
        retry: false,
        timeout,
        redirect: 'manual',
        validateStatus: (status) => status === 200 || status === 201 || status === 308,
      })
    try {
      const { status, headers: answered } = await this.#call(request, {
        isSession: true,
        tries: data ? 1 : MOST_TRIES,
      })
      return status === 308
        ? { state: 'open', offset: offsetOf(answered.get('range')) }
        : { state: 'done' }
    } catch (error) {
      if (error instanceof DriveError && error.verdict === 'new session') {
        return { state: 'gone' }
      }
      throw error
    }
  }

  /** What is known of a file; null when it is not there, or in the bin. */
  async find(id: string): Promise<DriveFile | null> {
    const { drive } = await this.#connect()
    try {
      const { data } = await this.#call(() =>
        drive.files.get({ fileId: id, fields: FILE_FIELDS, supportsAllDrives: true })
      )
      return data.trashed ? null : fileOf(data)
    } catch (error) {
      if (error instanceof DriveError && error.verdict === 'missing') {
        return null
      }
      throw error
    }
  }

  /** The bytes of a file, or a range of them. */
  async read(id: string, range?: ByteRange): Promise<Readable> {
    const { auth } = await this.#connect()
    const { data } = await this.#call(() =>
      auth.request<Readable>({
        url: `${this.#base()}/drive/v3/files/${encodeURIComponent(id)}?alt=media&supportsAllDrives=true`,
        headers: range ? { Range: `bytes=${range.start}-${range.end}` } : {},
        responseType: 'stream',
        retry: false,
      })
    )
    return data
  }

  /** Deletes a file for good; one that is gone is fine. */
  async remove(id: string): Promise<void> {
    const { drive } = await this.#connect()
    try {
      await this.#call(() => drive.files.delete({ fileId: id, supportsAllDrives: true }))
    } catch (error) {
      if (!(error instanceof DriveError && error.verdict === 'missing')) {
        throw error
      }
    }
  }

  /** Every file that this installation made. */
  async *files(property: string, value: string): AsyncGenerator<DriveFile> {
    const { drive } = await this.#connect()
    const q = `appProperties has { key='${quoted(property)}' and value='${quoted(value)}' } and trashed = false`
    let pageToken: string | undefined
    do {
      const { data } = await this.#call(() =>
        drive.files.list({
          q,
          pageSize: 1000,
          fields: `nextPageToken,files(${FILE_FIELDS})`,
          supportsAllDrives: true,
          includeItemsFromAllDrives: true,
          ...(pageToken ? { pageToken } : {}),
        })
      )
      yield* (data.files ?? []).map(fileOf)
      pageToken = data.nextPageToken ?? undefined
    } while (pageToken)
  }

  #rootId(): string {
    return this.#settings.folderId ?? 'root'
  }

  #base(): string {
    return this.#settings.baseUrl ?? 'https://www.googleapis.com'
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = null
      throw error
    })
    return this.#connection
  }

  async #open(): Promise<Connection> {
    const { credential, baseUrl } = this.#settings
    if (credential.kind === 'none') {
      throw new DiskError('E_DISK_REFUSED', 'google-drive', {
        message:
          'Google Drive is not set up: give it the key of a service account, or connect a Drive',
      })
    }
    const key =
      credential.kind === 'service account'
        ? await readKeyFile(credential.keyFile, app.makePath())
        : null
    const library = await load()
    const auth = key
      ? (new library.auth.JWT({
          email: key.client_email,
          key: key.private_key,
          scopes: [SCOPES['service account']],
        }) as Auth)
      : oauthOf(library, credential, baseUrl)
    if (baseUrl) {
      redirect(auth, baseUrl)
    }
    const drive = library.drive({
      version: 'v3',
      auth: auth as never,
      rootUrl: `${this.#base()}/`,
      retry: false,
      timeout: REQUEST_MS,
    })
    return { auth, drive }
  }

  /**
   * Makes a request by the table of errors: 401 refreshes the token once, what passes is waited for and
   * tried again, everything else is thrown.
   */
  async #call<Answer>(
    request: () => Promise<Answer>,
    { isSession = false, tries = MOST_TRIES } = {}
  ): Promise<Answer> {
    let hasRefreshed = false
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request()
      } catch (cause) {
        const error = await named(cause, isSession)
        if (error.verdict === 'refresh' && !hasRefreshed) {
          hasRefreshed = true
          const { auth } = await this.#connect()
          auth.credentials.expiry_date = 1
        } else if (error.verdict === 'wait' && attempt < tries && isShort(error.retryAfter)) {
          await this.#wait(waitOf(attempt, error.retryAfter))
        } else {
          throw error
        }
      }
    }
  }
}

/** The consent page of Google, and what comes back from it. */
export class DriveConsent {
  readonly #client: { readonly clientId: string; readonly clientSecret: string }
  readonly #redirectUrl: string
  readonly #baseUrl: string | null

  constructor(
    client: { readonly clientId: string; readonly clientSecret: string },
    redirectUrl: string,
    baseUrl: string | null
  ) {
    this.#client = client
    this.#redirectUrl = redirectUrl
    this.#baseUrl = baseUrl
  }

  /** Where a person is sent to allow it. `challenge` is the S256 of the verifier (PKCE, RFC 7636). */
  async address(state: string, challenge: string): Promise<string> {
    return (await this.#open()).generateAuthUrl({
      access_type: 'offline',
      prompt: 'consent',
      scope: [SCOPES.user],
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256' as never,
    })
  }

  /** Exchanges the code that came back for a refresh token. */
  async exchange(code: string, verifier: string): Promise<string> {
    const client = await this.#open()
    try {
      const { tokens } = await client.getToken({ code, codeVerifier: verifier })
      if (!tokens.refresh_token) {
        throw new DriveError({ status: 400, reason: 'noRefreshToken', isSession: false })
      }
      return tokens.refresh_token
    } catch (cause) {
      throw await named(cause, false)
    }
  }

  async #open(): Promise<Auth> {
    const library = await load()
    return new library.auth.OAuth2({
      ...this.#client,
      redirectUri: this.#redirectUrl,
      ...endpointsOf(this.#baseUrl),
    })
  }
}

function oauthOf(
  library: Library,
  credential: DriveSettings['credential'],
  baseUrl: string | null
): Auth {
  if (credential.kind !== 'user') {
    throw new Error('E_DRIVE_CREDENTIAL: expected the credential of a user')
  }
  const { clientId, clientSecret, refreshToken } = credential
  const auth = new library.auth.OAuth2({ clientId, clientSecret, ...endpointsOf(baseUrl) })
  auth.setCredentials({ refresh_token: refreshToken })
  return auth
}

function endpointsOf(baseUrl: string | null) {
  return baseUrl
    ? {
        endpoints: {
          oauth2TokenUrl: `${baseUrl}/token`,
          oauth2AuthBaseUrl: `${baseUrl}/o/oauth2/v2/auth`,
        },
      }
    : {}
}

/** The address of tokens stands in the library's code: with an emulator it is another one. */
function redirect(auth: Auth, baseUrl: string) {
  auth.transporter.interceptors.request.add({
    resolved: async (request) => {
      if (request.url.origin === 'https://oauth2.googleapis.com') {
        request.url = new URL(`${baseUrl}${request.url.pathname}`)
      }
      return request
    },
  })
}

function fileOf(data: Drive.Schema$File): DriveFile {
  return {
    id: data.id ?? '',
    bytes: Number(data.size ?? 0),
    sha256: data.sha256Checksum ?? null,
    md5: data.md5Checksum ?? null,
    properties: data.appProperties ?? {},
    writtenAt: Date.parse(data.createdTime ?? '') || 0,
  }
}

/** `bytes=0-n` says that n + 1 bytes are there; without it there is none. */
function offsetOf(range: string | null): number {
  const last = /^bytes=0-(\d+)$/.exec(range ?? '')?.[1]
  return last === undefined ? 0 : Number(last) + 1
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}

function waitOf(attempt: number, retryAfter: number | null): number {
  const spread = Math.random() * FIRST_WAIT_MS * 2 ** attempt
  return Math.max(spread, (retryAfter ?? 0) * 1000)
}

function isShort(retryAfter: number | null): boolean {
  return (retryAfter ?? 0) * 1000 <= LONGEST_WAIT_MS
}

type Failure = {
  readonly response?: {
    readonly status?: number
    readonly headers?: Headers
    readonly data?: unknown
  }
}

/** What the library threw, by the table. */
async function named(cause: unknown, isSession: boolean): Promise<DriveError> {
  if (cause instanceof DriveError) {
    return cause
  }
  if (cause instanceof DiskError) {
    throw cause
  }
  const { response } = cause as Failure
  const { reason, said } = reasonOf(await bodyOf(response?.data))
  const answer: DriveAnswer = {
    status: tokenStatus(response?.status ?? null, reason),
    reason,
    isSession,
  }
  return new DriveError(answer, {
    said,
    retryAfter: retryAfterOf(response?.headers?.get('retry-after') ?? null),
    cause,
  })
}

/** The endpoint of tokens says 400 where the credential itself is refused. */
function tokenStatus(status: number | null, reason: string | null): number | null {
  return status === 400 && reason === 'invalid_grant' ? 401 : status
}

/** An error's body, parsed; the body of a file's request is a stream. */
async function bodyOf(data: unknown): Promise<unknown> {
  const text =
    data && typeof data === 'object' && Symbol.asyncIterator in data
      ? await textOf(data as Readable)
      : data
  if (typeof text !== 'string') {
    return text
  }
  try {
    return JSON.parse(text)
  } catch {
    return null // a proxy's page: the status says enough
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Uint8Array))
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(body: unknown): { reason: string | null; said: string | null } {
  const { error, error_description: description } = (body ?? {}) as {
    error?: string | { message?: string; errors?: { reason?: string }[] }
    error_description?: string
  }
  return typeof error === 'string'
    ? { reason: error, said: description ?? null }
    : { reason: error?.errors?.[0]?.reason ?? null, said: error?.message ?? null }
}
