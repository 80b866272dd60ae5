import { drawText, textWidth, type TextStyle } from './stroke_font.ts'

/** Flat colours of the demo desktop; a stored picture of it holds each of them. */
export const DEMO_COLOURS = {
  brand: '#22d3ee',
  bar: '#0b1220',
  editor: '#0f172a',
  editorEdge: '#1e293b',
  paper: '#ffffff',
  paperEdge: '#e8edf3',
  chart: '#2563eb',
  done: '#16a34a',
} as const

/** What is written on the demo desktop. */
export const DEMO_TEXTS = {
  brand: 'WorkSight demo',
  footer: 'Demo display: everything on it is drawn by a program.',
  editor: 'invoices.ts - Editor',
  chart: 'Orders per minute',
  board: 'Release 4.2 - Team board',
} as const

/** Size of a display in pixels. */
export type Size = { readonly width: number; readonly height: number }

/** A part of the display in whole pixels, and the SVG document that fills it. */
export type Panel = Size & { readonly x: number; readonly y: number; readonly svg: string }

/** The layout is drawn for this size and scaled to fit any other. */
const DESIGN: Size = { width: 1280, height: 720 }

type Area = Size & { readonly x: number; readonly y: number }

const EDITOR: Area = { x: 40, y: 62, width: 660, height: 586 }
const CHART: Area = { x: 724, y: 62, width: 516, height: 300 }
const BOARD: Area = { x: 724, y: 386, width: 516, height: 262 }
const TITLE_BAR = 34
const STATUS_BAR = 26
const STATUS_COLOUR = '#164e63'

/** The windows of the desktop as programs name them, and where they lie, in whole pixels. */
export function windowsOf(
  size: Size
): readonly (Size & { readonly app: string; readonly title: string; x: number; y: number })[] {
  const { left, scale } = fit(size)
  return [
    { app: 'Editor', title: DEMO_TEXTS.editor, area: EDITOR },
    { app: 'Monitor', title: DEMO_TEXTS.chart, area: CHART },
    { app: 'Board', title: DEMO_TEXTS.board, area: BOARD },
  ].map(({ app, title, area }) => ({
    app,
    title,
    x: Math.floor(left + area.x * scale),
    y: Math.floor(area.y * scale),
    width: Math.floor(area.width * scale),
    height: Math.floor(area.height * scale),
  }))
}

/** The whole desktop without what moves on it. */
export function desktop(size: Size): Panel {
  const { brand, bar } = DEMO_COLOURS
  const { left, scale } = fit(size)
  const barHeight = scale * 36
  const content =
    text(DEMO_TEXTS.brand, 46, 24, { size: 12, colour: '#f8fafc', weight: 2.2 }) +
    text('File    Edit    View    Window    Help', 208, 24, { size: 11, colour: '#94a3b8' }) +
    `<rect x="18" y="9" width="18" height="18" fill="${brand}"/>` +
    editorWindow() +
    paperWindow(CHART, DEMO_TEXTS.chart) +
    paperWindow(BOARD, DEMO_TEXTS.board) +
    centred(DEMO_TEXTS.footer, 690, { size: 12, colour: '#dbeafe' })
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">` +
    `<defs><linearGradient id="sky" x1="0" y1="0" x2="0.4" y2="1"><stop offset="0" stop-color="#1e3a8a"/>` +
    `<stop offset="0.55" stop-color="#0e7490"/><stop offset="1" stop-color="#0f766e"/></linearGradient></defs>` +
    `<rect width="100%" height="100%" fill="url(#sky)"/>` +
    `<circle cx="12%" cy="96%" r="26%" fill="#ffffff" fill-opacity="0.05"/>` +
    `<circle cx="94%" cy="10%" r="34%" fill="#ffffff" fill-opacity="0.05"/>` +
    `<rect width="100%" height="${barHeight}" fill="${bar}"/>` +
    `<g transform="translate(${left} 0) scale(${scale})">${content}</g></svg>`
  return { x: 0, y: 0, ...size, svg }
}

