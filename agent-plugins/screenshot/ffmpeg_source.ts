import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { listDisplays } from '@worksight/agent-core/x11/displays'
import type { Display } from '@worksight/agent-core/contract/heartbeat'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { SystemWindows } from './system_windows.ts'
import { openX11 } from './x11_connection.ts'

const run = promisify(execFile)

/** Looks at an X server by one frame of ffmpeg's x11grab a display: a process of 100 ms each. */
export class FfmpegSource implements ScreenSource {
  readonly name = 'ffmpeg'
  readonly simulated = false
  readonly #server: string | undefined
  readonly #program: string
  readonly #windows: SystemWindows

  /** `server` is a display name such as `:0`; by default what DISPLAY says. */
  constructor(
    server: string | undefined = process.env.DISPLAY,
    program: string = process.env.FFMPEG_PATH || 'ffmpeg'
  ) {
    this.#server = server
    this.#program = program
    this.#windows = new SystemWindows(process.platform, server)
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    const server = this.#server
    if (!server) {
      throw new ScreenUnavailable('unavailable', 'There is no X display here: DISPLAY is not set.')
    }
    const connection = await openX11(server, signal)
    const displays = await listDisplays(connection).finally(() => connection.close())
    const frames: Frame[] = []
    for (const display of displays) {
      frames.push(await this.#shot(server, display, signal))
    }
    return frames
  }

  windows(signal: AbortSignal) {
    return this.#windows.list(signal)
  }

  close(): Promise<void> {
    return this.#windows.close()
  }

  async #shot(server: string, display: Display, signal: AbortSignal): Promise<Frame> {
    const { x, y, width, height } = display
    const input = ['-f', 'x11grab', '-draw_mouse', '0', '-video_size', `${width}x${height}`]
    const output = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
    const args = ['-v', 'error', ...input, '-i', `${server}+${x},${y}`, ...output]
    try {
      const { stdout } = await run(this.#program, args, {
        encoding: 'buffer',
        maxBuffer: width * height * 3 + 1024,
        signal,
      })
      return { display, width, height, layout: 'rgb', data: stdout }
    } catch (error) {
      if (signal.aborted) {
        throw error
      }
      const said = (error instanceof Error ? error.message : String(error)).slice(0, 160)
      const text = `ffmpeg gives no picture (${said}). It needs ffmpeg: apt install ffmpeg.`
      throw new ScreenUnavailable('unavailable', text, { cause: error })
    }
  }
}
