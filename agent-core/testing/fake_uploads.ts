import { randomUUID } from 'node:crypto'
import type { Recording } from '../contract/recording.ts'
import type { Screenshot } from '../contract/screenshot.ts'
import type { Upload } from '../contract/upload.ts'
import type { DriveEmulator } from './drive_emulator.ts'

type Medium = Screenshot | Recording

/**
 * The half of a server that gives agents sessions on a Drive: the same observation has the same key, a
 * session that is gone is begun anew, and a file that is whole needs none.
 */
export class FakeUploads {
  readonly drive: DriveEmulator
  /** How often each observation was asked for. */
  readonly asked = new Map<string, number>()
  readonly #uploads = new Map<string, { readonly key: string; session: string | null }>()

  constructor(drive: DriveEmulator) {
    this.drive = drive
  }

  /** An upload, or `full`. */
  open(medium: Medium): Upload | 'full' {
    this.asked.set(medium.id, (this.asked.get(medium.id) ?? 0) + 1)
    const known = this.#uploads.get(medium.id)
    const key = known?.key ?? randomUUID().replaceAll('-', '')
    const about = { disk: 'google-drive', key, bytes: medium.bytes } as const
    const session = known?.session ?? null
    if (session !== null && this.drive.hasSession(session) && !this.drive.files.has(key)) {
      return { ...about, session }
    }
    const meta = {
      id: key,
      name: medium.id,
      mimeType: medium.media_type,
      parents: ['root'],
      appProperties: { ws: medium.id },
    }
    const opened = this.drive.openSession(meta, medium.bytes)
    if ('problem' in opened && opened.problem === 'full') {
      return 'full'
    }
    const begun = 'session' in opened ? opened.session : null
    this.#uploads.set(medium.id, { key, session: begun })
    return { ...about, session: begun }
  }

  /** Whether a key is of a file of this observation, whole. What is not is forgotten. */
  isWhole(medium: Medium, key: string): boolean {
    const file = this.drive.files.get(key)
    const isWhole =
      file?.appProperties.ws === medium.id &&
      file.size === medium.bytes &&
      file.sha256 === medium.sha256
    if (!isWhole) {
      this.drive.files.delete(key)
      this.#uploads.delete(medium.id)
    }
    return isWhole
  }
}
