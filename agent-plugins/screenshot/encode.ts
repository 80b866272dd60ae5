import { createHash } from 'node:crypto'
import { setImmediate as nextLoop } from 'node:timers/promises'
import type { BlurLevel } from '@worksight/agent-core/contract/policy'
import type { ScreenshotMediaType } from '@worksight/agent-core/contract/screenshot'
import { LIMITS } from '@worksight/agent-core/contract/limits'
import sharp, { type Sharp } from 'sharp'
import { countColours } from './frame_hash.ts'
import type { Frame } from './screen_source.ts'

// one picture every few minutes: threads and caches of libvips would only hold memory
sharp.concurrency(1)
sharp.cache(false)

/**
 * From this many sampled colours on a frame is stored with loss. Below it lossless WebP is smaller than
 * lossy WebP at the same cost (1920 × 1080 of text: 114 KB against 354 KB at 256 colours, 306
 * against 387 at 729) and keeps every pixel; on photographs it is 14 times as large.
 */
const LOSSY_FROM_COLOURS = 640

/** Pixels converted in one go, whole words of four: some milliseconds, after which others get the event loop. */
const STRIDE = 1_000_000

/**
 * How a picture is stored. `auto` keeps the pixels of text screens, as WebP, and makes a JPEG of what is
 * like a photograph: a sixth of the CPU of lossy WebP for twice the bytes.
 */
export const FORMATS = ['auto', 'webp', 'png', 'jpeg', 'avif'] as const
export type PictureFormat = (typeof FORMATS)[number]
type FileFormat = Exclude<PictureFormat, 'auto'>

/** Pixels of the screen that become one, by level: letters of usual size are 8 to 20 high. */
const BLUR_BLOCKS: Readonly<Record<BlurLevel, number>> = { none: 1, light: 12, strong: 32 }

/**
 * What `auto` adds to the quality for a JPEG, so that as good as the same share of pixels is what the display
 * showed (within 16 of 255 a channel, of a desktop of text and charts: 98.1 in a hundred at 76, as WebP 98.7 at 60;
 * JPEG at 60: 97.0).
 */
const JPEG_NEEDS_MORE = 16

