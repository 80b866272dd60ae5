import type { Recording } from '#contract/recording'
import { uuidv7 } from '#tests/support/observations'
import { createHash } from 'node:crypto'

/** A box of an MP4: its length, its type, its content. */
export function box(type: string, content = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + content.length, 0)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, content])
}

/** The outline of a fragmented MP4, which is all that the server reads of it. */
export const VIDEO = Buffer.concat([
  box('ftyp', Buffer.from('isom\0\0\0\0isom')),
  box('moov', Buffer.alloc(200, 1)),
  box('moof', Buffer.alloc(40, 2)),
  box('mdat', Buffer.alloc(5000, 3)),
])

/** The true description of a segment, changed where `changes` says so. */
export function describeSegment(
  seq: number,
  bytes: Buffer,
  changes: Partial<Recording> = {}
): Recording {
  return {
    id: uuidv7(),
    seq,
    captured_at: '2026-11-22T10:00:00.000Z',
    utc_offset_minutes: 60,
    policy_version: 0,
    kind: 'recording',
    recording_id: uuidv7(),
    segment: 0,
    display: { id: '0', x: 0, y: 0, width: 640, height: 480, primary: true },
    width: 640,
    height: 480,
    frame_rate: 2,
    duration_ms: 10_000,
    media_type: 'video/mp4',
    codec: 'h264',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    source: 'x11grab',
    simulated: false,
    complete: true,
    ...changes,
  }
}
