import { media } from '#services/media'
import type { ByteRange, DiskName } from '#services/storage/disk'
import { diskOf } from '#services/storage/disks'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Where a row says that its file stands. */
export type StoredFile = { readonly disk: string; readonly mediaKey: string }

/** The bytes of a row's file, from the disk it names. Throws a DiskError. */
export async function openStored({ disk, mediaKey }: StoredFile, range?: ByteRange): Promise<Readable> {
  return (await diskOf(disk as DiskName)).read(mediaKey, range)
}

export async function isStored({ disk, mediaKey }: StoredFile): Promise<boolean> {
  return (await diskOf(disk as DiskName)).exists(mediaKey)
}

/** The path of the thumbnail of a picture, wherever it stands. Throws E_DISK_MISSING. */
export async function thumbnailOf(file: StoredFile): Promise<string | null> {
  if (file.disk === 'local') {
    return media.thumbnail(file.mediaKey)
  }
  return media.thumbnailOf(thumbnailKey(file), (make) => withCopy(file, make))
}

/** Thumbnails stay on this server, wherever their pictures stand. */
export function thumbnailKey({ disk, mediaKey }: StoredFile): string {
  return disk === 'local' ? mediaKey : `${disk}/${mediaKey}`
}

/** Brings a file, or a range of it, into `tmp`, hands over its path, and takes the copy away. */
export async function withCopy<Result>(
  file: StoredFile,
  use: (path: string) => Promise<Result>,
  range?: ByteRange
): Promise<Result> {
  const path = await media.temporaryPath()
  try {
    await pipeline(await openStored(file, range), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    return await use(path)
  } finally {
    await media.discard(path)
  }
}