export type EncodeOptions = {
  readonly format: PictureFormat
  readonly blur: BlurLevel
  /** Quality of lossy pictures, 1 to 100. */
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

/**
 * Makes a picture of a raw frame, and uses its pixels up: they are brought into the order of red,
 * green, blue where they lie, so that no second copy of the screen is in memory.
 */
export async function encode(frame: Frame, options: EncodeOptions): Promise<EncodedPicture> {
  const width = pictureWidth(frame.width, frame.height, options.maxWidth)
  const isScaled = width < frame.width
  const isPlain = options.blur === 'none' && !isScaled
  const isText =
    (options.format === 'auto' || options.format === 'webp') &&
    isPlain &&
    countColours(frame, LOSSY_FROM_COLOURS) < LOSSY_FROM_COLOURS
  const format = options.format === 'auto' ? automatic(isText, options.blur) : options.format

  const pixels = await packed(frame)
  const image = await blurred(pixels, frame, options.blur)
  const make = (kind: FileFormat, loss: number | null) => encoded(image, frame, width, kind, loss)

  const isAutomaticJpeg = options.format === 'auto' && format === 'jpeg'
  const quality = Math.min(100, options.quality + (isAutomaticJpeg ? JPEG_NEEDS_MORE : 0))
  let picture = await make(format, isText ? null : quality)
  let mediaType: ScreenshotMediaType = `image/${format}`
  if (picture.data.length > LIMITS.screenshotBytes) {
    picture = await make('webp', options.quality)
    mediaType = 'image/webp'
  }
  return {
    data: picture.data,
    width: picture.info.width,
    height: picture.info.height,
    mediaType,
    sha256: createHash('sha256').update(picture.data).digest('hex'),
  }
}

/** What is blurred is so small a picture that WebP costs nothing. */
function automatic(isText: boolean, blur: BlurLevel): FileFormat {
  return isText || blur !== 'none' ? 'webp' : 'jpeg'
}

/** The pixels as red, green, blue, at the beginning of the frame's own buffer. */
async function packed(frame: Frame): Promise<Buffer> {
  if (frame.layout === 'rgb') {
    return frame.data
  }
  const count = frame.width * frame.height
  for (let from = 0; from < count; from += STRIDE) {
    packRgb(frame, from, Math.min(count, from + STRIDE))
    await nextLoop()
  }
  return frame.data.subarray(0, count * 3)
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
function encoded(
  { data, width: from, height }: RawPicture,
  frame: Frame,
  width: number,
  format: FileFormat,
  quality: number | null
) {
  const raw = { width: from, height, channels: 3 } as const
  const image = sharp(data, { raw, limitInputPixels: false })
  const size = { width, height: Math.max(1, Math.round((width * frame.height) / frame.width)) }
  const scaled = width === from ? image : image.resize({ ...size, fit: 'fill', kernel: 'cubic' })
  return formatted(scaled, format, quality).toBuffer({ resolveWithObject: true })
}

function formatted(image: Sharp, format: FileFormat, quality: number | null) {
  switch (format) {
    case 'webp':
      return image.webp(quality === null ? { lossless: true, effort: 0 } : { quality, effort: 0 })
    case 'png':
      return image.png({ compressionLevel: 6 })
    case 'jpeg':
      // the best codes for this very picture make it a tenth smaller for twice the CPU
      return image.jpeg({ optimiseCoding: false, ...(quality === null ? {} : { quality }) })
    case 'avif':
      return image.avif({ effort: 0, ...(quality === null ? {} : { quality }) })
  }
}

type RawPicture = { readonly data: Buffer; readonly width: number; readonly height: number }

/**
 * The pixels with each block of them as one, and those washed into each other: what was smaller than
 * a block is not in the picture any more, so that no sharpening brings it back.
 */
async function blurred(pixels: Buffer, frame: Frame, level: BlurLevel): Promise<RawPicture> {
  const { width, height } = frame
  if (level === 'none') {
    return { data: pixels, width, height }
  }
  const block = BLUR_BLOCKS[level]
  const { data, info } = await sharp(pixels, {
    raw: { width, height, channels: 3 },
    limitInputPixels: false,
  })
    .resize({
      width: Math.max(1, Math.ceil(width / block)),
      height: Math.max(1, Math.ceil(height / block)),
      fit: 'fill',
      kernel: 'linear',
    })
    .blur(1)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/**
 * Brings the pixels `from` … `to` of a four-byte frame to where they are as three bytes, never beyond
 * what was read; four at a time where they lie on whole words, in a sixth of the time.
 */
function packRgb({ data, layout }: Frame, from: number, to: number): void {
  const isWhole = data.byteOffset % 4 === 0 && from % 4 === 0
  const quads = isWhole ? (to - from) >> 2 : 0
  if (quads > 0) {
    const words = new Uint32Array(data.buffer, data.byteOffset, to)
    packQuads(words, layout === 'bgrx' ? 16 : 0, layout === 'bgrx' ? 0 : 16, from, from + quads * 4)
  }
  const [red, blue] = layout === 'bgrx' ? [2, 0] : [0, 2]
  for (let pixel = from + quads * 4; pixel < to; pixel++) {
    const at = pixel * 4
    const colours = [data[at + red] ?? 0, data[at + 1] ?? 0, data[at + blue] ?? 0]
    data.set(colours, pixel * 3)
  }
}

/** `red` and `blue` say by how many bits these are shifted in a word; green is always in between. */
function packQuads(words: Uint32Array, red: number, blue: number, from: number, to: number): void {
  let out = (from * 3) >> 2
  for (let at = from; at < to; at += 4) {
    const a = words[at] ?? 0
    const b = words[at + 1] ?? 0
    const c = words[at + 2] ?? 0
    const d = words[at + 3] ?? 0
    words[out] =
      ((a >> red) & 255) | (a & 0xff00) | (((a >> blue) & 255) << 16) | (((b >> red) & 255) << 24)
    words[out + 1] =
      ((b >> 8) & 255) |
      (((b >> blue) & 255) << 8) |
      (((c >> red) & 255) << 16) |
      ((c & 0xff00) << 16)
    words[out + 2] =
      ((c >> blue) & 255) |
      (((d >> red) & 255) << 8) |
      (((d >> 8) & 255) << 16) |
      (((d >> blue) & 255) << 24)
    out += 3
  }
}
