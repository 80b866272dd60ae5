import type x11 from 'x11'
import type { X11Connection } from '../x11/connection.ts'

/** Red, green and blue as 0xRRGGBB. */
export type Colour = number

/** Fonts by preference; the last one is part of every X server. */
const FONTS = ['-misc-fixed-medium-r-normal--18-*-iso10646-1', '9x15', 'fixed'] as const

/** Text of one line, in pixels. */
export type TextSize = {
  readonly width: number
  readonly ascent: number
  readonly descent: number
}

/** Draws shapes and lines of text into windows of one connection, with the core protocol alone. */
export class Canvas {
  readonly #connection: X11Connection
  readonly #gc: number
  readonly #font: number
  readonly #visual: x11.Visual | undefined

  private constructor(connection: X11Connection, font: string) {
    const { client, screen } = connection
    this.#connection = connection
    this.#visual = screen.depths[screen.root_depth]?.[screen.root_visual]
    this.#font = client.AllocID()
    this.#gc = client.AllocID()
    client.OpenFont(this.#font, font)
    client.CreateGC(this.#gc, screen.root, { font: this.#font, graphicsExposures: 0 })
  }

  static async open(connection: X11Connection): Promise<Canvas> {
    const { client } = connection
    for (const pattern of FONTS) {
      const found = await connection.ask<readonly string[]>((done) =>
        client.ListFonts(pattern, 1, done)
      )
      if (found[0] !== undefined) {
        return new Canvas(connection, found[0])
      }
    }
    return new Canvas(connection, 'fixed')
  }

  /** The number that the server's visual has for a colour. */
  pixel(colour: Colour): number {
    const {
      red_mask: red = 0xff0000,
      green_mask: green = 0xff00,
      blue_mask: blue = 0xff,
    } = this.#visual ?? {}
    const parts = [
      placed((colour >> 16) & 0xff, red),
      placed((colour >> 8) & 0xff, green),
      placed(colour & 0xff, blue),
    ]
    return parts.reduce((sum, part) => sum + part, 0)
  }

  measure(text: string): Promise<TextSize> {
    return this.#connection
      .ask<x11.TextExtents>((done) =>
        this.#connection.client.QueryTextExtents(this.#font, text, done)
      )
      .then(({ overallWidth, fontAscent, fontDescent }) => ({
        width: overallWidth,
        ascent: fontAscent,
        descent: fontDescent,
      }))
  }

  rectangle(window: number, colour: Colour, box: x11.Rectangle): void {
    this.#use({ foreground: this.pixel(colour) })
    const { x, y, width, height } = box
    this.#connection.client.PolyFillRectangle(window, this.#gc, whole([x, y, width, height]))
  }

  /** A disc around a middle. */
  disc(window: number, colour: Colour, x: number, y: number, radius: number): void {
    this.#use({ foreground: this.pixel(colour) })
    const r = Math.round(radius)
    const arc = [Math.round(x) - r, Math.round(y) - r, r * 2, r * 2, 0, FULL_CIRCLE]
    this.#connection.client.PolyFillArc(window, this.#gc, arc)
  }

  /** The upper half of a ring around a middle. */
  arch(window: number, colour: Colour, x: number, y: number, radius: number, width: number): void {
    this.#use({ foreground: this.pixel(colour), lineWidth: Math.round(width) })
    const side = radius * 2
    this.#connection.client.PolyArc(
      window,
      this.#gc,
      whole([x - radius, y - radius, side, side, 0, FULL_CIRCLE / 2])
    )
  }

  line(window: number, colour: Colour, points: readonly number[], width: number): void {
    this.#use({ foreground: this.pixel(colour), lineWidth: Math.round(width) })
    this.#connection.client.PolyLine(0, window, this.#gc, whole(points))
  }

  /** One line of text; `y` is its base line. Signs that Latin-1 does not have become a question mark. */
  text(
    window: number,
    colours: { readonly ink: Colour; readonly ground: Colour },
    x: number,
    y: number,
    text: string
  ): void {
    this.#use({ foreground: this.pixel(colours.ink), background: this.pixel(colours.ground) })
    this.#connection.client.ImageText8(window, this.#gc, x, y, latin(text))
  }

  #use(values: Readonly<Record<string, number>>): void {
    this.#connection.client.ChangeGC(this.#gc, values)
  }
}

/** Angles are in 64ths of a degree. */
const FULL_CIRCLE = 360 * 64
/** Longest line that the protocol carries. */
const MOST_CHARACTERS = 255

function placed(channel: number, mask: number): number {
  const lowest = mask === 0 ? 1 : mask & -mask
  return Math.round((channel / 0xff) * ((mask >>> 0) / (lowest >>> 0))) * (lowest >>> 0)
}

function whole(numbers: readonly number[]): readonly number[] {
  return numbers.map(Math.round)
}

function latin(text: string): string {
  return text.replace(/[^\u0020-\u00ff]/g, '?').slice(0, MOST_CHARACTERS)
}
