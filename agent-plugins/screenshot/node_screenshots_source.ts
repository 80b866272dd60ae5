import { LIMITS } from '@worksight/agent-core/contract/limits'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { SystemWindows } from './system_windows.ts'

/**
 * Looks at the screen by the npm package `node-screenshots`, whose native part is loaded with the
 * first look (it takes 100 MB): Windows, macOS, X11.
 */
export class NodeScreenshotsSource implements ScreenSource {
  readonly name = 'node-screenshots'
  readonly simulated = false
  readonly #windows: SystemWindows

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#windows = new SystemWindows(platform)
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    signal.throwIfAborted()
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
      throw unavailable(error)
    }
  }

  windows(signal: AbortSignal) {
    return this.#windows.list(signal)
  }

  close(): Promise<void> {
    return this.#windows.close()
  }
}

function unavailable(cause: unknown): ScreenUnavailable {
  const said = cause instanceof Error ? cause.message : String(cause)
  const text = `node-screenshots gives no picture (${said.slice(0, 160)}).`
  return new ScreenUnavailable('unavailable', text, { cause })
}
