import type x11 from 'x11'
import type { X11Connection } from '../x11/connection.ts'
import type { Canvas } from './canvas.ts'
import { EVENTS } from './events.ts'

/** One line of a popup; one that does nothing is a heading. */
export type PopupRow = { readonly text: string; readonly act: (() => void) | null }

type Place = { readonly x: number; readonly y: number }

const PADDING = { x: 14, y: 6 } as const
const INPUT_OUTPUT = 1
const COLOURS = {
  ground: 0xffffff,
  ink: 0x1f2937,
  heading: 0x4b5563,
  edge: 0x9ca3af,
  chosen: 0xdcfce7,
} as const

/** A list of lines beside the pointer: a menu where lines do something, else a hint. */
export class Popup {
  readonly window: number
  readonly #connection: X11Connection
  readonly #canvas: Canvas
  readonly #rows: readonly PopupRow[]
  readonly #area: x11.Rectangle
  readonly #row: { readonly height: number; readonly baseline: number }
  #chosen = -1

  private constructor(
    connection: X11Connection,
    canvas: Canvas,
    rows: readonly PopupRow[],
    area: x11.Rectangle,
    row: { readonly height: number; readonly baseline: number }
  ) {
    this.#connection = connection
    this.#canvas = canvas
    this.#rows = rows
    this.#area = area
    this.#row = row
    this.window = connection.client.AllocID()
  }

  /** Shows `rows` beside a point of the screen. */
  static async show(
    connection: X11Connection,
    canvas: Canvas,
    rows: readonly PopupRow[],
    at: Place
  ): Promise<Popup> {
    const { screen } = connection
    const sizes = await Promise.all(rows.map(({ text }) => canvas.measure(text)))
    const width = Math.max(...sizes.map((size) => size.width)) + PADDING.x * 2
    const ascent = Math.max(...sizes.map((size) => size.ascent))
    const descent = Math.max(...sizes.map((size) => size.descent))
    const row = { height: ascent + descent + PADDING.y * 2, baseline: PADDING.y + ascent }
    const height = row.height * rows.length + 2
    const isLow = at.y + height > screen.pixel_height
    const area = {
      x: Math.max(0, Math.min(at.x, screen.pixel_width - width - 2)),
      y: Math.max(0, isLow ? at.y - height - 2 : at.y),
      width,
      height,
    }
    const popup = new Popup(connection, canvas, rows, area, row)
    popup.#open()
    return popup
  }

  get isMenu(): boolean {
    return this.#rows.some(({ act }) => act !== null)
  }

  draw(): void {
    const { width } = this.#area
    this.#rows.forEach(({ text, act }, index) => {
      const ground = index === this.#chosen ? COLOURS.chosen : COLOURS.ground
      const y = 1 + index * this.#row.height
      this.#canvas.rectangle(this.window, ground, { x: 0, y, width, height: this.#row.height })
      const colours = { ink: act === null ? COLOURS.heading : COLOURS.ink, ground }
      this.#canvas.text(this.window, colours, PADDING.x, y + this.#row.baseline, text)
      if (act === null && this.isMenu) {
        const line = { x: 0, y: y + this.#row.height - 1, width, height: 1 }
        this.#canvas.rectangle(this.window, COLOURS.edge, line)
      }
    })
  }

  /** The pointer is at this point of the window, or outside of it. */
  point(at: Place): void {
    const row = this.#rowAt(at)
    const chosen = row !== null && this.actAt(at) !== null ? row : -1
    if (chosen !== this.#chosen) {
      this.#chosen = chosen
      this.draw()
    }
  }

  /** What a click at this point does; null outside and on a heading. */
  actAt(at: Place): (() => void) | null {
    const row = this.#rowAt(at)
    return row === null ? null : (this.#rows[row]?.act ?? null)
  }

  holds(at: Place): boolean {
    return this.#rowAt(at) !== null
  }

  close(): void {
    const { client } = this.#connection
    if (!this.#connection.isClosed) {
      client.UngrabPointer(0)
      client.DestroyWindow(this.window)
    }
  }

  #open(): void {
    const { client, screen } = this.#connection
    const { x, y, width, height } = this.#area
    const looks = {
      backgroundPixel: this.#canvas.pixel(COLOURS.ground),
      borderPixel: this.#canvas.pixel(COLOURS.edge),
      overrideRedirect: true,
      saveUnder: true,
      eventMask: EVENTS.exposure | EVENTS.pointer,
    }
    const visual = screen.root_visual
    const { root, root_depth: depth } = screen
    client.CreateWindow(
      this.window,
      root,
      x,
      y,
      width,
      height,
      1,
      depth,
      INPUT_OUTPUT,
      visual,
      looks
    )
    client.MapWindow(this.window)
    client.RaiseWindow(this.window)
    if (this.isMenu) {
      // whatever is pressed elsewhere closes it
      const asynchronous = 1
      client.GrabPointer(
        this.window,
        1,
        EVENTS.pointer,
        asynchronous,
        asynchronous,
        0,
        0,
        0,
        () => true
      )
    }
  }

  #rowAt({ x, y }: Place): number | null {
    const row = Math.floor((y - 1) / this.#row.height)
    const isInside = x >= 0 && x < this.#area.width && row >= 0 && row < this.#rows.length
    return isInside ? row : null
  }
}
