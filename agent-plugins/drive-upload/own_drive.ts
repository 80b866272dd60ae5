import { createSign } from 'node:crypto'
import type { Http, UploadPermit } from '@worksight/agent-core'
import type { ServiceAccountKey } from './key_file.ts'
import { reasonOf, sessionVerdict, type SessionAnswer } from './resumable.ts'

/** What is to be stored, as Google is to know it. */
export type NewDriveFile = {
  /** The observation's id: it names the file again after a lost answer. */
  readonly id: string
  readonly name: string
  /** Names of folders below the root, made where they are missing. */
  readonly folders: readonly string[]
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
  readonly properties: Readonly<Record<string, string>>
}

/** What is remembered of an upload: the file's id, made before its first byte, and its session. */
export type KnownUpload = { readonly key: string; readonly session: string | null }

/** Where uploads are remembered across restarts. */
export interface UploadMemory {
  read(id: string): Promise<KnownUpload | null>
  write(id: string, upload: KnownUpload): Promise<void>
}

export type OwnDriveOptions = {
  readonly key: ServiceAccountKey
  /** A shared drive or a folder. */
  readonly folderId: string
  readonly http: Pick<Http, 'post'>
  readonly memory: UploadMemory
  /** Where an emulator stands for Google; null is Google itself. */
  readonly baseUrl: string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const GOOGLE = {
  api: 'https://www.googleapis.com',
  token: 'https://oauth2.googleapis.com',
} as const
const SCOPE = 'https://www.googleapis.com/auth/drive'
const FOLDER = 'application/vnd.google-apps.folder'
const ALL_DRIVES = 'supportsAllDrives=true'
const LISTED = `${ALL_DRIVES}&includeItemsFromAllDrives=true`
const HOUR_S = 3600
/** A token is renewed this long before it ends, in milliseconds. */
const EARLY_MS = 60_000

type Call = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}
type Answered = { readonly body: unknown; readonly location: string | null }

/** Why a call did not do what it was asked to. */
class Trouble extends Error {
  readonly permit: UploadPermit & { readonly status: 'away' }
  readonly status: number | null

  constructor(permit: Omit<Trouble['permit'], 'status'>, status: number | null) {
    super(permit.reason)
    this.permit = { ...permit, status: 'away' }
    this.status = status
  }
}

/**
 * A Drive, by a key on this machine: it opens the sessions that the server opens where there is none.
 * The same observation has the same file, also after a restart or a lost answer.
 */
export class OwnDrive {
  readonly #options: OwnDriveOptions
  readonly #folders = new Map<string, Promise<string>>()
  #token: { readonly value: string; readonly until: number } | null = null

  constructor(options: OwnDriveOptions) {
    this.#options = options
  }

  /** A session for a file; none where the whole file is there. `isAnew`: the last session is gone. */
  async open(file: NewDriveFile, isAnew: boolean, signal: AbortSignal): Promise<UploadPermit> {
    try {
      const { key, session } = await this.#open(file, isAnew, signal)
      const upload = { disk: 'google-drive', key, session, bytes: file.bytes } as const
      return { status: 'granted', upload }
    } catch (error) {
      if (error instanceof Trouble) {
        return error.permit
      }
      throw error
    }
  }

  async #open(file: NewDriveFile, isAnew: boolean, signal: AbortSignal): Promise<KnownUpload> {
    const { memory } = this.#options
    const there = await this.#find(file, signal)
    if (there !== null) {
      return { key: there, session: null }
    }
    const known = await memory.read(file.id)
    if (known !== null && known.session !== null && !isAnew) {
      return known
    }
    const key = known?.key ?? (await this.#newId(signal))
    await memory.write(file.id, { key, session: null }) // before the file can be there
    const session = await this.#begin(file, key, signal)
    await memory.write(file.id, { key, session })
    return { key, session }
  }

