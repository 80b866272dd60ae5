import type { DriveClient, DriveFile } from '#services/drive/drive_client'
import { checkDrive } from '#services/drive/drive_check'
import { DriveError } from '#services/drive/drive_errors'
import { closeUpload, openUpload, reopenUpload } from '#services/drive/uploads'
import {
  DiskError,
  type ByteRange,
  type CheckStep,
  type ListedFile,
  type Placement,
  type StorageDisk,
  type StoredFacts,
} from '#services/storage/disk'
import type { Readable } from 'node:stream'

/** How often one file's session is begun anew before it waits for the next run. */
const MOST_SESSIONS = 3

/** A Google Drive. Keys are the ids of files, made before their first byte. */
export class DriveDisk implements StorageDisk {
  readonly name = 'google-drive'
  readonly client: DriveClient

  constructor(client: DriveClient) {
    this.client = client
  }

  async put(path: string, placement: Placement, signal?: AbortSignal): Promise<string> {
    let upload = await openUpload(this.client, placement)
    for (let sessions = 1; upload.session; sessions += 1) {
      if (await this.client.send(upload.session, path, placement.bytes, signal)) {
        break
      }
      if (sessions === MOST_SESSIONS) {
        throw new DriveError({ status: 410, reason: 'sessionsGone', isSession: true })
      }
      upload = await reopenUpload(this.client, placement)
    }
    const file = await this.client.find(upload.key)
    if (!file || !isWhole(file, placement)) {
      await this.client.remove(upload.key)
      await closeUpload(placement)
      throw new DiskError('E_DISK_AWAY', this.name, {
        message: 'Google Drive holds other bytes than were sent; they are sent again',
      })
    }
    return upload.key
  }

  async facts(key: string): Promise<StoredFacts | null> {
    const file = await this.client.find(key)
    return file && { bytes: file.bytes, sha256: file.sha256 ?? '' }
  }

  async exists(key: string): Promise<boolean> {
    return (await this.client.find(key)) !== null
  }

  read(key: string, range?: ByteRange): Promise<Readable> {
    return this.client.read(key, range)
  }

  remove(key: string): Promise<void> {
    return this.client.remove(key)
  }

  async *list(): AsyncGenerator<ListedFile> {
    for await (const { id, bytes, writtenAt } of this.client.files('ws_app', 'worksight')) {
      yield { key: id, bytes, writtenAt }
    }
  }

  check(): AsyncGenerator<CheckStep> {
    return checkDrive(this.client)
  }
}

/** Whether Google has what was described: its own sums say so. */
export function isWhole(
  file: DriveFile,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string }
): boolean {
  return file.bytes === bytes && file.sha256 === sha256
}
