import { isAbsolute, join } from 'node:path'
import {
  AgentError,
  DRIVE,
  Http,
  resolveOptions,
  serverAddress,
  Unavailable,
  type Agent,
  type Check,
  type Plugin,
  type PluginNotice,
  type SpooledItem,
  type StoredFile,
  type UploadPermit,
  type Verdict,
} from '@worksight/agent-core'
import type { Recording } from '@worksight/agent-core/contract/recording'
import type { Screenshot } from '@worksight/agent-core/contract/screenshot'
import { readKeyFile } from './key_file.ts'
import { OwnDrive, type NewDriveFile } from './own_drive.ts'
import manifest from './package.json' with { type: 'json' }
import { CHUNK_UNIT } from './resumable.ts'
import { sendFile, type SendOptions, type SendOutcome } from './send_file.ts'
import { FolderMemory } from './upload_memory.ts'

/** Options of the plugin. */
export type DriveUploadOptions = {
  /** KiB of one request at the most: a multiple of 256, 256 to 65 536. A break costs one chunk at the most. */
  readonly chunkKib: number
  /**
   * Who holds the credential of Google's: the server, which opens a session for each file; or, for small
   * sites, this computer, in a key file that its owner alone can read.
   */
  readonly credentials: Credentials
  /** Absolute path of that key file; GOOGLE_DRIVE_CREDENTIALS_PATH sets it too. */
  readonly credentialsPath: string
  /** Id of the shared drive or folder that such a computer writes to; GOOGLE_DRIVE_FOLDER_ID sets it too. */
  readonly folderId: string
}

export const CREDENTIALS = ['server', 'agent'] as const
export type Credentials = (typeof CREDENTIALS)[number]

/** What the plugin touches the world through; a spec brings its own. */
export type DriveUploadWorld = Pick<SendOptions, 'wait' | 'random'> & {
  readonly http?: Pick<Http, 'post' | 'close'>
  readonly env?: Readonly<Record<string, string | undefined>>
}

const defaultsOf = (env: Readonly<Record<string, string | undefined>>): DriveUploadOptions => ({
  chunkKib: 8192,
  credentials: 'server',
  credentialsPath: env.GOOGLE_DRIVE_CREDENTIALS_PATH ?? '',
  folderId: env.GOOGLE_DRIVE_FOLDER_ID ?? '',
})
const MOST_CHUNK_KIB = 65_536
const UNIT_KIB = CHUNK_UNIT / 1024

/** Sessions that one file gets in a row; then it waits. */
const MOST_SESSIONS = 3

/**
 * Sends pictures and recordings straight to Google Drive, where the server stores those of the site:
 * each over a session that the server opened for this one file, so that no credential is here.
 */
