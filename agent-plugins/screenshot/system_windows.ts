import { nativeWindows } from '@worksight/agent-core'
import { visibleWindows, type VisibleWindow } from '@worksight/agent-core/x11/windows'
import type { X11Connection } from './x11_connection.ts'
import { openX11 } from './x11_connection.ts'

/**
 * The windows on the screen for sources that give pictures alone: from the X server, or by
 * node-screenshots on Windows and macOS. Null where the system does not tell.
 */
export class SystemWindows {
  readonly #platform: NodeJS.Platform
  readonly #server: string | undefined
  #connection: X11Connection | null = null

  constructor(
    platform: NodeJS.Platform = process.platform,
    server: string | undefined = process.env.DISPLAY
  ) {
    this.#platform = platform
    this.#server = server
  }

  async list(signal: AbortSignal): Promise<readonly VisibleWindow[] | null> {
    if (this.#platform === 'win32' || this.#platform === 'darwin') {
      const { Window } = await import('node-screenshots')
      return nativeWindows(Window.all())
    }
    if (!this.#server) {
      return null
    }
    if (this.#connection === null || this.#connection.isClosed) {
      this.#connection = await openX11(this.#server, signal)
    }
    return visibleWindows(this.#connection)
  }

  async close(): Promise<void> {
    this.#connection?.close()
    this.#connection = null
  }
}
