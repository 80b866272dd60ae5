import { PICTURE_KINDS, type PictureKind } from '#services/demo/cast'
import { Random } from '#services/demo/random'
import { createHash } from 'node:crypto'
import sharp from 'sharp'

const WIDTH = 1600
const HEIGHT = 900
const VARIANTS = 3

export type DemoPicture = {
  readonly kind: PictureKind
  readonly bytes: Buffer
  readonly sha256: string
  readonly width: number
  readonly height: number
}

/** Small drawn desktops, some for each kind of scene. */
export async function drawPictures(seed: number): Promise<DemoPicture[]> {
  const random = new Random(seed)
  const pictures: DemoPicture[] = []
  for (const kind of PICTURE_KINDS) {
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const bytes = await sharp(Buffer.from(desktop(kind, variant, random)))
        .webp({ quality: 60, effort: 1 })
        .toBuffer()
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      pictures.push({ kind, bytes, sha256, width: WIDTH, height: HEIGHT })
    }
  }
  return pictures
}

const rect = (x: number, y: number, width: number, height: number, fill: string, round = 0) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" fill="${fill}"/>`

function desktop(kind: PictureKind, variant: number, random: Random): string {
  const skies = [
    ['#1e3a5f', '#4b7ea8'],
    ['#2d2a4a', '#7a5c8e'],
    ['#23483d', '#6b9a7d'],
  ] as const
  const [top, bottom] = skies[variant % skies.length] as (typeof skies)[number]
  const inset = 40 + variant * 30
  const dark = kind === 'terminal' || kind === 'meeting' || (kind === 'editor' && variant !== 1)
  const [x, y, width, height] = [inset, 60, WIDTH - 2 * inset, HEIGHT - 130] as const
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs>
${rect(0, 0, WIDTH, HEIGHT, 'url(#s)')}${rect(0, 0, WIDTH, 32, '#11151c')}
${rect(x + 6, y + 10, width, height, '#00000055', 12)}
${rect(x, y, width, height, dark ? '#1c2129' : '#fbfbfc', 12)}
${rect(x, y, width, 42, dark ? '#2a313c' : '#e4e7eb', 12)}
${['#e5695e', '#e6b450', '#6bbf59'].map((fill, n) => `<circle cx="${x + 26 + n * 24}" cy="${y + 21}" r="7" fill="${fill}"/>`).join('')}
${rect(x + width / 2 - 120, y + 15, 240, 12, dark ? '#4a5463' : '#c4cad2', 6)}
${CONTENT[kind](x + 1, y + 42, width - 2, height - 54, random, dark)}
</svg>`
}

type Content = (
  x: number,
  y: number,
  width: number,
  height: number,
  random: Random,
  dark: boolean
) => string

/** Grey bars of the length of words. */
function lines(
  x: number,
  y: number,
  width: number,
  count: number,
  random: Random,
  fills: readonly string[]
) {
  return Array.from({ length: count }, (_, row) => {
    let at = x + (random.chance(0.4) ? 28 : 0)
    const words = random.whole(1, 6)
    return Array.from({ length: words }, () => {
      const length = random.whole(30, 130)
      const word =
        at + length < x + width ? rect(at, y + row * 24, length, 11, random.pick(fills), 4) : ''
      at += length + 12
      return word
    }).join('')
  }).join('')
}

const CODE = ['#7aa2f7', '#9ece6a', '#e0af68', '#c0caf5', '#bb9af7', '#565f89']
const INK = ['#9aa3ae', '#b6bdc6', '#858f9c']

const CONTENT: Readonly<Record<PictureKind, Content>> = {
  editor: (x, y, width, height, random, dark) =>
    rect(x, y, 260, height, dark ? '#222833' : '#eff1f4') +
    lines(x + 24, y + 24, 200, 18, random, dark ? ['#59636f'] : INK) +
    lines(
      x + 300,
      y + 24,
      width - 340,
      28,
      random,
      dark ? CODE : ['#2f6f9f', '#8a4b9c', '#677280']
    ),
  terminal: (x, y, width, _height, random) =>
    lines(x + 24, y + 24, width - 60, 27, random, ['#8fd18a', '#c9d1d9', '#6e7681']),
  browser: (x, y, width, height, random) =>
    rect(x, y, width, 54, '#f1f3f5') +
    rect(x + 120, y + 14, width - 260, 26, '#ffffff', 13) +
    rect(x + 60, y + 90, width - 120, 150, random.pick(['#d7e6f5', '#f3e3d3', '#dcefe0']), 10) +
    [0, 1, 2]
      .map((n) =>
        rect(x + 60 + n * ((width - 120) / 3), y + 270, (width - 180) / 3, 170, '#eef0f3', 10)
      )
      .join('') +
    lines(x + 60, y + 470, width - 140, Math.floor((height - 490) / 24), random, INK),
  mail: (x, y, width, height, random) =>
    rect(x, y, 420, height, '#f3f5f7') +
    Array.from({ length: 9 }, (_, n) =>
      rect(x + 16, y + 18 + n * 76, 388, 62, n === 2 ? '#cfe0f5' : '#ffffff', 8)
    ).join('') +
    lines(x + 34, y + 34, 330, 26, random, INK) +
    rect(x + 470, y + 40, 420, 24, '#7d8794', 6) +
    lines(x + 470, y + 100, width - 520, 19, random, INK),
  chat: (x, y, width, height, random) =>
    rect(x, y, 250, height, '#4a3157') +
    lines(x + 30, y + 40, 190, 16, random, ['#8f7a9b']) +
    Array.from({ length: 7 }, (_, n) => {
      const at = y + 30 + n * 98
      return `<circle cx="${x + 300}" cy="${at + 20}" r="20" fill="${random.pick(['#e0a45c', '#6fa8dc', '#93c47d', '#c27ba0'])}"/>${lines(x + 340, at + 4, width - 400, 3, random, INK)}`
    }).join(''),
  sheet: (x, y, width, height, random) => {
    const rows = Math.floor(height / 32)
    const columns = Math.floor(width / 120)
    return (
      rect(x, y, width, 32, '#e8efe9') +
      Array.from(
        { length: rows },
        (_, row) =>
          rect(x, y + row * 32, width, 1, '#d5dade') +
          Array.from({ length: columns }, (_c, column) =>
            random.chance(0.7)
              ? rect(
                  x + column * 120 + 18,
                  y + row * 32 + 11,
                  random.whole(30, 84),
                  10,
                  column === 0 ? '#6c7682' : '#a3abb5',
                  3
                )
              : ''
          ).join('')
      ).join('') +
      Array.from({ length: columns }, (_, column) =>
        rect(x + column * 120, y, 1, height, '#d5dade')
      ).join('')
    )
  },
  canvas: (x, y, width, height, random) =>
    rect(x, y, width, height, '#eceef1') +
    rect(x, y, 64, height, '#ffffff') +
    rect(x + width - 230, y, 230, height, '#ffffff') +
    Array.from({ length: 9 }, () =>
      rect(
        x + random.whole(100, width - 520),
        y + random.whole(30, height - 240),
        random.whole(90, 260),
        random.whole(60, 190),
        random.pick(['#ffffff', '#b8d4f0', '#f2c6b6', '#cfe8c9', '#e3d2ef']),
        random.whole(4, 26)
      )
    ).join('') +
    lines(x + width - 205, y + 30, 180, 20, random, INK),
  meeting: (x, y, width, height, random) =>
    [0, 1, 2, 3, 4, 5]
      .map((n) => {
        const [w, h] = [(width - 80) / 3, (height - 110) / 2]
        const [left, top] = [x + 20 + (n % 3) * (w + 20), y + 20 + Math.floor(n / 3) * (h + 20)]
        const fill = random.pick(['#37485c', '#4b3f5c', '#3c544a', '#5c4a3f'])
        return (
          rect(left, top, w, h, fill, 12) +
          `<circle cx="${left + w / 2}" cy="${top + h / 2 - 24}" r="46" fill="#c9b7a6"/>` +
          `<ellipse cx="${left + w / 2}" cy="${top + h - 30}" rx="96" ry="70" fill="#7f8fa3"/>`
        )
      })
      .join('') + rect(x + width / 2 - 60, y + height - 44, 120, 30, '#c0392b', 15),
}