/** The parts that change from second to second, `seconds` after the demo began. */
export function movingPanels(size: Size, now: Date, seconds: number): Panel[] {
  const editor: Area = { x: EDITOR.x + 131, y: EDITOR.y + TITLE_BAR, width: 528, height: 526 }
  const status: Area = {
    x: EDITOR.x + 12,
    y: EDITOR.y + EDITOR.height - 24,
    width: 240,
    height: 22,
  }
  const chart: Area = { ...inside(CHART), height: inside(CHART).height - 4 }
  const board: Area = { ...inside(BOARD), height: inside(BOARD).height - 4 }
  return [
    panel(size, { x: 1000, y: 4, width: 268, height: 28 }, DEMO_COLOURS.bar, clock(now)),
    panel(size, editor, DEMO_COLOURS.editor, typedCode(editor, seconds)),
    panel(size, status, STATUS_COLOUR, cursorPlace(status, seconds)),
    panel(size, chart, DEMO_COLOURS.paper, ordersChart(chart, seconds)),
    panel(size, board, DEMO_COLOURS.paper, taskBoard(board, seconds)),
  ]
}

function inside(window: Area): Area {
  const { x, y, width, height } = window
  return { x: x + 4, y: y + TITLE_BAR + 1, width: width - 8, height: height - TITLE_BAR - 5 }
}

/** Where the design lies on a display of `size`: at the top, as large as fits. */
function fit(size: Size): { left: number; scale: number } {
  const scale = Math.min(size.width / DESIGN.width, size.height / DESIGN.height)
  return {
    scale,
    left: Math.round((size.width - DESIGN.width * scale) / 2),
  }
}

function panel(size: Size, area: Area, background: string, content: string): Panel {
  const { left, scale } = fit(size)
  const x = Math.ceil(left + area.x * scale)
  const y = Math.ceil(area.y * scale)
  const width = Math.floor(left + (area.x + area.width) * scale) - x
  const height = Math.floor((area.y + area.height) * scale) - y
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="${x} ${y} ${width} ${height}">` +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${background}"/>` +
    `<g transform="translate(${left} 0) scale(${scale})">${content}</g></svg>`
  return { x, y, width, height, svg }
}

/** Text and attributes are written by this file alone, so nothing needs escaping. */
function text(words: string, x: number, y: number, style: TextStyle): string {
  return drawText(words, x, y, style)
}

function centred(words: string, y: number, style: TextStyle): string {
  return text(words, (DESIGN.width - textWidth(words, style)) / 2, y, style)
}

function rightAligned(words: string, x: number, y: number, style: TextStyle): string {
  return text(words, x - textWidth(words, style), y, style)
}

function shadow({ x, y, width, height }: Area): string {
  return [10, 6, 3]
    .map(
      (grow) =>
        `<rect x="${x - grow}" y="${y - grow + 6}" width="${width + 2 * grow}" ` +
        `height="${height + 2 * grow}" rx="${10 + grow}" fill="#020617" fill-opacity="0.1"/>`
    )
    .join('')
}

function windowFrame(area: Area, title: string, body: string, edge: string, ink: string): string {
  const { x, y, width, height } = area
  const lights = ['#f87171', '#fbbf24', '#34d399']
    .map((colour, i) => `<circle cx="${x + 20 + i * 18}" cy="${y + 17}" r="5.5" fill="${colour}"/>`)
    .join('')
  return (
    shadow(area) +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${body}"/>` +
    `<path d="M${x} ${y + TITLE_BAR}v${10 - TITLE_BAR}a10 10 0 0 1 10-10h${width - 20}` +
    `a10 10 0 0 1 10 10v${TITLE_BAR - 10}z" fill="${edge}"/>` +
    lights +
    text(title, x + (width - textWidth(title, { size: 10.5 })) / 2, y + 22, {
      size: 10.5,
      colour: ink,
      weight: 1.8,
    })
  )
}

function paperWindow(area: Area, title: string): string {
  return windowFrame(area, title, DEMO_COLOURS.paper, DEMO_COLOURS.paperEdge, '#334155')
}

const FILES = ['customers.ts', 'invoices.ts', 'orders.ts', 'prices.ts', 'report.ts', 'taxes.ts']

