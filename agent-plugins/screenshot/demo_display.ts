import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import x11 from 'x11'
import { desktop, movingPanels, type Panel } from './demo_scene.ts'
import { demoMoment, DemoWindows } from './demo_windows.ts'
import { openX11, type X11Connection } from './x11_connection.ts'

/**
 * Draws a moving demo desktop on the X display that DISPLAY names, until SIGTERM or SIGINT. Its
 * windows have names, one of them is active in turn, and the pointer moves as if a person were there:
 *
 *     DISPLAY=:99 node agent-plugins/screenshot/demo_display.ts
 *
 * It needs an X server with 24 bits a pixel and nothing else: no fonts, no window manager. Ends
 * with 0 when it was told to, with 1 and a sentence when the display is missing or goes away.
 */

const Z_PIXMAP = 2
const REFRESH_MS = 1000

/** A window over the whole screen; what is painted stays, whatever covers and uncovers it. */
class Canvas {
  readonly width: number
  readonly height: number
  readonly #connection: X11Connection
  readonly #window: number
  readonly #pixmap: number
  readonly #context: number

  constructor(connection: X11Connection) {
    const { client, screen } = connection
    this.#connection = connection
    this.width = screen.pixel_width
    this.height = screen.pixel_height
    this.#pixmap = client.AllocID()
    this.#context = client.AllocID()
    this.#window = client.AllocID()
    client.CreatePixmap(this.#pixmap, screen.root, screen.root_depth, this.width, this.height)
    client.CreateGC(this.#context, this.#pixmap, {})
    client.CreateWindow(
      this.#window,
      screen.root,
      0,
      0,
      this.width,
      this.height,
      0,
      screen.root_depth,
      x11.InputOutput,
      screen.root_visual,
      { backgroundPixmap: this.#pixmap, overrideRedirect: true }
    )
  }

  show(): void {
    this.#connection.client.MapWindow(this.#window)
  }

  /** Draws a panel and waits until the server has it on the screen. */
  async paint(panel: Panel): Promise<void> {
    const { client, screen } = this.#connection
    const { x, y, width, height } = panel
    const data = await pixelsOf(panel)
    client.PutImage(
      Z_PIXMAP,
      this.#pixmap,
      this.#context,
      width,
      height,
      x,
      y,
      0,
      screen.root_depth,
      data
    )
    client.ClearArea(this.#window, x, y, width, height, 0)
    await this.#connection.ask<void>((done) => client.sync(done))
  }
}

/** The picture of a panel as an X server wants it: blue, green, red, padding. */
async function pixelsOf(panel: Panel): Promise<Buffer> {
  const rgba = await sharp(Buffer.from(panel.svg)).ensureAlpha().raw().toBuffer()
  for (let at = 0; at < rgba.length; at += 4) {
    const red = rgba[at] ?? 0
    rgba[at] = rgba[at + 2] ?? 0
    rgba[at + 2] = red
  }
  return rgba
}

/** Draws until `signal` is aborted; throws when the display is missing or goes away. */
export async function runDemoDisplay(display: string, signal: AbortSignal): Promise<void> {
  const connection = await openX11(display, signal)
  try {
    const canvas = new Canvas(connection)
    await canvas.paint(desktop(canvas))
    const windows = await DemoWindows.open(connection, canvas)
    const began = performance.now()
    let isShown = false
    while (!signal.aborted) {
      const seconds = Math.floor((performance.now() - began) / 1000)
      for (const panel of movingPanels(canvas, new Date(), seconds)) {
        await canvas.paint(panel)
      }
      if (!isShown) {
        canvas.show()
        isShown = true
      }
      windows.show(demoMoment(seconds))
      await sleep(REFRESH_MS - (Date.now() % REFRESH_MS), undefined, { signal }).catch(() => {})
    }
  } finally {
    connection.close()
  }
}

if (import.meta.main) {
  const stopped = new AbortController()
  process.once('SIGTERM', () => stopped.abort())
  process.once('SIGINT', () => stopped.abort())
  try {
    if (!process.env.DISPLAY) {
      throw new Error('Set DISPLAY to the X display to draw on.')
    }
    await runDemoDisplay(process.env.DISPLAY, stopped.signal)
  } catch (error) {
    if (!stopped.signal.aborted) {
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  }
}
