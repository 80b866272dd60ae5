/**
 * A small line font as SVG paths, for pictures that must look the same on every machine: a bare
 * server has no font files, and `<text>` would draw boxes or nothing there.
 *
 * A glyph is its width and a path; capitals stand from y = 0 to the baseline at y = 14, small
 * letters begin at y = 5, tails end at y = 18.
 */
const GLYPHS: Readonly<Record<string, readonly [width: number, path: string]>> = {
  'a': [8, 'M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0M8 5v9'],
  'b': [8, 'M0 0v14M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0'],
  'c': [7, 'M7 6.6a4 4.5 0 1 0 0 5.8'],
  'd': [8, 'M8 0v14M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0'],
  'e': [8, 'M.2 9.3h7.8a4 4.5 0 1 0-1.2 3.4'],
  'f': [5, 'M5.4 .3c-2.2-.8-3.4 .4-3.4 2.7v11M0 5h5'],
  'g': [8, 'M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0M8 5v9.3c0 4.3-5 4.7-7.2 2.6'],
  'h': [7, 'M0 0v14M0 9c0-5.3 7-5.3 7 0v5'],
  'i': [1, 'M.5 5v9M.5 .9v.01'],
  'j': [3, 'M2.5 5v10.5c0 2-1 2.6-2.5 2.3M2.5 .9v.01'],
  'k': [6.5, 'M0 0v14M6 5l-6 5.5M2.4 8.4l4.1 5.6'],
  'l': [1, 'M.5 0v14'],
  'm': [11, 'M0 5v9M0 8.6c0-4.8 5.5-4.8 5.5 0v5.4M5.5 8.6c0-4.8 5.5-4.8 5.5 0v5.4'],
  'n': [7, 'M0 5v9M0 9c0-5.3 7-5.3 7 0v5'],
  'o': [8, 'M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0'],
  'p': [8, 'M0 5v13M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0'],
  'q': [8, 'M8 5v13M0 9.5a4 4.5 0 1 0 8 0a4 4.5 0 1 0-8 0'],
  'r': [4.5, 'M0 5v9M0 9.2c0-3.2 2-4.6 4.5-4'],
  's': [6.4, 'M6.1 6.5c-1-2-5.8-2.1-5.8 .8c0 3 6.1 1.5 6.1 4.4c0 3-5.3 3-6.4 .6'],
  't': [5, 'M2 1.5v9.8c0 2.5 1.3 3.2 3.2 2.5M0 5h5'],
  'u': [7, 'M0 5v5c0 5.3 7 5.3 7 0M7 5v9'],
  'v': [7.5, 'M0 5l3.75 9l3.75-9'],
  'w': [11, 'M0 5l2.75 9l2.75-8.5l2.75 8.5l2.75-9'],
  'x': [7, 'M0 5l7 9M7 5l-7 9'],
  'y': [7.5, 'M0 5l3.75 9M7.5 5l-4.4 10.8c-.7 1.7-1.5 2.2-2.8 1.9'],
  'z': [6.5, 'M.2 5h6.3l-6.5 9h6.5'],
  'A': [10, 'M0 14l5-14l5 14M1.7 9.3h6.6'],
  'B': [8, 'M0 0v14h4.3a3.7 3.7 0 0 0 0-7.4h-4.3M0 0h3.9a3.3 3.3 0 0 1 0 6.6'],
  'C': [10, 'M10 3.2a5.8 7 0 1 0 0 7.6'],
  'D': [9, 'M0 0v14h3a6 7 0 0 0 0-14z'],
  'E': [7, 'M7 0h-7v14h7M0 6.8h6'],
  'F': [7, 'M7 0h-7v14M0 6.8h6'],
  'G': [10.5, 'M10 3a5.8 7 0 1 0 .5 6v-1.5h-4.5'],
  'H': [8.5, 'M0 0v14M8.5 0v14M0 6.8h8.5'],
  'I': [1, 'M.5 0v14'],
  'J': [6, 'M6 0v9.7c0 5.6-6 5.6-6 .8'],
  'K': [8, 'M0 0v14M7.6 0l-7.6 8.2M2.9 5.2l5.1 8.8'],
  'L': [6.5, 'M0 0v14h6.5'],
  'M': [11, 'M0 14v-14l5.5 8.5l5.5-8.5v14'],
  'N': [9, 'M0 14v-14l9 14v-14'],
  'O': [11.5, 'M0 7a5.75 7 0 1 0 11.5 0a5.75 7 0 1 0-11.5 0'],
  'P': [8, 'M0 14v-14h4.1a3.9 3.9 0 0 1 0 7.8h-4.1'],
  'Q': [11.5, 'M0 7a5.75 7 0 1 0 11.5 0a5.75 7 0 1 0-11.5 0M7 10.2l4.5 4.6'],
  'R': [8, 'M0 14v-14h4.1a3.9 3.9 0 0 1 0 7.8h-4.1M4 7.8l4.2 6.2'],
  'S': [8, 'M7.8 2.8c-1.3-4-7.5-3.6-7.5 .6c0 5 7.7 2.4 7.7 7.2c0 4.4-6.8 4.8-8 .4'],
  'T': [9, 'M0 0h9M4.5 0v14'],
  'U': [8.5, 'M0 0v8.5c0 7.3 8.5 7.3 8.5 0v-8.5'],
  'V': [10, 'M0 0l5 14l5-14'],
  'W': [14, 'M0 0l3.5 14l3.5-13l3.5 13l3.5-14'],
  'X': [9, 'M0 0l9 14M9 0l-9 14'],
  'Y': [9, 'M0 0l4.5 7l4.5-7M4.5 7v7'],
  'Z': [8, 'M.2 0h7.8l-8 14h8'],
  '0': [8, 'M0 7a4 7 0 1 0 8 0a4 7 0 1 0-8 0'],
  '1': [8, 'M1.6 2.8l3.3-2.8v14'],
  '2': [8, 'M.3 3.6c.3-4.8 7.5-4.8 7.5 .2c0 3.6-5.3 6.4-7.8 10.2h8'],
  '3': [8, 'M.5 1.8c2.2-3 7-2.1 7 1.5c0 2.2-1.7 3.3-4.5 3.4c3.2 0 5 1.3 5 3.6c0 4.4-6.2 4.8-8 1.3'],
  '4': [8, 'M6 14v-14l-6 9.6h8'],
  '5': [8, 'M7.3 0h-6.3l-.6 6.2c2.5-2 7.6-1.5 7.6 3.2c0 5.2-6.3 5.8-8 2.2'],
  '6': [8, 'M6.8 1c-4-2.6-6.8 1.5-6.8 8.3M0 9.4a4 4.6 0 1 0 8 0a4 4.6 0 1 0-8 0'],
  '7': [8, 'M0 0h8l-5 14'],
  '8': [
    8,
    'M.7 3.3a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0-6.6 0M0 10.3a4 3.7 0 1 0 8 0a4 3.7 0 1 0-8 0',
  ],
  '9': [8, 'M1.2 13c4 2.6 6.8-1.5 6.8-8.3M0 4.6a4 4.6 0 1 0 8 0a4 4.6 0 1 0-8 0'],
  '.': [1, 'M.5 13.7v.01'],
  ',': [1.5, 'M1 13.6v.4l-.8 2.2'],
  ':': [1, 'M.5 6v.01M.5 13.3v.01'],
  ';': [1.5, 'M1 6v.01M1 13.3v.4l-.8 2.2'],
  '!': [1, 'M.5 0v9.5M.5 13.7v.01'],
  '?': [7, 'M.2 3c.5-4.2 6.8-3.9 6.8 .3c0 3-3.4 3.2-3.4 6.4M3.6 13.7v.01'],
  "'": [1, 'M.5 0v3.5'],
  '"': [4, 'M.5 0v3.5M3.5 0v3.5'],
  '(': [3, 'M3-1c-4 4.6-4 11.8 0 16.5'],
  ')': [3, 'M0-1c4 4.6 4 11.8 0 16.5'],
  '[': [3, 'M3-1h-3v16.5h3'],
  ']': [3, 'M0-1h3v16.5h-3'],
  '{': [
    4.5,
    'M4.5-1c-2 0-2.5 .8-2.5 2.7v2.6c0 1.7-.6 2.6-2 2.9c1.4 .3 2 1.2 2 2.9v2.6c0 1.9 .5 2.8 2.5 2.8',
  ],
  '}': [
    4.5,
    'M0-1c2 0 2.5 .8 2.5 2.7v2.6c0 1.7 .6 2.6 2 2.9c-1.4 .3-2 1.2-2 2.9v2.6c0 1.9-.5 2.8-2.5 2.8',
  ],
  '<': [7, 'M7 3.8l-7 4.4l7 4.4'],
  '>': [7, 'M0 3.8l7 4.4l-7 4.4'],
  '=': [7.5, 'M0 6h7.5M0 10.2h7.5'],
  '+': [8, 'M0 8h8M4 4v8'],
  '-': [5, 'M0 8.5h5'],
  '–': [7, 'M0 8.5h7'],
  '_': [8, 'M0 16h8'],
  '/': [6, 'M6-1l-6 16.5'],
  '\\': [6, 'M0-1l6 16.5'],
  '|': [1, 'M.5-1v17'],
  '*': [6, 'M3 1v6.4M.2 2.6l5.6 3.2M5.8 2.6l-5.6 3.2'],
  '%': [
    11,
    'M10 0l-9 14M0 3a2.6 3 0 1 0 5.2 0a2.6 3 0 1 0-5.2 0M5.8 11a2.6 3 0 1 0 5.2 0a2.6 3 0 1 0-5.2 0',
  ],
  '&': [
    9.5,
    'M9.5 14l-7-8.4c-2.2-2.7-.8-5.6 1.5-5.6c3.4 0 3.6 4.4 .4 6.2c-6.6 3.6-4.6 7.8-.8 7.8c3 0 5-2 5.6-5.6',
  ],
  '#': [9, 'M3.5 1l-1.5 13M7.5 1l-1.5 13M0 5h9M0 10h9'],
  '$': [8, 'M7.8 3.2c-1.3-3.4-7.5-3-7.5 .6c0 4.6 7.7 2.4 7.7 6.8c0 4-6.8 4.2-8 .6M4-1v16.5'],
  '·': [1, 'M.5 8.5v.01'],
  '→': [11, 'M0 8.5h11M7 4.5l4 4l-4 4'],
  '✓': [9, 'M0 9l3.2 4l5.8-9'],
}