function editorWindow(): string {
  const { x, y, width, height } = EDITOR
  const { editor, editorEdge, brand } = DEMO_COLOURS
  const top = y + TITLE_BAR
  const bottom = y + height
  const files = FILES.map((file, i) =>
    text(file, x + 20, top + 58 + i * 27, {
      size: 9.5,
      colour: file === 'invoices.ts' ? '#f8fafc' : '#94a3b8',
    })
  ).join('')
  return (
    windowFrame(EDITOR, DEMO_TEXTS.editor, editor, editorEdge, '#e2e8f0') +
    `<path d="M${x} ${top}h130v${height - TITLE_BAR - STATUS_BAR}h-130z" fill="#131c31"/>` +
    `<path d="M${x} ${bottom - STATUS_BAR}h${width}v${STATUS_BAR - 10}a10 10 0 0 1-10 10h${20 - width}` +
    `a10 10 0 0 1-10-10z" fill="${STATUS_COLOUR}"/>` +
    rightAligned('TypeScript', x + width - 16, bottom - 9, { size: 8.5, colour: '#e0f2fe' }) +
    text('FILES', x + 20, top + 28, { size: 8.5, colour: '#64748b', weight: 2.2 }) +
    `<rect x="${x}" y="${top + 68}" width="130" height="25" fill="#24324b"/>` +
    `<rect x="${x}" y="${top + 68}" width="3" height="25" fill="${brand}"/>` +
    files
  )
}

function clock(now: Date): string {
  const words = now.toString()
  const day = `${words.slice(0, 3)} ${words.slice(8, 10)} ${words.slice(4, 7)}`
  const time = words.slice(16, 24)
  const style = { size: 12.5, colour: '#f8fafc', weight: 2 }
  return (
    rightAligned(time, 1260, 24, style) +
    rightAligned(day, 1170, 24, { size: 11, colour: '#94a3b8' })
  )
}

const CODE = `// Adds up what a customer owes.
import { Invoice, Money } from './types.ts'

const REMINDER_AFTER = 14

export function open(invoices: Invoice[]) {
  return invoices.filter((one) => !one.paid)
}

export function total(invoices: Invoice[]): Money {
  let sum = 0
  for (const invoice of open(invoices)) {
    sum += invoice.net * (1 + invoice.tax)
  }
  return { value: sum, currency: 'EUR' }
}

export function isLate(invoice: Invoice) {
  return invoice.age > REMINDER_AFTER
}

console.log('ready')`

/** Characters that stand there from the beginning, are typed a second, and seconds at the end. */
const TYPED_BEFORE = 262
const TYPED_A_SECOND = 7
const REST_SECONDS = 15

function typedLines(seconds: number): string[] {
  const round = Math.ceil((CODE.length - TYPED_BEFORE) / TYPED_A_SECOND) + REST_SECONDS
  const count = TYPED_BEFORE + Math.floor(seconds % round) * TYPED_A_SECOND
  return CODE.slice(0, count).split('\n')
}

function typedCode(area: Area, seconds: number): string {
  const lines = typedLines(seconds)
  const height = 21.5
  const size = 9.5
  const cell = textWidth('0', { size, mono: true })
  const left = area.x + 44
  const firstBaseline = area.y + 30
  const lastBaseline = firstBaseline + (lines.length - 1) * height
  const cursor = left + (lines.at(-1)?.length ?? 0) * cell

  const body = lines
    .map((line, i) => {
      const y = firstBaseline + i * height
      const number = rightAligned(String(i + 1), area.x + 28, y, { size: 8.5, colour: '#475569' })
      return number + highlighted(line, left, y, size, cell)
    })
    .join('')
  return (
    `<rect x="${area.x}" y="${lastBaseline - 16}" width="${area.width}" height="22" fill="#16213a"/>` +
    body +
    `<rect x="${cursor}" y="${lastBaseline - 12}" width="2" height="15" fill="#f8fafc"/>`
  )
}

