import type { RecordingMediaType } from '#contract/recording'
import { E_INVALID } from '#exceptions/api_errors'
import { open, type FileHandle } from 'node:fs/promises'

/** The first bytes of every WebM file: the identifier of its EBML header. */
const EBML = 0x1a45dfa3

/** Boxes that one file may have at its top: a day of fragments of one second, twice over. */
const MOST_BOXES = 200_000

/**
 * Reads what a video file really is, from its own bytes: its type, and whether its end is there. Only
 * the headers of boxes are read, so that a large file costs no more than its number of fragments.
 * Throws E_INVALID, field `file`.
 */
export async function readVideo(
  path: string
): Promise<{ mediaType: RecordingMediaType; isWhole: boolean }> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const head = Buffer.alloc(8)
    await handle.read(head, 0, 8, 0)
    if (head.readUInt32BE(0) === EBML) {
      return { mediaType: 'video/webm', isWhole: true }
    }
    if (head.toString('latin1', 4, 8) !== 'ftyp') {
      throw new E_INVALID('The file is no video; expected video/mp4 or video/webm', {
        field: 'file',
      })
    }
    return { mediaType: 'video/mp4', isWhole: await isPlayable(handle, size) }
  } finally {
    await handle.close()
  }
}

/**
 * Whether the boxes of an MP4 fill the file and describe its content before or after it. Throws
 * E_INVALID when nothing describes it: such a file plays nowhere.
 */
async function isPlayable(handle: FileHandle, size: number): Promise<boolean> {
  const header = Buffer.alloc(16)
  const types = new Set<string>()
  let offset = 0
  for (let boxes = 0; offset + 8 <= size && boxes < MOST_BOXES; boxes += 1) {
    await handle.read(header, 0, 16, offset)
    const short = header.readUInt32BE(0)
    types.add(header.toString('latin1', 4, 8))
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short
    if (length === 0) {
      offset = size
    } else if (length < 8) {
      break
    } else {
      offset += length
    }
  }
  if (!types.has('moov')) {
    throw new E_INVALID('The video ends before anything describes it, and cannot be played', {
      field: 'file',
    })
  }
  return offset === size
}
