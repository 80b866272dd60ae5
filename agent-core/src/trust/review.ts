import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contract/limits.ts'
import type { Timekeeper } from '../clock.ts'
import { AgentError, asError, systemCode } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { Mutex } from '../mutex.ts'
import type { ObservationKind } from '../observation.ts'
import type { Payload } from '../plugin.ts'
import type { Unnumbered } from '../spool.ts'
import { openSealed, sealFile, unsealFile } from './sealed_file.ts'

/** Kinds that wait: what shows a screen. */
export const REVIEWED: readonly ObservationKind[] = ['screenshot', 'recording']

/** A capture that waits. Times are milliseconds since 1970. */
export type PendingItem = {
  readonly observation: Unnumbered
  readonly heldAt: number
  /** When it goes on its way, unless it is taken back. */
  readonly dueAt: number
  /** Bytes beside the description. */
  readonly bytes: number
}

/** That a capture was taken back: of what kind, when it was made and how large; nothing it showed. */
export type Withheld = {
  readonly id: string
  readonly kind: ObservationKind
  readonly capturedAt: string
  readonly bytes: number
}

export type ReviewOptions = {
  readonly dataDir: string
  readonly clock: Pick<Timekeeper, 'now' | 'after'>
  readonly logger: Logger
  /** Takes what waited long enough. False: not now. */
  readonly release: (
    observation: Unnumbered,
    payload: Payload | undefined,
    /** Lets go of it here: once it is durable there, and before it can be delivered. */
    letGo: () => Promise<void>
  ) => Promise<boolean>
  /** Whether a capture was taken already, and not let go of here: a crash came in between. */
  readonly isTaken?: (id: string) => boolean
}

type Held = Omit<PendingItem, 'dueAt'>

const ITEM = '.item'
const PAYLOAD = '.payload'
const CLEAR = '.clear'
const TOLD_LATER = 'withheld.item'
const KEY_BYTES = 32
/** Up to this size a payload is opened in memory. */
const IN_MEMORY_BYTES = LIMITS.screenshotBytes
const MINUTE = 60_000
/** How long until what could not be released is tried again. */
const AGAIN_MS = 60_000

/**
 * The window in which a person may take a capture back: it waits some minutes in `pending` of the data
 * folder, encrypted under a key that only this user can read, and then goes into the spool as if it
 * came just now, with the time at which it was made. It holds across restarts.
 */
export class Review {
  readonly #options: ReviewOptions
  readonly #folder: string
  readonly #held = new Map<string, Held>()
  readonly #turn = new Mutex()
  #key: Buffer | null = null
  #withheld: readonly Withheld[] = []
  #minutes = 0
  #cancel = () => {}

  constructor(options: ReviewOptions) {
    this.#options = options
    this.#folder = join(options.dataDir, 'pending')
  }

  /** Whether an observation of this kind waits. */
  takes(kind: ObservationKind): boolean {
    return this.#minutes > 0 && REVIEWED.includes(kind)
  }

  /** How long captures wait, in minutes; what waits already follows. */
  set minutes(minutes: number) {
    if (minutes !== this.#minutes) {
      this.#minutes = minutes
      this.#arm()
    }
  }

