import type { MediaLibrary } from '#services/media_library'
import {
  DiskError,
  type ByteRange,
  type CheckStep,
  type ListedFile,
  type Placement,
  type StorageDisk,
  type StoredFacts,
} from '#services/storage/disk'
import { mediaKey } from '#services/storage/media_key'
import { createHash } from 'node:crypto'
import { copyFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'

/** Files of keys that one step of a listing reads. */
const PAGE = 500

/** The library of this server: a folder on its own filesystem. */
export class LocalDisk implements StorageDisk {
  readonly name = 'local'
  readonly #library: MediaLibrary

  constructor(library: MediaLibrary) {
    this.#library = library
  }

  async put(path: string, placement: Placement): Promise<string> {
    const key = mediaKey(placement)
    const copy = await this.#library.temporaryPath()
    try {
      await copyFile(path, copy)
      await this.#library.keep({ path: copy, ...placement }, key)
    } finally {
      await this.#library.discard(copy)
    }
    return key
  }

  async facts(key: string): Promise<StoredFacts | null> {
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of await this.#library.open(key)) {
        hash.update(chunk as Buffer)
        bytes += (chunk as Buffer).length
      }
    } catch (error) {
      if (isMissing(error)) {
        return null
      }
      throw error
    }
    return { bytes, sha256: hash.digest('hex') }
  }

  async exists(key: string): Promise<boolean> {
    return stat(this.#library.path(key)).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) {
          return false
        }
        throw error
      }
    )
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    try {
      return await this.#library.open(key, range)
    } catch (error) {
      throw isMissing(error) ? new DiskError('E_DISK_MISSING', this.name, { cause: error }) : error
    }
  }

  async remove(key: string): Promise<void> {
    await this.#library.remove(key)
  }

  async *list(): AsyncGenerator<ListedFile> {
    for await (const keys of this.#library.keys(PAGE)) {
      for (const key of keys) {
        const path = this.#library.path(key)
        const found = await stat(path).catch(() => null)
        if (found) {
          const bytes = (await this.#library.sealedSize(path)) ?? found.size
          yield { key, bytes, writtenAt: found.mtimeMs }
        }
      }
    }
  }

  async *check(): AsyncGenerator<CheckStep> {
    try {
      await this.#library.check()
      yield { step: 'write and delete one byte', isOk: true, sentence: 'The folder can be written.' }
    } catch (error) {
      const sentence = `The folder cannot be written (${(error as NodeJS.ErrnoException).code ?? 'E_UNKNOWN'}): give it to the account that runs this server.`
      yield { step: 'write and delete one byte', isOk: false, sentence }
    }
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
