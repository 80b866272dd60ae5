import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KnownUpload, UploadMemory } from './own_drive.ts'

/** Google keeps a session for a week. */
const LONGEST_MS = 8 * 86_400_000

/** Uploads that are remembered as one file each, which its owner alone can read. */
export class FolderMemory implements UploadMemory {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async read(id: string): Promise<KnownUpload | null> {
    try {
      const { key, session } = JSON.parse(await readFile(this.#path(id), 'utf8')) as KnownUpload
      return { key, session }
    } catch {
      return null // none, or a torn one: the Drive itself is asked for the file
    }
  }

  async write(id: string, upload: KnownUpload): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(`${this.#path(id)}.new`, JSON.stringify(upload), { mode: 0o600, flush: true })
    await rename(`${this.#path(id)}.new`, this.#path(id))
  }

  async forget(id: string): Promise<void> {
    await rm(this.#path(id), { force: true })
  }

  /** Forgets what is too old to be gone on with. */
  async sweep(now: number): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) {
      const path = join(this.#folder, name)
      if ((await stat(path)).mtimeMs < now - LONGEST_MS) {
        await rm(path, { force: true })
      }
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}
