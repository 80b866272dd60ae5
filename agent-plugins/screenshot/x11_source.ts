import type { Display } from '@worksight/agent-core/contract/heartbeat'
import { visibleWindows, type VisibleWindow } from '@worksight/agent-core/x11/windows'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { openX11, type X11Connection } from './x11_connection.ts'
import { isXwayland, listDisplays } from '@worksight/agent-core/x11/displays'
import { pictureReader, type PictureReader } from './x11_pictures.ts'

type Session = { readonly connection: X11Connection; readonly pictures: PictureReader }

/**
 * Looks at an X server over one long-lived connection and into reused buffers, without a program
 * being started. A connection that was lost is opened again by the next capture.
 */
export class X11Source implements ScreenSource {
  readonly name = 'x11'
  readonly simulated = false
  readonly #server: string | undefined
  /** Of every display: memory that a smaller size gives back to the system at once. */
  readonly #memory = new Map<string, ArrayBuffer>()
  #session: Session | null = null

  /** `server` is a display name such as `:0`; by default what DISPLAY says. */
  constructor(server: string | undefined = process.env.DISPLAY) {
    this.#server = server
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    try {
      return await this.#look(signal)
    } catch (error) {
      await this.close()
      if (signal.aborted || error instanceof ScreenUnavailable) {
        throw error
      }
      // the server was started anew, or a display was unplugged between question and picture
      return this.#look(signal)
    }
  }

  async windows(signal: AbortSignal): Promise<readonly VisibleWindow[]> {
    signal.throwIfAborted()
    const { connection } = await this.#opened(signal)
    const giveUp = () => connection.close()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await visibleWindows(connection)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  rest(): void {
    this.#memory.forEach((memory) => memory.resize(0))
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#memory.clear()
    session?.connection.close()
    await session?.pictures.close()
  }

  async #look(signal: AbortSignal): Promise<readonly Frame[]> {
    signal.throwIfAborted()
    const { connection, pictures } = await this.#opened(signal)
    const giveUp = () => connection.close()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const frames: Frame[] = []
      for (const display of await listDisplays(connection)) {
        const data = this.#bufferFor(display)
        await pictures.read(display, data)
        frames.push({ display, width: display.width, height: display.height, layout: 'bgrx', data })
      }
      return frames
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  async #opened(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null && !this.#session.connection.isClosed) {
      return this.#session
    }
    await this.close()
    if (!this.#server) {
      throw new ScreenUnavailable('unavailable', 'There is no X display here: DISPLAY is not set.')
    }
    const connection = await openX11(this.#server, signal)
    try {
      await assertReadable(connection)
      this.#session = { connection, pictures: await pictureReader(connection) }
      return this.#session
    } catch (error) {
      connection.close()
      throw error
    }
  }

  #bufferFor({ id, width, height }: Display): Buffer {
    const size = width * height * 4
    const kept = this.#memory.get(id)
    const memory = kept?.maxByteLength === size ? kept : new ArrayBuffer(0, { maxByteLength: size })
    memory.resize(size)
    this.#memory.set(id, memory)
    return Buffer.from(memory)
  }
}

/** Throws `ScreenUnavailable` where the root window is not what `bgrx` says, or is Xwayland's. */
async function assertReadable(connection: X11Connection): Promise<void> {
  const { display, screen } = connection
  const visual = screen.depths[screen.root_depth]?.[screen.root_visual]
  const isBgrx =
    display.image_byte_order === 0 &&
    display.format[screen.root_depth]?.bits_per_pixel === 32 &&
    visual?.red_mask === 0xff0000 &&
    visual.green_mask === 0xff00 &&
    visual.blue_mask === 0xff
  if (!isBgrx) {
    const text = `The X display has ${screen.root_depth} bits a pixel; 24 are needed.`
    throw new ScreenUnavailable('unavailable', text)
  }
  if (await isXwayland(connection)) {
    const text = 'This is a Wayland session: its X display shows no other window than X11 ones.'
    throw new ScreenUnavailable('unavailable', text)
  }
}
