import { nativeWindows } from '@worksight/agent-core'
import { X11Connection } from '@worksight/agent-core/x11'
import { visibleWindows, type VisibleWindow } from '@worksight/agent-core/x11/windows'
import x11 from 'x11'

/** Tells which windows are on the screen now; rejects where one of them cannot be read. */
export interface Windows {
  list(signal: AbortSignal): Promise<readonly VisibleWindow[]>
  close(): void
}

/** The windows of this session: of the X server that DISPLAY names, else by node-screenshots. */
export class SessionWindows implements Windows {
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #platform: NodeJS.Platform
  #connection: X11Connection | null = null

  constructor(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform) {
    this.#env = env
    this.#platform = platform
  }

  async list(signal: AbortSignal): Promise<readonly VisibleWindow[]> {
    if (this.#platform === 'win32' || this.#platform === 'darwin') {
      const { Window } = await import('node-screenshots')
      return nativeWindows(Window.all())
    }
    if (this.#connection === null || this.#connection.isClosed) {
      this.#connection = await X11Connection.open(x11, this.#env.DISPLAY ?? '', signal)
    }
    return visibleWindows(this.#connection)
  }

  close(): void {
    this.#connection?.close()
    this.#connection = null
  }
}
