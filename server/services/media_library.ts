import { FileIntake } from '#services/file_intake'
import { DiskError, type ByteRange } from '#services/storage/disk'
import { isSealed, openSealed, sealFile, sizeWithin } from '#services/storage/sealed_file'
import { randomUUID } from 'node:crypto'
import { closeSync, createWriteStream, existsSync, fsync, openSync, renameSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'

/** Bytes that arrived whole, are on the disk, and wait, in `tmp`, for a decision. */
export type ReceivedFile = {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Brings a file near and makes its thumbnail from there. */
type Fetch = (make: (source: string) => Promise<string>) => Promise<string>

/** Longest side of a thumbnail, in pixels. */
const THUMBNAIL_WIDTH = 480

/**
 * The shelf of pictures: files under one root on one filesystem, named only by keys that the server
 * makes. A file goes tmp → fsync → rename → fsync of the folder, before its row exists; a file
 * without a row is what a crash leaves, and the reaper takes it away.
 */
export class MediaLibrary {
  readonly #root: string
  readonly #key: string | null
  readonly #thumbnails = new Map<string, Promise<string>>()

  /** What is kept is sealed under `key`, where there is one; what was sealed before is read with it. */
  constructor(root: string, key: string | null = null) {
    this.#root = resolve(root)
    this.#key = key
  }

  /** Makes the folder that bytes arrive in. */
  async prepare(): Promise<void> {
    await this.#makeFolder(join(this.#root, 'tmp'))
  }

  /** Bytes that are free, and all there are, where it stands. */
  async room(): Promise<{ readonly free: number; readonly total: number }> {
    await this.#makeFolder(this.#root)
    const { bavail, blocks, bsize } = await statfs(this.#root)
    return { free: bavail * bsize, total: blocks * bsize }
  }

  /** A new temporary file, once `prepare` was called; `onDrain` says that more bytes may come. */
  intake(onDrain: () => void): FileIntake {
    return new FileIntake(join(this.#root, 'tmp', randomUUID()), onDrain)
  }

  /** Moves a received file to its key, durably. */
  async keep(file: ReceivedFile, key: string): Promise<void> {
    const target = this.path(key)
    const folder = dirname(target)
    await this.#makeFolder(folder)
    if (this.#key === null) {
      renameSync(file.path, target)
    } else {
      await this.#seal(file.path, target, this.#key)
    }
    await syncFolder(folder)
  }

  /** The bytes of a key, whole or of a range, whether they are sealed or not. */
  async open(key: string, range?: ByteRange): Promise<Readable> {
    return this.openAt(this.path(key), range)
  }

  /** The bytes at a path of this library. */
  async openAt(path: string, range?: ByteRange): Promise<Readable> {
    if (await isSealed(path)) {
      return openSealed(path, this.#requireKey(), range)
    }
    return (await open(path, 'r')).createReadStream(range ?? {})
  }

  /** Whether what stands at a path of this library is sealed, and how many bytes are in it. */
  async sealedSize(path: string): Promise<number | null> {
    return (await isSealed(path)) ? sizeWithin((await stat(path)).size) : null
  }

  /** Hands over the path of a file as it was received; of a sealed one, a copy that goes away. */
  async withPlain<Result>(key: string, use: (path: string) => Promise<Result>): Promise<Result> {
    const path = this.path(key)
    if (!(await isSealed(path))) {
      return use(path)
    }
    const copy = await this.temporaryPath()
    try {
      const source = openSealed(path, this.#requireKey())
      await pipeline(source, createWriteStream(copy, { flags: 'wx', mode: 0o600 }))
      return await use(copy)
    } finally {
      await this.discard(copy)
    }
  }

  /** The source goes when the sealed file stands. */
  async #seal(source: string, target: string, key: string): Promise<void> {
    const unfinished = await this.temporaryPath()
    try {
      await sealFile(source, unfinished, key)
      renameSync(unfinished, target)
      await rm(source, { force: true })
    } finally {
      await this.discard(unfinished)
    }
  }

  #requireKey(): string {
    if (this.#key === null) {
      throw new DiskError('E_DISK_REFUSED', 'local', {
        message: 'This file is sealed, and MEDIA_KEY, with which it was, is not set on this server',
      })
    }
    return this.#key
  }

  /** Folders are asked for with every file and made once a day. */
  async #makeFolder(folder: string): Promise<void> {
    if (!existsSync(folder)) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
    }
  }

  /** A path in `tmp` that nothing stands at. */
  async temporaryPath(): Promise<string> {
    const path = join(this.#root, 'tmp', randomUUID())
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return path
  }

  async discard(path: string): Promise<void> {
    if (existsSync(path)) {
      await rm(path, { force: true })
    }
  }

  /** Removes a file and its thumbnail; one that is gone already is fine. */
  async remove(key: string): Promise<void> {
    await rm(this.path(key), { force: true })
    await this.removeThumbnail(key)
  }

  /** The path of a key. Keys are server-made; one that leads outside the root is a broken promise. */
  path(key: string): string {
    const path = resolve(this.#root, 'files', key)
    if (!path.startsWith(join(this.#root, 'files') + sep)) {
      throw new Error(`E_MEDIA_KEY: expected a key inside the library, got ${JSON.stringify(key)}`)
    }
    return path
  }

  /** The path of a WebP thumbnail, made at the first look and kept; null when the file is missing. */
  async thumbnail(key: string): Promise<string | null> {
    const path = this.#thumbnailPath(key)
    if (!(await exists(path)) && !(await exists(this.path(key)))) {
      return null
    }
    return this.thumbnailOf(key, (make) => this.withPlain(key, make))
  }

  /**
   * The path of the thumbnail of a file that stands elsewhere. Where there is none yet, `fetch` brings
   * the file and hands its path to what it is given.
   */
  async thumbnailOf(key: string, fetch: Fetch): Promise<string> {
    const path = this.#thumbnailPath(key)
    if (await exists(path)) {
      return path
    }
    const running =
      this.#thumbnails.get(key) ?? fetch((source) => this.#makeThumbnail(source, path))
    this.#thumbnails.set(key, running)
    return running.finally(() => this.#thumbnails.delete(key))
  }

  async removeThumbnail(key: string): Promise<void> {
    await rm(this.#thumbnailPath(key), { force: true })
  }

  /** Removes what a crash left in `tmp`: files older than `ageMs`. Returns how many. */
  async sweep(ageMs: number): Promise<number> {
    const folder = join(this.#root, 'tmp')
    const names = await readdir(folder).catch(() => [])
    let swept = 0
    for (const name of names) {
      const path = join(folder, name)
      const { mtimeMs } = await stat(path)
      if (isOfAge(mtimeMs, ageMs)) {
        await rm(path, { force: true })
        swept += 1
      }
    }
    return swept
  }

  /** Keys of all files, at most `most` at a time; with `ageMs`, of those that are at least as old. */
  async *keys(most: number, ageMs = -Infinity): AsyncGenerator<readonly string[]> {
    const root = join(this.#root, 'files')
    let keys: string[] = []
    for await (const path of filesIn(root)) {
      const found = await stat(path).catch(() => null)
      if (found && isOfAge(found.mtimeMs, ageMs)) {
        keys.push(relative(root, path).split(sep).join('/'))
      }
      if (keys.length === most) {
        yield keys
        keys = []
      }
    }
    yield keys
  }

  /** Throws when the root cannot be written to. */
  async check(): Promise<void> {
    const path = await this.temporaryPath()
    await (await open(path, 'wx', 0o600)).close()
    await rm(path)
  }

  async #makeThumbnail(source: string, path: string): Promise<string> {
    const unfinished = await this.temporaryPath()
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await sharp(source)
        .resize({ width: THUMBNAIL_WIDTH, withoutEnlargement: true })
        .webp({ quality: 70, effort: 2 })
        .toFile(unfinished)
      if (this.#key === null) {
        await rename(unfinished, path)
      } else {
        await this.#seal(unfinished, path, this.#key)
      }
    } finally {
      await this.discard(unfinished)
    }
    return path
  }

  #thumbnailPath(key: string): string {
    this.path(key)
    return join(this.#root, 'thumbnails', `${key}.webp`)
  }
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') {
        return []
      }
      throw error
    }
  )
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      yield* filesIn(path)
    } else if (entry.isFile()) {
      yield path
    }
  }
}

/** Clocks of files have fractions of a millisecond, that of this process has none. */
function isOfAge(mtimeMs: number, ageMs: number): boolean {
  return Date.now() - Math.floor(mtimeMs) >= ageMs
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') {
        return false
      }
      throw error
    }
  )
}

const sync = promisify(fsync)

async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r')
  try {
    await sync(folder)
  } finally {
    closeSync(folder)
  }
}