  /** Reads what waits from the disk. What cannot be opened is left where it is and not released. */
  async load(): Promise<void> {
    await this.#turn.run(async () => {
      const names = await readdir(this.#folder).catch(orNothing)
      this.#held.clear()
      for (const name of names ?? []) {
        await this.#loadFile(name)
      }
      for (const id of [...this.#held.keys()].filter((held) => this.#options.isTaken?.(held))) {
        await this.#remove(id) // it would arrive a second time, under another number
      }
      const orphans = (names ?? []).filter(
        (name) => name.endsWith(PAYLOAD) && !names?.includes(name.replace(PAYLOAD, ITEM))
      )
      for (const name of orphans) {
        await rm(this.#path(name), { force: true })
      }
    })
    this.#arm()
  }

  /** Lets a capture wait. Once this resolves it is on the disk and will arrive, unless it is taken back. */
  async hold(observation: Unnumbered, payload: Payload | undefined): Promise<void> {
    await this.#turn.run(async () => {
      const key = await this.#keyOf()
      const { id } = observation
      if (payload !== undefined) {
        const source = payload instanceof Uint8Array ? payload : createReadStream(payload.path)
        await sealFile(key, id + PAYLOAD, source, this.#path(id + PAYLOAD))
      }
      const held = { observation, heldAt: this.#options.clock.now(), bytes: await sizeOf(payload) }
      const text = Buffer.from(JSON.stringify(held))
      await sealFile(key, id + ITEM, text, this.#path(id + ITEM))
      this.#held.set(id, held)
      if (payload !== undefined && !(payload instanceof Uint8Array)) {
        await rm(payload.path, { force: true })
      }
    })
    this.#arm()
  }

  /** What waits, oldest first. */
  list(): readonly PendingItem[] {
    return [...this.#held.values()]
      .map((held) => ({ ...held, dueAt: held.heldAt + this.#minutes * MINUTE }))
      .sort((one, other) => one.heldAt - other.heldAt)
  }

  /** The bytes of one that waits, or null. */
  async payload(id: string): Promise<Buffer | null> {
    const held = this.#held.get(id)
    return held === undefined || held.bytes === 0
      ? null
      : openSealed(await this.#keyOf(), id + PAYLOAD, this.#path(id + PAYLOAD))
  }

  /** Takes captures back, for good. Throws E_UNKNOWN_ITEM where one does not wait (any more). */
  async withhold(ids: readonly string[]): Promise<void> {
    await this.#turn.run(async () => {
      const missing = ids.find((id) => !this.#held.has(id))
      if (missing !== undefined) {
        throw new AgentError(
          'E_UNKNOWN_ITEM',
          `Expected a capture that waits, found "${missing}": it was sent, or taken back before`
        )
      }
      for (const id of ids) {
        const { observation, bytes } = this.#held.get(id) as Held
        const { kind, captured_at: capturedAt } = observation
        await this.#keepWithheld([...this.#withheld, { id, kind, capturedAt, bytes }])
        await this.#remove(id)
      }
    })
    this.#arm()
  }

  /** What was taken back and the server does not know yet. */
  untold(): readonly Withheld[] {
    return this.#withheld
  }

  /** The server will know of it. */
  async told(withheld: Withheld): Promise<void> {
    await this.#turn.run(() => this.#keepWithheld(this.#withheld.filter((one) => one !== withheld)))
  }

  /** Stops waiting; what waits stays on the disk. */
  async close(): Promise<void> {
    this.#cancel()
    await this.#turn.run(async () => undefined)
  }

  /** Releases what waited long enough, oldest first. */
  async releaseDue(): Promise<void> {
    let isStuck = false
    await this.#turn.run(async () => {
      for (const { observation, dueAt } of this.list()) {
        if (dueAt > this.#options.clock.now() || isStuck) {
          break
        }
        isStuck = !(await this.#release(observation.id))
      }
    })
    this.#arm(isStuck ? AGAIN_MS : 0)
  }

  async #release(id: string): Promise<boolean> {
    const { observation, bytes } = this.#held.get(id) as Held
    const clear = this.#path(id + CLEAR)
    try {
      const payload = await this.#clear(id, bytes, clear)
      const isTaken = await this.#options.release(observation, payload, () => this.#remove(id))
      await rm(clear, { force: true })
      if (isTaken) {
        await this.#remove(id)
      }
      return isTaken
    } catch (error) {
      const { message } = asError(error)
      this.#options.logger.error({ id, error: message }, 'a capture that waited cannot be released')
      return false
    }
  }

  /** What is released: small things in memory, large ones as a file that the spool takes over. */
  async #clear(id: string, bytes: number, path: string): Promise<Payload | undefined> {
    if (bytes === 0) {
      return undefined
    }
    const [key, name] = [await this.#keyOf(), id + PAYLOAD]
    if (bytes <= IN_MEMORY_BYTES) {
      return openSealed(key, name, this.#path(name))
    }
    await unsealFile(key, name, this.#path(name), path)
    return { path }
  }

  async #loadFile(name: string): Promise<void> {
    const path = this.#path(name)
    try {
      if (name === TOLD_LATER) {
        const text = await openSealed(await this.#keyOf(), name, path)
        this.#withheld = JSON.parse(text.toString()) as Withheld[]
      } else if (name.endsWith(ITEM)) {
        const text = await openSealed(await this.#keyOf(), name, path)
        const held = JSON.parse(text.toString()) as Held
        this.#held.set(held.observation.id, held)
      } else if (!name.endsWith(PAYLOAD)) {
        await rm(path, { force: true }) // what a crash left half done, or in the clear
      }
    } catch (error) {
      const { message } = asError(error)
      this.#options.logger.error({ name, error: message }, 'what waits for review cannot be read')
    }
  }

  async #keepWithheld(withheld: readonly Withheld[]): Promise<void> {
    const text = Buffer.from(JSON.stringify(withheld))
    await sealFile(await this.#keyOf(), TOLD_LATER, text, this.#path(TOLD_LATER))
    this.#withheld = withheld
  }

  async #remove(id: string): Promise<void> {
    await rm(this.#path(id + ITEM), { force: true })
    await rm(this.#path(id + PAYLOAD), { force: true })
    this.#held.delete(id)
  }

  #arm(leastMs = 0): void {
    this.#cancel()
    const [first] = this.list()
    if (first === undefined) {
      this.#cancel = () => {}
      return
    }
    const ms = Math.max(leastMs, first.dueAt - this.#options.clock.now())
    this.#cancel = this.#options.clock.after(ms, () => void this.releaseDue())
  }

  /** The key, made at the first need. */
  async #keyOf(): Promise<Buffer> {
    if (this.#key === null) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const path = join(this.#options.dataDir, 'pending.key')
      const known = await readFile(path).catch(orNothing)
      this.#key = known ?? randomBytes(KEY_BYTES)
      if (known === null) {
        await writeFile(path, this.#key, { mode: 0o600, flag: 'wx', flush: true })
      }
    }
    return this.#key
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

async function sizeOf(payload: Payload | undefined): Promise<number> {
  if (payload === undefined) {
    return 0
  }
  return payload instanceof Uint8Array ? payload.byteLength : (await stat(payload.path)).size
}

function orNothing(error: unknown): null {
  if (systemCode(error) === 'ENOENT') {
    return null
  }
  throw error
}