export class DriveUpload implements Plugin {
  readonly name = 'drive-upload'
  readonly version = manifest.version
  readonly options: DriveUploadOptions
  readonly notice: PluginNotice = {
    collects:
      'nothing of its own; it sends pictures and recordings straight to the Google Drive of those who run WorkSight',
    inLanguages: {
      de: {
        collects:
          'nichts Eigenes; es sendet Bilder und Aufnahmen unmittelbar in das Google Drive derer, die WorkSight betreiben',
      },
    },
  }
  readonly #world: DriveUploadWorld
  readonly #http: Pick<Http, 'post' | 'close'>
  readonly #baseUrl: string | null

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<DriveUploadOptions> = {}, world: DriveUploadWorld = {}) {
    const env = world.env ?? process.env
    this.options = checked(resolveOptions(this.name, defaultsOf(env), options, env).values)
    this.#world = world
    this.#baseUrl = env.GOOGLE_DRIVE_BASE_URL?.replace(/\/+$/, '') ?? null
    this.#http = world.http ?? new Http()
  }

  async doctor(): Promise<readonly Check[]> {
    if (this.options.credentials === 'server') {
      return [{ name: 'drive', status: 'ok', found: 'the server opens a session for each file' }]
    }
    try {
      const { client_email: account } = readKeyFile(this.options.credentialsPath)
      return [{ name: 'drive', status: 'ok', found: `a key of ${account}` }]
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error)
      return [{ name: 'drive', status: 'fail', found, means: 'configuration' }]
    }
  }

  apply(agent: Agent): void {
    agent.hooks.start.tap(this.name, () => {
      const permission = agent.mayObserve('screenshot')
      const reason = permission.go
        ? 'Nothing to send yet'
        : `Nothing to send: not allowed by ${permission.by}`
      agent.setState(this.name, 'idle', reason)
    })
    if (this.options.credentials === 'agent') {
      this.#applyOwn(agent)
    } else {
      agent.hooks.store.tapPromise(this.name, (item, signal) =>
        this.#store(agent, item, signal, () => agent.openUpload(item, signal))
      )
    }
    agent.hooks.stop.tap(this.name, () => this.#http.close())
  }

  /** With a key on this computer: it opens the sessions by itself, and remembers them. */
  #applyOwn(agent: Agent): void {
    const memory = new FolderMemory(join(agent.dataDir, this.name))
    let drive: OwnDrive | null = null
    // read again until there is one: a key file that is put right needs no new start
    const opened = (): OwnDrive =>
      (drive ??= new OwnDrive({
        key: readKeyFile(this.options.credentialsPath),
        folderId: this.options.folderId,
        http: this.#http,
        memory,
        baseUrl: this.#baseUrl,
        now: () => agent.clock.now(),
      }))
    agent.hooks.validate.tap(this.name, () => {
      if (this.#baseUrl !== null) {
        serverAddress(this.#baseUrl, false)
      }
    })
    agent.hooks.start.tapPromise(this.name, async () => {
      await memory.sweep(Date.now())
      try {
        opened()
      } catch (error) {
        this.#withoutKey(agent, error)
      }
    })
    agent.hooks.store.tapPromise(this.name, async (item, signal) => {
      try {
        const own = opened()
        let sessions = 0
        return await this.#store(agent, item, signal, async () => {
          sessions += 1
          return own.open(describe(agent, item), sessions > 1, signal)
        })
      } catch (error) {
        return this.#withoutKey(agent, error)
      }
    })
    agent.hooks.settled.tapPromise(this.name, ({ id }) => memory.forget(id))
  }

  /** Without a key that may be used, files stay in the spool, and the agent says why. */
  #withoutKey(agent: Agent, error: unknown): Verdict {
    if (!(error instanceof Unavailable)) {
      throw error
    }
    const reason = error.message.slice(0, 500)
    agent.setState(this.name, error.state, reason)
    return { status: 'keep', answered: true, reason, retryAfterMs: null, by: DRIVE }
  }

  async #store(
    agent: Agent,
    item: SpooledItem,
    signal: AbortSignal,
    openUpload: () => Promise<UploadPermit>
  ): Promise<StoredFile | Verdict | undefined> {
    const { payload, observation } = item
    if (payload === null) {
      return undefined
    }
    let reason = ''
    for (let sessions = 0; sessions < MOST_SESSIONS; sessions += 1) {
      const permit = await openUpload()
      if (permit.status === 'judged') {
        this.#tellUnasked(agent, permit.verdict)
        return permit.verdict
      }
      if (permit.status === 'server') {
        agent.setState(this.name, 'idle', 'The server stores what this site sends by itself')
        return undefined
      }
      if (permit.status === 'away') {
        return this.#keep(agent, permit)
      }
      const { disk, key, session, bytes } = permit.upload
      const outcome =
        session === null
          ? DONE
          : await this.#send(agent, observation.kind, { path: payload, bytes, session }, signal)
      if (outcome.status === 'done') {
        agent.setState(this.name, 'ok', null)
        return { disk, key }
      }
      if (outcome.status === 'stop') {
        return this.#keep(agent, outcome)
      }
      reason = outcome.reason
    }
    return this.#keep(agent, { isFull: false, reason, retryAfterMs: null })
  }

  #send(
    agent: Agent,
    kind: string,
    file: { readonly path: string; readonly bytes: number; readonly session: string },
    signal: AbortSignal
  ): Promise<SendOutcome> {
    const tell = (sent: number) => {
      const progress = `${megabytes(sent)} of ${megabytes(file.bytes)} MB of a ${kind}`
      agent.setState(this.name, 'ok', `Sends to Google Drive: ${progress}`)
    }
    tell(0)
    const { wait, random } = this.#world
    return sendFile(file, {
      http: this.#http,
      mostChunkBytes: this.options.chunkKib * 1024,
      progress: tell,
      signal,
      ...(wait === undefined ? {} : { wait }),
      ...(random === undefined ? {} : { random }),
    })
  }

  #tellUnasked(agent: Agent, verdict: Verdict): void {
    if (verdict.status === 'keep') {
      const text = `The server does not say where files go: ${verdict.reason}`
      agent.setState(this.name, 'degraded', text.slice(0, 500))
    }
  }

  /** The file stays in the spool, and the agent says why. */
  #keep(
    agent: Agent,
    about: {
      readonly isFull: boolean
      readonly reason: string
      readonly retryAfterMs: number | null
    }
  ): Verdict {
    const { isFull, reason, retryAfterMs } = about
    const said = isFull ? `${NO_ROOM} (${reason})` : `Google Drive cannot be written to: ${reason}`
    agent.setState(this.name, 'degraded', said)
    return { status: 'keep', answered: true, reason: said, retryAfterMs, by: DRIVE }
  }
}