  /** The id of the whole file of this observation; null where there is none. */
  async #find({ id, bytes, sha256 }: NewDriveFile, signal: AbortSignal): Promise<string | null> {
    const q = `appProperties has { key='ws' and value='${id}' } and trashed = false`
    const path = `/drive/v3/files?q=${encodeURIComponent(q)}&fields=files(id,size,sha256Checksum)&${LISTED}`
    const { body } = await this.#call({ path }, signal)
    const { files = [] } = body as {
      files?: readonly { id: string; size?: string; sha256Checksum?: string }[]
    }
    const whole = files.find(
      (file) => Number(file.size) === bytes && file.sha256Checksum === sha256
    )
    return whole?.id ?? null
  }

  async #newId(signal: AbortSignal): Promise<string> {
    const path = '/drive/v3/files/generateIds?count=1&space=drive'
    const { body } = await this.#call({ path }, signal)
    const [id] = (body as { ids?: readonly string[] }).ids ?? []
    if (id === undefined) {
      throw new Trouble(unexpected('no id for a new file'), null)
    }
    return id
  }

  async #begin(file: NewDriveFile, key: string, signal: AbortSignal): Promise<string | null> {
    const start = async () => {
      const { location } = await this.#call(
        {
          method: 'POST',
          path: `/upload/drive/v3/files?uploadType=resumable&${ALL_DRIVES}`,
          headers: {
            'x-upload-content-type': file.mediaType,
            'x-upload-content-length': String(file.bytes),
          },
          body: {
            id: key,
            name: file.name,
            parents: [await this.#folder(file.folders, signal)],
            mimeType: file.mediaType,
            appProperties: file.properties,
          },
        },
        signal
      )
      if (location === null) {
        throw new Trouble(unexpected('no session'), null)
      }
      return location
    }
    try {
      return await start()
    } catch (error) {
      if (error instanceof Trouble && error.status === 409) {
        return null // a file of this id is there: the answer to its last chunk was lost
      }
      if (error instanceof Trouble && error.status === 404 && this.#folders.size > 0) {
        this.#folders.clear() // somebody removed a folder by hand
        return start()
      }
      throw error
    }
  }

  #folder(names: readonly string[], signal: AbortSignal): Promise<string> {
    const key = names.join('/')
    const known = this.#folders.get(key)
    if (known !== undefined) {
      return known
    }
    const made = this.#makeFolder(names, signal)
    this.#folders.set(key, made)
    made.catch(() => this.#folders.delete(key))
    return made
  }

  async #makeFolder(names: readonly string[], signal: AbortSignal): Promise<string> {
    const name = names.at(-1)
    if (name === undefined) {
      return this.#options.folderId
    }
    const parent = await this.#folder(names.slice(0, -1), signal)
    const quoted = name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
    const q = `name = '${quoted}' and '${parent}' in parents and mimeType = '${FOLDER}' and trashed = false`
    const path = `/drive/v3/files?q=${encodeURIComponent(q)}&fields=files(id)&pageSize=1&orderBy=createdTime&${LISTED}`
    const { body: listed } = await this.#call({ path }, signal)
    const [found] = (listed as { files?: readonly { id: string }[] }).files ?? []
    if (found !== undefined) {
      return found.id
    }
    const body = { name, mimeType: FOLDER, parents: [parent] }
    const made = await this.#call(
      { method: 'POST', path: `/drive/v3/files?fields=id&${ALL_DRIVES}`, body },
      signal
    )
    return (made.body as { id: string }).id
  }

  /** One call; a token that is not good any more is renewed once. */
  async #call(call: Call, signal: AbortSignal): Promise<Answered> {
    try {
      return await this.#request(call, signal)
    } catch (error) {
      if (error instanceof Trouble && error.status === 401) {
        this.#token = null
        return this.#request(call, signal)
      }
      throw error
    }
  }

  async #request(call: Call, signal: AbortSignal): Promise<Answered> {
    const { method = 'GET', path, body, headers } = call
    return this.#exchange({
      method,
      url: new URL(`${this.#options.baseUrl ?? GOOGLE.api}${path}`),
      headers: {
        'authorization': `Bearer ${await this.#signIn(signal)}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      signal,
    })
  }

  async #signIn(signal: AbortSignal): Promise<string> {
    const { baseUrl, now } = this.#options
    if (this.#token !== null && this.#token.until > now()) {
      return this.#token.value
    }
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: this.#assertion(),
    })
    const { body } = await this.#exchange({
      method: 'POST',
      url: new URL(`${baseUrl ?? GOOGLE.token}/token`),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form.toString()),
      signal,
    })
    const { access_token: value, expires_in: seconds = HOUR_S } = body as {
      access_token?: string
      expires_in?: number
    }
    if (value === undefined) {
      throw new Trouble(unexpected('no token'), null)
    }
    this.#token = { value, until: now() + seconds * 1000 - EARLY_MS }
    return value
  }

  /** A signed assertion: https://developers.google.com/identity/protocols/oauth2/service-account */
  #assertion(): string {
    const { key, now } = this.#options
    const iat = Math.floor(now() / 1000)
    const claims = {
      iss: key.client_email,
      scope: SCOPE,
      aud: `${GOOGLE.token}/token`,
      iat,
      exp: iat + HOUR_S,
    }
    const text = [{ alg: 'RS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key.private_key, 'base64url')}`
  }

  async #exchange(post: Parameters<Http['post']>[0]): Promise<Answered> {
    const { reply, headers } = await this.#options.http.post(post)
    if (reply.kind === 'answer' && reply.status >= 200 && reply.status < 300) {
      return { body: reply.body, location: headers.location ?? null }
    }
    const answer: SessionAnswer =
      reply.kind === 'failure'
        ? { status: null, message: `${reply.message} (${reply.code})` }
        : {
            status: reply.status,
            reason: reasonOf(reply.body),
            range: null,
            retryAfterMs: reply.retryAfterMs,
          }
    const verdict = sessionVerdict(answer)
    const reason = 'reason' in verdict ? verdict.reason : 'Google Drive answered what nobody asked'
    const isFull = verdict.then === 'stop' && verdict.isFull
    const retryAfterMs = verdict.then === 'ask' ? verdict.retryAfterMs : null
    throw new Trouble({ isFull, reason, retryAfterMs }, answer.status)
  }
}

function unexpected(found: string) {
  return { isFull: false, reason: `Google Drive gave ${found}`, retryAfterMs: null }
}
