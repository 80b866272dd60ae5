import { open, type FileHandle } from 'node:fs/promises'

/** One whole fragment of an MP4: where it ends in the file and on the clock of the video. */
export type Fragment = { readonly endByte: number; readonly endMs: number }

/** What a fragmented MP4 says of itself. */
export type FragmentedVideo = {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Pictures in whole fragments. */
  readonly frames: number
  /** Whole fragments, in order; what comes after the last of them is not playable. */
  readonly fragments: readonly Fragment[]
  /** Bytes of the file. */
  readonly size: number
}

type Box = { readonly type: string; readonly start: number; readonly end: number }
type Track = { width: number; height: number; timescale: number; sampleDuration: number }

/** A `moov` or `moof` larger than this is none that ffmpeg wrote. */
const MOST_HEADER_BYTES = 4 * 1024 * 1024
const CONTAINERS = ['moov', 'trak', 'mdia', 'mvex', 'moof', 'traf']

/**
 * Reads a fragmented MP4 (ISO/IEC 14496-12) with one track from the headers of its boxes, so that a
 * large file costs no more than its number of fragments. Null for a file that plays nothing: its
 * description is not whole.
 */
export async function readFragments(path: string): Promise<FragmentedVideo | null> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    let track: Track | null = null
    let frames = 0
    let pending: { endMs: number; frames: number } | null = null
    const fragments: Fragment[] = []
    for await (const box of topBoxes(file, size)) {
      if (box.type === 'moov') {
        track = trackOf(await contentOf(file, box))
      } else if (box.type === 'moof' && track !== null) {
        pending = runOf(await contentOf(file, box), track)
      } else if (box.type === 'mdat' && pending !== null) {
        fragments.push({ endByte: box.end, endMs: pending.endMs })
        frames += pending.frames
        pending = null
      }
    }
    return track === null
      ? null
      : { width: track.width, height: track.height, frames, fragments, size }
  } finally {
    await file.close()
  }
}

/** The boxes at the top that are there whole. */
async function* topBoxes(file: FileHandle, size: number): AsyncGenerator<Box> {
  const head = Buffer.alloc(16)
  for (let start = 0; start + 8 <= size; ) {
    const { bytesRead } = await file.read(head, 0, 16, start)
    const short = head.readUInt32BE(0)
    if (bytesRead < 8 || (short === 1 && bytesRead < 16)) {
      return
    }
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short
    const end = start + length
    if (length < 8 || end > size) {
      return
    }
    yield { type: head.toString('latin1', 4, 8), start, end }
    start = end
  }
}

async function contentOf(file: FileHandle, { start, end }: Box): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(end - start, MOST_HEADER_BYTES))
  await file.read(bytes, 0, bytes.length, start)
  return bytes
}

/** Every leaf box inside a header box, however deep. */
function* leaves(bytes: Buffer, from = 0, until = bytes.length): Generator<[string, Buffer]> {
  for (let at = from; at + 8 <= until; ) {
    const length = bytes.readUInt32BE(at)
    if (length < 8 || at + length > until) {
      return
    }
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (CONTAINERS.includes(type)) {
      yield* leaves(bytes, at + 8, at + length)
    } else {
      yield [type, bytes.subarray(at + 8, at + length)]
    }
    at += length
  }
}

function trackOf(moov: Buffer): Track {
  const track: Track = { width: 0, height: 0, timescale: 1, sampleDuration: 0 }
  for (const [type, body] of leaves(moov)) {
    if (type === 'tkhd') {
      track.width = body.readUInt32BE(body.length - 8) >>> 16
      track.height = body.readUInt32BE(body.length - 4) >>> 16
    } else if (type === 'mdhd') {
      track.timescale = body.readUInt32BE(body[0] === 1 ? 20 : 12)
    } else if (type === 'trex') {
      track.sampleDuration = body.readUInt32BE(12)
    }
  }
  return track
}

/** When the pictures of a fragment end, and how many they are. */
function runOf(moof: Buffer, track: Track): { endMs: number; frames: number } {
  let base = 0
  let sampleDuration = track.sampleDuration
  let duration = 0
  let frames = 0
  for (const [type, body] of leaves(moof)) {
    const flags = body.readUInt32BE(0) & 0xffffff
    if (type === 'tfhd') {
      const at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0)
      sampleDuration = flags & 0x8 ? body.readUInt32BE(at) : sampleDuration
    } else if (type === 'tfdt') {
      base = body[0] === 1 ? Number(body.readBigUInt64BE(4)) : body.readUInt32BE(4)
    } else if (type === 'trun') {
      const count = body.readUInt32BE(4)
      duration += durationOf(body, flags, count, sampleDuration)
      frames += count
    }
  }
  return { endMs: Math.round(((base + duration) * 1000) / track.timescale), frames }
}

function durationOf(trun: Buffer, flags: number, count: number, sampleDuration: number): number {
  if ((flags & 0x100) === 0) {
    return count * sampleDuration
  }
  const first = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)
  const row = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4
  let sum = 0
  for (let sample = 0; sample < count; sample++) {
    sum += trun.readUInt32BE(first + sample * row)
  }
  return sum
}
