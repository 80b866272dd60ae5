import { drawText } from '../../../agent-plugins/screenshot/stroke_font.ts'
import { openX11 } from '../../../agent-plugins/screenshot/x11_connection.ts'
import sharp from 'sharp'
import x11 from 'x11'

const Z_PIXMAP = 2

/** A window on an X display: where it is, and what it must look like, three bytes a pixel. */
export type KnownWindow = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly pixels: Buffer
  readonly close: () => void
}

/** Opens a window of `colour` at a place, above all others, with `text` written large in white. */
export async function openKnownWindow(
  display: string,
  area: Pick<KnownWindow, 'x' | 'y' | 'width' | 'height'>,
  { colour, text }: { readonly colour: string; readonly text: string }
): Promise<KnownWindow> {
  const { x, y, width, height } = area
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="${colour}"/>` +
    `${drawText(text, 24, height / 2, { size: 40, colour: '#ffffff', weight: 2.6 })}</svg>`
  const picture = sharp(Buffer.from(svg))
  const connection = await openX11(display, AbortSignal.timeout(5000))
  const { client, screen } = connection
  const [window, pixmap, context] = [client.AllocID(), client.AllocID(), client.AllocID()]
  client.CreatePixmap(pixmap, screen.root, screen.root_depth, width, height)
  client.CreateGC(context, pixmap, {})
  client.PutImage(
    Z_PIXMAP,
    pixmap,
    context,
    width,
    height,
    0,
    0,
    0,
    screen.root_depth,
    blueGreenRed(await picture.clone().ensureAlpha().raw().toBuffer())
  )
  client.CreateWindow(
    window,
    screen.root,
    x,
    y,
    width,
    height,
    0,
    screen.root_depth,
    x11.InputOutput,
    screen.root_visual,
    { backgroundPixmap: pixmap, overrideRedirect: true }
  )
  client.MapWindow(window)
  await connection.ask<void>((done) => client.sync(done))
  return {
    ...area,
    pixels: await picture.clone().removeAlpha().raw().toBuffer(),
    close: () => connection.close(),
  }
}

/** As an X server of 24 bits wants its pixels, from red, green, blue and alpha. */
function blueGreenRed(rgba: Buffer): Buffer {
  for (let at = 0; at < rgba.length; at += 4) {
    const red = rgba[at] ?? 0
    rgba[at] = rgba[at + 2] ?? 0
    rgba[at + 2] = red
  }
  return rgba
}
