import { PIXEL_BYTES, type Frame, type PixelLayout } from './screen_source.ts'

/** Largest value of a colour channel, of 255, that still counts as black. */
const NEAR_BLACK = 8

const COLUMNS = 9
const ROWS = 8
/** Pixels looked at in each direction of one cell of the hash. */
const SAMPLES = 12

type Pixels = Pick<Frame, 'width' | 'height' | 'layout' | 'data'>

/** Offsets of red, green and blue in one pixel. */
export const CHANNELS: Readonly<Record<PixelLayout, readonly [number, number, number]>> = {
  rgb: [0, 1, 2],
  rgba: [0, 1, 2],
  bgrx: [2, 1, 0],
}

/** Whether two frames show the same, pixel by pixel. */
export function sameFrame(one: Pixels, other: Pixels): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.layout === other.layout &&
    one.data.equals(other.data)
  )
}

/**
 * Whether every pixel has the same near-black colour: what a display that sleeps, or a system that
 * does not show its screen, gives.
 */
export function isBlack(frame: Pixels): boolean {
  const { data, layout } = frame
  const isDark = CHANNELS[layout].every((offset) => (data[offset] ?? 0) <= NEAR_BLACK)
  return isDark && data.subarray(PIXEL_BYTES[layout]).equals(data.subarray(0, -PIXEL_BYTES[layout]))
}

/**
 * The 64-bit difference hash of a frame as 16 hexadecimal digits: the picture as 9 × 8 mean
 * brightnesses, each bit whether a cell is darker than its right neighbour. Similar pictures differ
 * in few bits. After Neal Krawetz, "Kind of Like That" (2013); it samples instead of scaling, so
 * that it costs 0.3 ms whatever the size.
 */
export function differenceHash(frame: Pixels): string {
  const cells = brightness(frame)
  let hash = 0n
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS - 1; column++) {
      const at = row * COLUMNS + column
      const isDarker = (cells[at] ?? 0) < (cells[at + 1] ?? 0)
      hash = (hash << 1n) | (isDarker ? 1n : 0n)
    }
  }
  return hash.toString(16).padStart(16, '0')
}

function brightness(frame: Pixels): Uint32Array {
  const { width, height, layout, data } = frame
  const [red, green, blue] = CHANNELS[layout]
  const across = COLUMNS * SAMPLES
  const down = ROWS * SAMPLES
  const cells = new Uint32Array(COLUMNS * ROWS)
  for (let j = 0; j < down; j++) {
    const row = Math.floor(((j + 0.5) * height) / down) * width
    const cellRow = Math.floor(j / SAMPLES) * COLUMNS
    for (let i = 0; i < across; i++) {
      const at = (row + Math.floor(((i + 0.5) * width) / across)) * PIXEL_BYTES[layout]
      const luma =
        299 * (data[at + red] ?? 0) + 587 * (data[at + green] ?? 0) + 114 * (data[at + blue] ?? 0)
      const cell = cellRow + Math.floor(i / SAMPLES)
      cells[cell] = (cells[cell] ?? 0) + luma
    }
  }
  return cells
}

/**
 * How many colours a frame has, as far as a grid of about 20 000 of its pixels shows, counting no
 * further than `most`. Text and plain windows have hundreds, photographs and videos thousands.
 */
export function countColours(frame: Pixels, most: number): number {
  const { width, height, layout, data } = frame
  const pixel = PIXEL_BYTES[layout]
  // an odd step in a long row of pixels touches every column, where a square grid would not
  const step = Math.max(1, Math.floor((width * height) / 20_000)) | 1
  const colours = new Set<number>()
  for (let at = 0; at + 2 < data.length && colours.size < most; at += step * pixel) {
    colours.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0))
  }
  return colours.size
}
