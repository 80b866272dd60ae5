import {
  AgentError,
  DRIVE,
  Http,
  resolveOptions,
  type Agent,
  type Plugin,
  type PluginNotice,
  type SpooledItem,
  type StoredFile,
  type Verdict,
} from '@worksight/agent-core'
import manifest from './package.json' with { type: 'json' }
import { CHUNK_UNIT } from './resumable.ts'
import { sendFile, type SendOptions, type SendOutcome } from './send_file.ts'

/** Options of the plugin. */
export type DriveUploadOptions = {
  /** KiB of one request at the most: a multiple of 256, 256 to 65 536. A break costs one chunk at the most. */
  readonly chunkKib: number
}

/** What the plugin touches the world through; a spec brings its own. */
export type DriveUploadWorld = Pick<SendOptions, 'wait' | 'random'> & {
  readonly http?: Pick<Http, 'post' | 'close'>
  readonly env?: Readonly<Record<string, string | undefined>>
}

const DEFAULTS: DriveUploadOptions = { chunkKib: 8192 }
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

  /** Throws `E_INVALID_OPTION` with the name of the option and what it should be. */
  constructor(options: Partial<DriveUploadOptions> = {}, world: DriveUploadWorld = {}) {
    this.options = checked(
      resolveOptions(this.name, DEFAULTS, options, world.env ?? process.env).values
    )
    this.#world = world
    this.#http = world.http ?? new Http()
  }

  apply(agent: Agent): void {
    agent.hooks.start.tap(this.name, () => {
      const permission = agent.mayObserve('screenshot')
      const reason = permission.go
        ? 'Nothing to send yet'
        : `Nothing to send: not allowed by ${permission.by}`
      agent.setState(this.name, 'idle', reason)
    })
    agent.hooks.store.tapPromise(this.name, (item, signal) => this.#store(agent, item, signal))
    agent.hooks.stop.tap(this.name, () => this.#http.close())
  }

  async #store(
    agent: Agent,
    item: SpooledItem,
    signal: AbortSignal
  ): Promise<StoredFile | Verdict | undefined> {
    const { payload, observation } = item
    if (payload === null) {
      return undefined
    }
    let reason = ''
    for (let sessions = 0; sessions < MOST_SESSIONS; sessions += 1) {
      const permit = await agent.openUpload(item, signal)
      if (permit.status === 'judged') {
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
    const expected = `a multiple of ${UNIT_KIB} from ${UNIT_KIB} to ${MOST_CHUNK_KIB}`
    throw new AgentError(
      'E_INVALID_OPTION',
      `drive-upload.chunkKib: expected ${expected}, found ${JSON.stringify(chunkKib)}`
    )
  }
  return options
}
