import type { RecordingMediaType } from '#contract/recording'
import { E_INVALID } from '#exceptions/api_errors'
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'

const readLater = promisify(read)

/** What is read at once: all that most files need. */
const START_BYTES = 64 * 1024

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
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const start = Buffer.alloc(Math.min(size, START_BYTES))
    readSync(file, start, 0, start.length, 0)
    const head = start.length < 8 ? Buffer.alloc(8) : start
    if (head.readUInt32BE(0) === EBML) {
      return { mediaType: 'video/webm', isWhole: true }
    }
    if (head.toString('latin1', 4, 8) !== 'ftyp') {
      throw new E_INVALID('The file is no video; expected video/mp4 or video/webm', {
        field: 'file',
      })
    }
    return { mediaType: 'video/mp4', isWhole: await isPlayable(file, start, size) }
  } finally {
    closeSync(file)
  }
}

/**
 * Whether the boxes of an MP4 fill the file and describe its content before or after it. Throws
 * E_INVALID when nothing describes it: such a file plays nowhere.
 */
async function isPlayable(file: number, start: Buffer, size: number): Promise<boolean> {
  const later = Buffer.alloc(16)
  const types = new Set<string>()
  let offset = 0
  for (let boxes = 0; offset + 8 <= size && boxes < MOST_BOXES; boxes += 1) {
    const isInStart = offset + 16 <= start.length || start.length === size
    const header = isInStart ? start.subarray(offset) : later
    if (!isInStart) {
      await readLater(file, later, 0, 16, offset)
    }
    const short = header.readUInt32BE(0)
    types.add(header.toString('latin1', 4, 8))
    const isLong = short === 1 && header.length >= 16
    const length = isLong ? Number(header.readBigUInt64BE(8)) : short
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
