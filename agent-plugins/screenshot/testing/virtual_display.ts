import x11 from 'x11'
import { openX11 } from '../x11_connection.ts'

/** A window of one colour. */
export type PaintedWindow = {
  /** Changes its colour, `#rrggbb`, and waits until the display shows it. */
  paint(colour: string): Promise<void>
  close(): void
}

/** Opens a window of one colour, `#rrggbb`, without border or window manager. */
export async function paintWindow(
  display: string,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: string
): Promise<PaintedWindow> {
  const connection = await openX11(display, AbortSignal.timeout(5000))
  const { client, screen } = connection
  const window = client.AllocID()
  const { x, y, width, height } = area
  client.CreateWindow(window, screen.root, x, y, width, height, 0, 0, x11.InputOutput, 0, {
    backgroundPixel: pixel(colour),
    overrideRedirect: true,
  })
  client.MapWindow(window)
  await connection.ask<void>((done) => client.sync(done))
  return {
    async paint(next) {
      client.ChangeWindowAttributes(window, { backgroundPixel: pixel(next) })
      client.ClearArea(window, 0, 0, width, height, 0)
      await connection.ask<void>((done) => client.sync(done))
    },
    close: () => connection.close(),
  }
}

/**
 * Divides the screen of a display into monitors, as `xrandr --setmonitor` does, so that one Xvfb
 * stands for a desktop with several. Lasts as long as the display does.
 */
export async function setMonitors(
  display: string,
  monitors: readonly (x11.Rectangle & { readonly name: string })[]
): Promise<void> {
  const connection = await openX11(display, AbortSignal.timeout(5000))
  const { client, screen } = connection
  try {
    const randr = await connection.ask<x11.Randr>((done) => client.require('randr', done))
    await connection.ask<readonly number[]>((done) => randr.QueryVersion(1, 5, done))
    const { outputs } = await connection.ask<{ outputs: number[] }>((done) =>
      randr.GetScreenResourcesCurrent(screen.root, done)
    )
    for (const [index, { name, ...area }] of monitors.entries()) {
      const atom = await connection.ask<number>((done) => client.InternAtom(false, name, done))
      // the first takes the outputs, or else they would stay a monitor of their own
      const shownOn = index === 0 ? outputs : []
      client.seq_num += 1
      client.pack_stream.put(setMonitor(randr.majorOpcode, screen.root, atom, area, shownOn))
      client.pack_stream.submit()
    }
    await connection.ask<void>((done) => client.sync(done))
  } finally {
    connection.close()
  }
}

/** RRSetMonitor of RandR 1.5, which the package lacks. */
function setMonitor(
  opcode: number,
  root: number,
  name: number,
  area: x11.Rectangle,
  outputs: readonly number[]
): Buffer {
  const request = Buffer.alloc(32 + outputs.length * 4)
  request.writeUInt8(opcode, 0)
  request.writeUInt8(43, 1)
  request.writeUInt16LE(request.length / 4, 2)
  request.writeUInt32LE(root, 4)
  request.writeUInt32LE(name, 8)
  request.writeUInt16LE(outputs.length, 14)
  request.writeInt16LE(area.x, 16)
  request.writeInt16LE(area.y, 18)
  request.writeUInt16LE(area.width, 20)
  request.writeUInt16LE(area.height, 22)
  for (const [index, output] of outputs.entries()) {
    request.writeUInt32LE(output, 32 + index * 4)
  }
  return request
}

function pixel(colour: string): number {
  return Number.parseInt(colour.slice(1), 16)
}
