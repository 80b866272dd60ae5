import { X11Connection } from '@worksight/agent-core/x11'
import x11 from 'x11'

/** Pixels of the side of one bit, and how many there are: 16 384 hundredths of a second. */
const SIDE = 16
const BITS = 14
const Z_PIXMAP = 2
const PAINT_MS = 10

/** Size of the clock, in the upper left corner of the display. */
export const CLOCK = { width: SIDE * BITS, height: SIDE } as const

/**
 * Paints a clock on a display until it is closed: black and white squares that stand for the bits of
 * the hundredths of a second since it began, so that a picture of the display tells when it was
 * taken, however much it was compressed.
 */
export async function paintClock(display: string): Promise<{ close(): void }> {
  const connection = await X11Connection.open(x11, display, AbortSignal.timeout(5000))
  const { client, screen } = connection
  const window = client.AllocID()
  const context = client.AllocID()
  const { width, height } = CLOCK
  client.CreateWindow(window, screen.root, 0, 0, width, height, 0, 0, x11.InputOutput, 0, {
    overrideRedirect: true,
  })
  client.CreateGC(context, window, {})
  client.MapWindow(window)
  await connection.ask<void>((done) => client.sync(done))
  const began = performance.now()
  const picture = Buffer.alloc(width * height * 4)
  const timer = setInterval(() => {
    draw(picture, Math.floor((performance.now() - began) / 10))
    const depth = screen.root_depth
    client.PutImage(Z_PIXMAP, window, context, width, height, 0, 0, 0, depth, picture)
  }, PAINT_MS)
  return {
    close() {
      clearInterval(timer)
      connection.close()
    },
  }
}

function draw(picture: Buffer, time: number): void {
  for (let row = 0; row < SIDE; row++) {
    for (let bit = 0; bit < BITS; bit++) {
      const at = (row * BITS + bit) * SIDE * 4
      picture.fill((time >> bit) & 1 ? 0xff : 0, at, at + SIDE * 4)
    }
  }
}

/** Milliseconds that the clock shows in a picture of it, one byte of brightness a pixel. */
export function readClock(picture: Uint8Array): number {
  let time = 0
  for (let bit = 0; bit < BITS; bit++) {
    const middle = (SIDE / 2) * CLOCK.width + bit * SIDE + SIDE / 2
    time |= (picture[middle] ?? 0) > 127 ? 1 << bit : 0
  }
  return time * 10
}