/** The names that the server's own half gives. */
function describe({ identity, site }: Agent, { observation }: SpooledItem): NewDriveFile {
  const {
    id,
    kind,
    captured_at: at,
    bytes,
    sha256,
    media_type: mediaType,
  } = observation as (Screenshot & { id: string }) | (Recording & { id: string })
  const time = at.replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
  return {
    id,
    name: `${kind}-${time}-${id}.${mediaType.slice(mediaType.indexOf('/') + 1)}`,
    folders: ['WorkSight', site, identity?.person ?? identity?.name ?? 'agent', at.slice(0, 10)],
    mediaType,
    bytes,
    sha256,
    properties: { ws: id, ws_app: 'worksight', ws_agent: String(identity?.agentId ?? '') },
  }
}

const DONE: SendOutcome = { status: 'done' }
const NO_ROOM =
  'Google Drive has no room left: what is captured stays on this computer until it has'

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}

function checked(options: DriveUploadOptions): DriveUploadOptions {
  const { chunkKib } = options
  const isRight =
    Number.isInteger(chunkKib) &&
    chunkKib % UNIT_KIB === 0 &&
    chunkKib >= UNIT_KIB &&
    chunkKib <= MOST_CHUNK_KIB
  if (!isRight) {
    throw invalid(
      'chunkKib',
      `a multiple of ${UNIT_KIB} from ${UNIT_KIB} to ${MOST_CHUNK_KIB}`,
      chunkKib
    )
  }
  const { credentials, credentialsPath, folderId } = options
  if (!CREDENTIALS.includes(credentials)) {
    throw invalid('credentials', `one of ${CREDENTIALS.join(', ')}`, credentials)
  }
  if (credentials === 'agent' && !isAbsolute(credentialsPath)) {
    throw invalid('credentialsPath', 'the absolute path of a key file', credentialsPath)
  }
  if (credentials === 'agent' && folderId === '') {
    throw invalid('folderId', 'the id of a shared drive or folder', folderId)
  }
  return options
}

function invalid(option: string, expected: string, found: unknown): AgentError {
  const text = `drive-upload.${option}: expected ${expected}, found ${JSON.stringify(found)}`
  return new AgentError('E_INVALID_OPTION', text)
}
