import type { Display } from '@worksight/agent-core/contract/heartbeat'
import type { VisibleWindow } from '@worksight/agent-core/x11/windows'
import type { Frame, PixelLayout, ScreenSource } from '../screen_source.ts'

/** What a fake screen shows at one capture: frames, or the error that the capture throws. */
export type FakeShot = readonly Frame[] | Error

/**
 * A frame of one colour, `#rrggbb`, 64 × 36 pixels by default. `display` overrides parts of the
 * display it is said to come from.
 */
export function fakeFrame(
  colour: string,
  about: {
    readonly width?: number
    readonly height?: number
    readonly layout?: PixelLayout
    readonly display?: Partial<Display>
  } = {}
): Frame {
  const { width = 64, height = 36, layout = 'rgb' } = about
  const red = Number.parseInt(colour.slice(1, 3), 16)
  const green = Number.parseInt(colour.slice(3, 5), 16)
  const blue = Number.parseInt(colour.slice(5, 7), 16)
  const pixel = {
    rgb: [red, green, blue],
    rgba: [red, green, blue, 255],
    bgrx: [blue, green, red, 0],
  }[layout]
  const data = Buffer.alloc(width * height * pixel.length, Buffer.from(pixel))
  const display = { id: 'fake', x: 0, y: 0, width, height, primary: true, ...about.display }
  return { display, width, height, layout, data }
}

/**
 * A screen that shows what it is told: one shot a capture, the last one again and again. Hand it to
 * the plugin with `new Screenshot(options, { choose: screen.choose })`.
 */
export class FakeScreen implements ScreenSource {
  readonly name: string
  readonly simulated: boolean
  /** How often it was captured, and how often closed. */
  captured = 0
  closed = 0
  #shots: FakeShot[]

  constructor(
    shots: readonly FakeShot[] = [[fakeFrame('#336699')]],
    about: { readonly name?: string; readonly simulated?: boolean } = {}
  ) {
    this.#shots = [...shots]
    this.name = about.name ?? 'fake'
    this.simulated = about.simulated ?? false
  }

  /** What the next captures give. */
  show(...shots: readonly FakeShot[]): void {
    this.#shots = [...shots]
  }

  readonly choose = async (): Promise<ScreenSource> => this

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    signal.throwIfAborted()
    this.captured += 1
    const shot = (this.#shots.length > 1 ? this.#shots.shift() : this.#shots[0]) ?? []
    if (shot instanceof Error) {
      throw shot
    }
    // a picture is made of the pixels where they lie
    return shot.map((frame) => ({ ...frame, data: Buffer.from(frame.data) }))
  }

  /** What `windows` tells: none is excluded unless a spec says which are there. */
  shownWindows: readonly VisibleWindow[] | null = []

  async windows(): Promise<readonly VisibleWindow[] | null> {
    return this.shownWindows
  }

  async close(): Promise<void> {
    this.closed += 1
  }
}
