import type { Display } from '@worksight/agent-core/contract/heartbeat'
import { LIMITS } from '@worksight/agent-core/contract/limits'
import screenshotDesktop from 'screenshot-desktop'
import sharp from 'sharp'
import { ScreenUnavailable, type Frame, type ScreenSource } from './screen_source.ts'
import { SystemWindows } from './system_windows.ts'

/** What this source needs of the npm package; a spec stands in for it. */
export type Snapshot = screenshotDesktop.Snapshot

/**
 * Looks at the screen through the system's own tool: `xrandr` and ImageMagick's `import` on X11,
 * `screencapture` on macOS, a small .NET program on Windows. Every shot starts processes (about
 * 100 ms of CPU for 1920 × 1080).
 */
export class ScreenshotDesktopSource implements ScreenSource {
  readonly name = 'screenshot-desktop'
  readonly simulated = false
  readonly #snapshot: Snapshot
  readonly #platform: NodeJS.Platform
  readonly #windows: SystemWindows

  constructor(
    snapshot: Snapshot = screenshotDesktop,
    platform: NodeJS.Platform = process.platform
  ) {
    this.#snapshot = snapshot
    this.#platform = platform
    this.#windows = new SystemWindows(platform)
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    try {
      const listed = (await this.#snapshot.listDisplays()).slice(0, LIMITS.displays)
      if (listed.length === 0) {
        throw new Error('no display is listed')
      }
      const frames: Frame[] = []
      const primary = Math.max(
        0,
        listed.findIndex((display) => display.primary)
      )
      for (const [index, display] of listed.entries()) {
        signal.throwIfAborted()
        frames.push(await this.#shot(display, index === primary))
      }
      return frames
    } catch (error) {
      if (signal.aborted) {
        throw error
      }
      throw unavailable(this.#platform, error)
    }
  }

  windows(signal: AbortSignal) {
    return this.#windows.list(signal)
  }

  close(): Promise<void> {
    return this.#windows.close()
  }

  async #shot(listed: screenshotDesktop.ListedDisplay, primary: boolean): Promise<Frame> {
    const png = await this.#snapshot({ screen: listed.id, format: 'png' })
    const { data, info } = await sharp(png, { limitInputPixels: LIMITS.screenshotPixels * 4 })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height } = info
    return {
      display: described(listed, primary, width, height),
      width,
      height,
      layout: 'rgb',
      data,
    }
  }
}

function described(
  listed: screenshotDesktop.ListedDisplay,
  primary: boolean,
  width: number,
  height: number
): Display {
  const { left = 0, top = 0, right = 0, bottom = 0 } = listed
  return {
    id:
      String(listed.name || listed.id)
        .slice(0, 64)
        .toWellFormed() || 'display',
    x: Math.round(listed.offsetX ?? left),
    y: Math.round(listed.offsetY ?? top),
    width: listed.width || right - left || width,
    height: listed.height || bottom - top || height,
    primary,
  }
}

const NEEDS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'It needs xrandr and import: apt install x11-xserver-utils imagemagick.',
  darwin:
    'Allow it in System Settings → Privacy & Security → Screen Recording, then start it anew.',
  win32: 'It needs the .NET Framework.',
}

function unavailable(platform: NodeJS.Platform, cause: unknown): ScreenUnavailable {
  const whole = cause instanceof Error ? cause.message : String(cause)
  const said = whole.split('\n', 1)[0]
  // on Linux a shell says which program it did not find; one that is there needs no installing
  const isTold = platform !== 'linux' || /not found|ENOENT/.test(whole)
  const help = isTold ? (NEEDS[platform] ?? '') : ''
  const text = `screenshot-desktop gives no picture (${said?.slice(0, 160)}). ${help}`
  const state = platform === 'darwin' ? 'permission' : 'unavailable'
  return new ScreenUnavailable(state, text.trim(), { cause })
}