const UNKNOWN: readonly [number, string] = [7, 'M0 1h7v13h-7z']
const CAPITAL = 14
const GAP = 3.6
const SPACE = 5
/** Width of every character of monospaced text, in units of the font. */
const CELL = 11

export type TextStyle = {
  /** Height of a capital, in pixels. */
  readonly size: number
  readonly colour: string
  /** Stroke in units of the font; 1.5 reads as regular, 2.4 as bold. */
  readonly weight?: number
  /** Every character equally wide, as in an editor. */
  readonly mono?: boolean
}

/** An SVG element that draws `text`, its baseline beginning at (`x`, `y`), in pixels. */
export function drawText(text: string, x: number, y: number, style: TextStyle): string {
  const scale = style.size / CAPITAL
  let at = 0
  let glyphs = ''
  for (const character of text) {
    const [width, path] = GLYPHS[character] ?? (character === ' ' ? [SPACE, ''] : UNKNOWN)
    const left = style.mono ? at + (CELL - width) / 2 : at
    glyphs += path && `<path transform="translate(${left.toFixed(2)} 0)" d="${path}"/>`
    at += style.mono ? CELL : advance(character, width)
  }
  return (
    `<g transform="translate(${x} ${y - style.size}) scale(${scale.toFixed(4)})" fill="none" ` +
    `stroke="${style.colour}" stroke-width="${style.weight ?? 1.6}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${glyphs}</g>`
  )
}

/** How wide `drawText` makes `text`, in pixels. */
export function textWidth(text: string, style: Pick<TextStyle, 'size' | 'mono'>): number {
  const scale = style.size / CAPITAL
  let units = 0
  for (const character of text) {
    const [width] = GLYPHS[character] ?? (character === ' ' ? [SPACE] : UNKNOWN)
    units += style.mono ? CELL : advance(character, width)
  }
  return Math.max(0, units - (style.mono ? 0 : GAP)) * scale
}

function advance(character: string, width: number): number {
  return character === ' ' ? SPACE : width + GAP
}
