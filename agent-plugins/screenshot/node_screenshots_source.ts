import { sessionOf } from '@worksight/agent-core'
import { LIMITS } from '@worksight/agent-core/contract/limits'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { SystemWindows } from './system_windows.ts'
import { openX11 } from './x11_connection.ts'

/** What is said where the X server that the package saw first is gone: it holds on to that one. */
const FIRST_SERVER = 'Where the X server was started anew, start the agent anew too.'

/**
 * Looks at the screen by the npm package `node-screenshots`, whose native part is loaded with the
 * first look (it takes 100 MB): Windows, macOS, X11. The package connects to X once in the life of a
 * process, and keeps it even if that failed, so it is not asked before there is a server.
 */
export class NodeScreenshotsSource implements ScreenSource {
  readonly name = 'node-screenshots'
  readonly simulated = false
  readonly #windows: SystemWindows
  readonly #platform: NodeJS.Platform

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#platform = platform
    this.#windows = new SystemWindows(platform)
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    signal.throwIfAborted()
    const isOnX11 = this.#platform === 'linux' && sessionOf('linux', process.env) !== 'wayland'
    if (isOnX11) {
      await assertServed(process.env.DISPLAY, signal)
    }
    try {
      const { Monitor } = await import('node-screenshots')
      const frames: Frame[] = []
      for (const monitor of Monitor.all().slice(0, LIMITS.displays)) {
        const image = await monitor.captureImage()
        signal.throwIfAborted()
        const { width, height } = image
        frames.push({
          display: {
            id: (monitor.name() || String(monitor.id())).slice(0, 64).toWellFormed(),
            x: monitor.x(),
            y: monitor.y(),
            width: monitor.width(),
            height: monitor.height(),
            primary: monitor.isPrimary(),
          },
          width,
          height,
          layout: 'rgba',
          data: await image.toRaw(true),
        })
      }
      if (frames.length === 0) {
        throw new Error('no display is listed')
      }
      return frames
    } catch (error) {
      if (signal.aborted) {
        throw error
      }
      throw unavailable(error, isOnX11 ? FIRST_SERVER : '')
    }
  }

  windows(signal: AbortSignal) {
    return this.#windows.list(signal)
  }

  close(): Promise<void> {
    return this.#windows.close()
  }
}

/** Throws `ScreenUnavailable` where no X server answers, or does not let this account in. */
async function assertServed(server: string | undefined, signal: AbortSignal): Promise<void> {
  if (!server) {
    throw new ScreenUnavailable('unavailable', 'There is no X display here: DISPLAY is not set.')
  }
  const connection = await openX11(server, signal)
  connection.close()
}

function unavailable(cause: unknown, help: string): ScreenUnavailable {
  const said = cause instanceof Error ? cause.message : String(cause)
  const text = `node-screenshots gives no picture (${said.slice(0, 160)}). ${help}`
  return new ScreenUnavailable('unavailable', text.trim(), { cause })
}
