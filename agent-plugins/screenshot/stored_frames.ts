import { isNearlySame, isSame, type FramePrint } from './frame_print.ts'
import type { Frame } from './screen_source.ts'

type Stored = {
  readonly id: string
  /** Milliseconds of the monotonic clock. */
  readonly storedAt: number
  readonly print: FramePrint
}

/** What the last stored frame of every display showed, in memory only and without its pixels. */
export class StoredFrames {
  readonly #stored = new Map<string, Stored>()

  /**
   * The id of the stored screenshot that shows what `frame` shows but for `mostTiles` tiles, or null
   * where there is none or it was stored before `notBefore` (milliseconds of the monotonic clock).
   */
  sameAs(frame: Frame, notBefore: number, mostTiles: number): string | null {
    const last = this.#stored.get(frame.display.id)
    if (last === undefined || last.storedAt <= notBefore) {
      return null
    }
    const isKnown =
      isSame(last.print, frame) || (mostTiles > 0 && isNearlySame(last.print, frame, mostTiles))
    return isKnown ? last.id : null
  }

  /** Remembers the screenshot that was stored last of a display. */
  keep(display: string, stored: Stored): void {
    this.#stored.set(display, stored)
  }

  /** Forgets the displays that are no longer there. */
  keepOnly(frames: readonly Frame[]): void {
    const present = new Set(frames.map((frame) => frame.display.id))
    for (const id of this.#stored.keys()) {
      if (!present.has(id)) {
        this.#stored.delete(id)
      }
    }
  }
}
