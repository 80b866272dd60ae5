import { LIMITS } from '#contract/limits'
import { SCREENSHOT_MEDIA_TYPES, type ScreenshotMediaType } from '#contract/screenshot'
import { E_INVALID } from '#exceptions/api_errors'
import { open } from 'node:fs/promises'
import sharp from 'sharp'

export type Picture = {
  readonly mediaType: ScreenshotMediaType
  readonly width: number
  readonly height: number
}

const TYPE_OF_FORMAT: Record<string, ScreenshotMediaType> = {
  webp: 'image/webp',
  png: 'image/png',
  jpeg: 'image/jpeg',
  heif: 'image/avif',
}

/**
 * Reads what a picture file really is, from its own bytes: type, size in pixels, and whether its end
 * is there. Only headers are read, so that a picture of a billion pixels costs no more than any
 * other. Throws E_INVALID, field `file`.
 */
export async function readPicture(path: string): Promise<Picture> {
  const { width, height, format } = await metadataOf(path)
  const mediaType = TYPE_OF_FORMAT[format ?? '']
  if (!mediaType) {
    throw refuse(`The file is ${format}; expected ${SCREENSHOT_MEDIA_TYPES.join(', ')}`)
  }
  if (width > LIMITS.screenshotSide || height > LIMITS.screenshotSide) {
    throw refuse(`The picture is ${width} × ${height}; no side may exceed ${LIMITS.screenshotSide}`)
  }
  if (!(await isWhole(path, mediaType))) {
    throw refuse('The picture ends before its end')
  }
  return { mediaType, width, height }
}

async function metadataOf(path: string) {
  try {
    return await sharp(path, { limitInputPixels: LIMITS.screenshotPixels }).metadata()
  } catch (error) {
    const isTooLarge = error instanceof Error && /pixel limit/.test(error.message)
    throw refuse(
      isTooLarge
        ? `The picture has more than ${LIMITS.screenshotPixels} pixels`
        : `The file is no picture; expected ${SCREENSHOT_MEDIA_TYPES.join(', ')}`,
      error
    )
  }
}

function refuse(message: string, cause?: unknown) {
  return new E_INVALID(message, { field: 'file', cause })
}

/** Each format says where it ends: by a last chunk, an end marker, or a length at the front. */
async function isWhole(path: string, mediaType: ScreenshotMediaType): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const head = Buffer.alloc(12)
    const tail = Buffer.alloc(12)
    await handle.read(head, 0, 12, 0)
    await handle.read(tail, 0, 12, Math.max(0, size - 12))
    switch (mediaType) {
      case 'image/png':
        return tail.toString('latin1', 4, 8) === 'IEND'
      case 'image/jpeg':
        return tail.readUInt16BE(10) === 0xffd9
      case 'image/webp':
        return head.readUInt32LE(4) + 8 === size
      case 'image/avif':
        return await boxesFill(handle, size)
    }
  } finally {
    await handle.close()
  }
}

/** Whether the boxes of an ISO base media file add up to the file. */
async function boxesFill(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<boolean> {
  const header = Buffer.alloc(8)
  let offset = 0
  while (offset + 8 <= size) {
    await handle.read(header, 0, 8, offset)
    const length = header.readUInt32BE(0)
    if (length === 0) {
      return true
    }
    if (length < 8) {
      return false
    }
    offset += length
  }
  return offset === size
}