function cursorPlace(area: Area, seconds: number): string {
  const lines = typedLines(seconds)
  const words = `Line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
  return text(words, area.x + 8, area.y + 15, { size: 8.5, colour: '#e0f2fe' })
}

const TOKENS =
  /(?<comment>\/\/.*)|(?<string>'[^']*'?)|(?<word>\b(?:import|from|const|export|function|return|let|for|of)\b)|(?<number>\b\d+\b)|(?<type>\b(?:Invoice|Money)\b)|[^'/\w]+|\w+|./g

const TOKEN_COLOURS: Readonly<Record<string, string>> = {
  comment: '#64748b',
  string: '#86efac',
  word: '#c4b5fd',
  number: '#fdba74',
  type: '#7dd3fc',
}

function highlighted(line: string, x: number, y: number, size: number, cell: number): string {
  let drawn = ''
  for (const token of line.matchAll(TOKENS)) {
    const kind = Object.entries(token.groups ?? {}).find(([, match]) => match !== undefined)?.[0]
    const colour = TOKEN_COLOURS[kind ?? ''] ?? '#e2e8f0'
    drawn += text(token[0], x + token.index * cell, y, { size, colour, mono: true, weight: 1.7 })
  }
  return drawn
}

/** Minutes on the chart. */
const MINUTES = 60

function ordersAt(minute: number): number {
  return 62 + 22 * Math.sin(minute / 9) + 9 * Math.sin(minute / 2.3) + 4 * Math.sin(minute * 1.7)
}

function ordersChart(area: Area, seconds: number): string {
  const { chart, done } = DEMO_COLOURS
  const [left, right] = [area.x + 44, area.x + area.width - 20]
  const [top, bottom] = [area.y + 76, area.y + area.height - 26]
  const minute = Math.floor(seconds)
  const y = (value: number) => bottom - (value / 100) * (bottom - top)
  const points = Array.from({ length: MINUTES }, (_, i) => {
    const x = left + (i / (MINUTES - 1)) * (right - left)
    return `${x.toFixed(1)} ${y(ordersAt(minute + i)).toFixed(1)}`
  })
  const latest = ordersAt(minute + MINUTES - 1)
  const change = Math.round(latest - ordersAt(minute))
  const grid = [0, 25, 50, 75, 100]
    .map(
      (value) =>
        `<path d="M${left} ${y(value)}H${right}" stroke="#e2e8f0" stroke-width="1"/>` +
        rightAligned(String(value), left - 10, y(value) + 4, { size: 8, colour: '#64748b' })
    )
    .join('')
  return (
    text(String(Math.round(latest)), area.x + 20, area.y + 50, {
      size: 28,
      colour: '#0f172a',
      weight: 1.9,
    }) +
    text(
      `${change < 0 ? '-' : '+'}${Math.abs(change)} since ten o'clock`,
      area.x + 96,
      area.y + 50,
      {
        size: 10,
        colour: change < 0 ? '#b45309' : done,
        weight: 1.9,
      }
    ) +
    grid +
    `<path d="M${left} ${bottom}L${points.join('L')}V${bottom}z" fill="${chart}" fill-opacity="0.12"/>` +
    `<path d="M${points.join('L')}" fill="none" stroke="${chart}" stroke-width="2.4" stroke-linejoin="round"/>` +
    `<circle cx="${right}" cy="${y(latest)}" r="4.5" fill="${chart}"/>` +
    text('10:00', left, bottom + 18, { size: 8, colour: '#64748b' }) +
    rightAligned('now', right, bottom + 18, { size: 8, colour: '#64748b' })
  )
}

const TASKS: readonly (readonly [task: string, seconds: number])[] = [
  ['Check the price list', 20],
  ['Translate the invoices', 45],
  ['Call three customers', 80],
  ['Release notes', 120],
  ['Roll out to all shops', 170],
]

function taskBoard(area: Area, seconds: number): string {
  const passed = seconds % 200
  const { done, chart } = DEMO_COLOURS
  return TASKS.map(([task, takes], i) => {
    const y = area.y + 32 + i * 40
    const share = Math.min(1, passed / takes)
    const isDone = share === 1
    const box = `<rect x="${area.x + 20}" y="${y - 13}" width="17" height="17" rx="4" fill="${isDone ? done : '#ffffff'}" stroke="${isDone ? done : '#94a3b8'}" stroke-width="1.5"/>`
    const tick = isDone
      ? `<path d="M${area.x + 24} ${y - 4.5}l3.5 4l6-8" fill="none" stroke="#ffffff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`
      : ''
    const words = text(task, area.x + 50, y, {
      size: 10.5,
      colour: isDone ? '#64748b' : '#0f172a',
      weight: 1.7,
    })
    const bar =
      `<rect x="${area.x + 268}" y="${y - 9}" width="170" height="9" rx="4.5" fill="#e2e8f0"/>` +
      `<rect x="${area.x + 268}" y="${y - 9}" width="${Math.max(9, 170 * share).toFixed(1)}" height="9" rx="4.5" fill="${isDone ? done : chart}"/>`
    const percent = rightAligned(`${Math.floor(share * 100)} %`, area.x + area.width - 18, y, {
      size: 9,
      colour: '#475569',
    })
    return box + tick + words + bar + percent
  }).join('')
}
