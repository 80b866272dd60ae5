import { setImmediate as nextLoop } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { CHANNELS } from './frame_hash.ts'
import { PIXEL_BYTES, type Frame } from './screen_source.ts'

/** Side of a tile, in pixels; a band is as high and as wide as the frame. */
const TILE = 32
/** Grid of the hash: each of its 16 × 16 bits compares two neighbours. */
const COLUMNS = 17
const ROWS = 16
/** Bits in which two pictures may differ that show the same but for a cursor or a clock. */
const MOST_BITS = 4
/** Share of the tiles that may differ, however few a small display has. */
const MOST_SHARE = 0.02
/** Bands whose tiles are read in one go, after which others get the event loop. */
const BANDS_AT_ONCE = 8

type Pixels = Pick<Frame, 'width' | 'height' | 'layout' | 'data'>

/**
 * What a frame showed, in 10 KB instead of its pixels: a checksum of every 32 rows, one of every tile
 * of 32 × 32 pixels, and the difference hash on a grid of 17 × 16 pixels. Two frames that differ have
 * the same checksums once in four thousand million times.
 */
export type FramePrint = Pick<Frame, 'width' | 'height' | 'layout'> & {
  readonly bands: Uint32Array
  readonly tiles: Uint32Array
  readonly bits: Uint8Array
}

export async function printOf(frame: Pixels): Promise<FramePrint> {
  const { width, height, layout } = frame
  const across = Math.ceil(width / TILE)
  const count = Math.ceil(height / TILE)
  const tiles = new Uint32Array(across * count)
  for (let band = 0; band < count; band++) {
    tiles.set(tilesOf(frame, band), band * across)
    if (band % BANDS_AT_ONCE === BANDS_AT_ONCE - 1) {
      await nextLoop()
    }
  }
  const bands = Uint32Array.from({ length: count }, (_, band) => checksumOf(frame, band))
  return { width, height, layout, bands, tiles, bits: differenceBits(frame) }
}

/** Whether a frame shows what the one of the print showed, to the pixel. */
export function isSame(print: FramePrint, frame: Pixels): boolean {
  return (
    isAlike(print, frame) &&
    print.bands.every((checksum, band) => checksum === checksumOf(frame, band))
  )
}

/**
 * Whether a frame shows what the one of the print showed, but for as much as a blinking cursor or a
 * clock: at most `mostTiles` tiles and a fiftieth of them differ, and hardly a bit of the hash.
 */
export function isNearlySame(print: FramePrint, frame: Pixels, mostTiles: number): boolean {
  if (!isAlike(print, frame) || distance(print.bits, differenceBits(frame)) > MOST_BITS) {
    return false
  }
  const across = Math.ceil(frame.width / TILE)
  const most = Math.min(mostTiles, Math.floor(print.tiles.length * MOST_SHARE))
  let changed = 0
  for (const [band, checksum] of print.bands.entries()) {
    if (checksum !== checksumOf(frame, band)) {
      const before = print.tiles.subarray(band * across, (band + 1) * across)
      const now = tilesOf(frame, band)
      changed += now.reduce((sum, tile, at) => sum + (tile === before[at] ? 0 : 1), 0)
      if (changed > most) {
        return false
      }
    }
  }
  return true
}

function isAlike(one: Omit<Pixels, 'data'>, other: Pixels): boolean {
  return one.width === other.width && one.height === other.height && one.layout === other.layout
}

function checksumOf({ width, layout, data }: Pixels, band: number): number {
  const rows = width * PIXEL_BYTES[layout] * TILE
  return crc32(data.subarray(band * rows, (band + 1) * rows))
}

/** FNV-1a of every tile of a band, a pixel at a time where it has four bytes. */
function tilesOf({ width, height, layout, data }: Pixels, band: number): Uint32Array {
  const isWhole = PIXEL_BYTES[layout] === 4 && data.byteOffset % 4 === 0
  const units = isWhole ? new Uint32Array(data.buffer, data.byteOffset, data.length >> 2) : data
  const row = width * (isWhole ? 1 : PIXEL_BYTES[layout])
  const step = TILE * (isWhole ? 1 : PIXEL_BYTES[layout])
  const tiles = new Uint32Array(Math.ceil(width / TILE)).fill(0x811c9dc5)
  const end = Math.min(height, (band + 1) * TILE)
  for (let y = band * TILE; y < end; y++) {
    const rowEnd = (y + 1) * row
    let at = y * row
    for (let tile = 0; tile < tiles.length; tile++) {
      let hash = tiles[tile] ?? 0
      for (const until = Math.min(rowEnd, at + step); at < until; at++) {
        hash = Math.imul(hash ^ (units[at] ?? 0), 0x01000193)
      }
      tiles[tile] = hash
    }
  }
  return tiles
}

/** Whether each pixel of the grid is darker than its right neighbour; after Krawetz, as `differenceHash`. */
function differenceBits({ width, height, layout, data }: Pixels): Uint8Array {
  const [red, green, blue] = CHANNELS[layout]
  const bits = new Uint8Array((COLUMNS - 1) * ROWS)
  for (let row = 0; row < ROWS; row++) {
    const line = Math.floor(((row + 0.5) * height) / ROWS) * width
    let before = 0
    for (let column = 0; column < COLUMNS; column++) {
      const at = (line + Math.floor(((column + 0.5) * width) / COLUMNS)) * PIXEL_BYTES[layout]
      const luma =
        299 * (data[at + red] ?? 0) + 587 * (data[at + green] ?? 0) + 114 * (data[at + blue] ?? 0)
      if (column > 0) {
        bits[row * (COLUMNS - 1) + column - 1] = before < luma ? 1 : 0
      }
      before = luma
    }
  }
  return bits
}

function distance(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, bit, at) => sum + (bit === other[at] ? 0 : 1), 0)
}
