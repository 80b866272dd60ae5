import { createHash } from 'node:crypto'
import { closeSync, fsync, openSync, writev } from 'node:fs'
import { promisify } from 'node:util'

const write = promisify(writev)
const sync = promisify(fsync)

/** Bytes that are collected before they are written, so that the disk is asked seldom. */
const WRITE_BYTES = 256 * 1024

/**
 * Bytes that may wait for the disk; then whoever sends has to wait, and the kernel receives meanwhile.
 * Buffers that wait longer outlive two collections of the young, and then it takes one of everything to
 * be rid of them: with 2 MB here an upload of 20 MB cost twice the CPU.
 */
const MOST_WAITING = 256 * 1024

/** Bytes that are received until their buffers are collected: more makes V8 do it its own way. */
const COLLECT_BYTES = 4 * 1024 * 1024

/**
 * A file that is written as its bytes come, with its SHA-256 on the way. An error of the disk is told
 * by `finish`; until then bytes are taken and forgotten. What touches bytes goes to the thread pool;
 * opening and closing cost less than going there.
 */
export class FileIntake {
  readonly path: string
  readonly #hash = createHash('sha256')
  #file: number | null
  readonly #onDrain: () => void
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #writing: Promise<void> | null = null
  #failure: { readonly error: unknown } | null = null
  bytes = 0

  /**
   * `path` must not be there yet. `onDrain` is called when bytes may be sent again. Throws what opening
   * the file throws.
   */
  constructor(path: string, onDrain: () => void) {
    this.path = path
    this.#onDrain = onDrain
    this.#file = openSync(path, 'wx', 0o600)
  }

  /** Takes bytes, which must not change any more; says whether more may come at once. */
  write(chunk: Buffer): boolean {
    this.bytes += chunk.length
    this.#hash.update(chunk)
    collectBuffers(chunk.length)
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes >= WRITE_BYTES) {
      this.#writing ??= this.#drain()
    }
    return this.#waitingBytes < MOST_WAITING
  }

  /** Resolves when everything is on the disk. Rejects with what went wrong. */
  async finish(): Promise<{
    readonly path: string
    readonly bytes: number
    readonly sha256: string
  }> {
    await this.#writing
    await this.#drain()
    await this.#sync()
    this.#close()
    if (this.#failure) {
      throw this.#failure.error
    }
    return { path: this.path, bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }

  /** Gives up; the file is left as it is. */
  async abandon(): Promise<void> {
    this.#waiting = []
    await this.#writing
    this.#close()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const chunks = this.#waiting
      this.#waiting = []
      this.#waitingBytes = 0
      await this.#write(chunks)
      this.#onDrain()
    }
    this.#writing = null
  }

  async #write(chunks: readonly Buffer[]): Promise<void> {
    try {
      let left = chunks
      while (this.#file !== null && !this.#failure && left.length > 0) {
        const { bytesWritten } = await write(this.#file, left)
        left = without(left, bytesWritten)
      }
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  async #sync(): Promise<void> {
    try {
      if (this.#file !== null && !this.#failure) {
        await sync(this.#file)
      }
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  #close() {
    if (this.#file !== null) {
      closeSync(this.#file)
      this.#file = null
    }
  }
}

let sinceCollected = 0

/**
 * Lets V8 take back the buffers of what was received. Left alone it does so by walking the whole heap,
 * which costs an upload more than storing it; the young generation, where they lie, takes a millisecond.
 * Only where the server runs with `--expose-gc` (services/first_run/server_flags.ts).
 */
function collectBuffers(bytes: number) {
  sinceCollected += bytes
  if (sinceCollected >= COLLECT_BYTES) {
    sinceCollected = 0
    globalThis.gc?.({ type: 'minor', execution: 'sync' })
  }
}

/** What is left of buffers after `count` bytes. */
function without(chunks: readonly Buffer[], count: number): readonly Buffer[] {
  let skip = count
  return chunks.flatMap((chunk) => {
    const taken = Math.min(skip, chunk.length)
    skip -= taken
    return taken === chunk.length ? [] : [chunk.subarray(taken)]
  })
}
