import type { VisibleWindow } from '@worksight/agent-core/x11/windows'
import type { Display } from '@worksight/agent-core/contract/heartbeat'

/**
 * Order of the bytes of one pixel: `rgb` has three, the others four. The fourth is an alpha that is
 * always opaque (`rgba`) or padding without meaning (`bgrx`, as an X server sends it).
 */
export type PixelLayout = 'rgb' | 'rgba' | 'bgrx'

/** Bytes of one pixel. */
export const PIXEL_BYTES: Readonly<Record<PixelLayout, number>> = { rgb: 3, rgba: 4, bgrx: 4 }

/**
 * One look at one display: rows from top to bottom without padding. `width` and `height` are pixels
 * of the picture, which can differ from the display's where the system scales its desktop.
 */
export type Frame = {
  readonly display: Display
  readonly width: number
  readonly height: number
  readonly layout: PixelLayout
  /** Valid until the source captures again: sources reuse their buffers. */
  readonly data: Buffer
}

/** Something that can look at the screen. */
export interface ScreenSource {
  /** As the option `source` and the description of a screenshot name it. */
  readonly name: string
  /** Whether its pictures are drawn instead of seen. */
  readonly simulated: boolean
  /**
   * Every display as it is now, never an empty list. Throws `ScreenUnavailable` where the machine
   * has no picture to give, and rejects when `signal` is aborted.
   */
  capture(signal: AbortSignal): Promise<readonly Frame[]>
  /**
   * Every window that is on the screen now, focused or not; null where the system does not tell.
   * Rejects where one of them cannot be read.
   */
  windows(signal: AbortSignal): Promise<readonly VisibleWindow[] | null>
  /** Optional: gives back the memory of the last capture; the next one takes it again. */
  rest?(): void
  /** Lets go of what it holds open; a later `capture` opens it again. */
  close(): Promise<void>
}

/** What a source throws where the machine gives no picture. */
export { Unavailable as ScreenUnavailable } from '@worksight/agent-core'
