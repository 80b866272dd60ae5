import { createHash } from 'node:crypto'
import { setImmediate as nextLoop } from 'node:timers/promises'
import type { ScreenshotMediaType } from '@worksight/agent-core/contract/screenshot'
import { LIMITS } from '@worksight/agent-core/contract/limits'
import sharp from 'sharp'
import { countColours } from './frame_hash.ts'
import { PIXEL_BYTES, type Frame } from './screen_source.ts'

// one picture every few minutes: threads and caches of libvips would only hold memory
sharp.concurrency(1)
sharp.cache(false)

/**
 * From this many sampled colours on a frame is stored as lossy WebP. Below it lossless WebP is the
 * smaller one at the same cost (1920 × 1080 of text: 114 KB against 354 KB at 256 colours, 306
 * against 387 at 729) and keeps every pixel; on photographs it is 14 times as large.
 */
const LOSSY_FROM_COLOURS = 640

/** Pixels converted in one go: some milliseconds, after which others get the event loop. */
const STRIDE = 1_000_000

export type EncodeOptions = {
  /** Quality of lossy WebP, 1 to 100. */
  readonly quality: number
  /** Wider pictures are made this wide, in pixels; 0 keeps them as they are. */
  readonly maxWidth: number
}

export type EncodedPicture = {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly mediaType: ScreenshotMediaType
  /** SHA-256 of `data`, 64 hexadecimal digits. */
  readonly sha256: string
}

/** Makes WebP of raw frames, one at a time, with one reused buffer for the pixels. */
export class Encoder {
  #pixels = Buffer.alloc(0)

  async encode(frame: Frame, options: EncodeOptions): Promise<EncodedPicture> {
    const pixels = await this.#rgb(frame)
    const width = pictureWidth(frame.width, frame.height, options.maxWidth)
    const isScaled = width < frame.width
    const isText = !isScaled && countColours(frame, LOSSY_FROM_COLOURS) < LOSSY_FROM_COLOURS

    let picture = await webp(pixels, frame, width, isText ? null : options.quality)
    if (picture.data.length > LIMITS.screenshotBytes) {
      picture = await webp(pixels, frame, width, options.quality)
    }
    return {
      data: picture.data,
      width: picture.info.width,
      height: picture.info.height,
      mediaType: 'image/webp',
      sha256: createHash('sha256').update(picture.data).digest('hex'),
    }
  }

  async #rgb(frame: Frame): Promise<Buffer> {
    if (frame.layout === 'rgb') {
      return frame.data
    }
    const count = frame.width * frame.height
    if (this.#pixels.length !== count * 3) {
      this.#pixels = Buffer.allocUnsafeSlow(count * 3)
    }
    for (let from = 0; from < count; from += STRIDE) {
      packRgb(frame, this.#pixels, from, Math.min(count, from + STRIDE))
      await nextLoop()
    }
    return this.#pixels
  }
}

/**
 * The width a picture is stored with: never wider than `maxWidth` (0: no bound), nor than the wire
 * allows by its longest side and its number of pixels.
 */
export function pictureWidth(width: number, height: number, maxWidth: number): number {
  const bounds = [
    width,
    maxWidth || width,
    LIMITS.screenshotSide,
    Math.floor((LIMITS.screenshotSide * width) / height),
    Math.floor(Math.sqrt((LIMITS.screenshotPixels * width) / height)),
  ]
  return Math.max(1, Math.min(...bounds))
}

/**
 * Lossy with a quality, lossless with null. Both at effort 0: effort 1 makes lossless text a fifth
 * smaller for twice the CPU, and the machine belongs to the person who works on it.
 */
function webp(pixels: Buffer, frame: Frame, width: number, quality: number | null) {
  const raw = { width: frame.width, height: frame.height, channels: 3 } as const
  const format = quality === null ? { lossless: true, effort: 0 } : { quality, effort: 0 }
  const image = sharp(pixels, { raw, limitInputPixels: false })
  const scaled = width < frame.width ? image.resize({ width }) : image
  return scaled.webp(format).toBuffer({ resolveWithObject: true })
}

/** Writes the pixels `from` … `to` of a four-byte frame into `into` as red, green, blue. */
function packRgb(frame: Frame, into: Buffer, from: number, to: number): void {
  const { data, layout } = frame
  const [red, blue] = layout === 'bgrx' ? [2, 0] : [0, 2]
  let at = from * PIXEL_BYTES[layout]
  let out = from * 3
  for (let pixel = from; pixel < to; pixel++) {
    into[out] = data[at + red] ?? 0
    into[out + 1] = data[at + 1] ?? 0
    into[out + 2] = data[at + blue] ?? 0
    at += 4
    out += 3
  }
}
