import { sameFrame } from './frame_hash.ts'
import type { Frame } from './screen_source.ts'

type Stored = Pick<Frame, 'width' | 'height' | 'layout' | 'data'> & {
  readonly id: string
  readonly storedAt: number
}

/**
 * The last stored frame of every display, in memory only, each in a buffer that is used again as
 * long as the display keeps its size.
 */
export class StoredFrames {
  readonly #stored = new Map<string, Stored>()

  /**
   * The id of the stored screenshot that shows what `frame` shows, or null where there is none or
   * it was stored before `notBefore` (milliseconds of the monotonic clock).
   */
  sameAs(frame: Frame, notBefore: number): string | null {
    const last = this.#stored.get(frame.display.id)
    return last && last.storedAt > notBefore && sameFrame(last, frame) ? last.id : null
  }

  /** Remembers that the screenshot `id` stored `frame`; copies the pixels. */
  keep(frame: Frame, id: string, storedAt: number): void {
    const { width, height, layout } = frame
    const kept = this.#stored.get(frame.display.id)?.data
    const data =
      kept?.length === frame.data.length ? kept : Buffer.allocUnsafeSlow(frame.data.length)
    frame.data.copy(data)
    this.#stored.set(frame.display.id, { id, storedAt, width, height, layout, data })
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

  clear(): void {
    this.#stored.clear()
  }
}
