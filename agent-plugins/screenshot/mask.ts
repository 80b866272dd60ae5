import type { VisibleWindow } from '@worksight/agent-core/x11/windows'
import { PIXEL_BYTES, type Frame } from './screen_source.ts'

/** Brightness of all channels of what is masked. */
export const MASK = 0x80

type Area = Pick<VisibleWindow, 'x' | 'y' | 'width' | 'height'>

/**
 * Covers rectangles of the desktop in a frame with one colour, whatever lies over them: better too
 * much is hidden than a corner seen. Changes the frame's own pixels.
 */
export function mask(frame: Frame, areas: readonly Area[]): void {
  const { display, width, height, layout, data } = frame
  const pixel = PIXEL_BYTES[layout]
  const [scaleX, scaleY] = [width / display.width, height / display.height]
  for (const area of areas) {
    const left = bounded(Math.floor((area.x - display.x) * scaleX), width)
    const right = bounded(Math.ceil((area.x + area.width - display.x) * scaleX), width)
    const top = bounded(Math.floor((area.y - display.y) * scaleY), height)
    const bottom = bounded(Math.ceil((area.y + area.height - display.y) * scaleY), height)
    for (let row = top; row < bottom && left < right; row++) {
      data.fill(MASK, (row * width + left) * pixel, (row * width + right) * pixel)
    }
  }
}

function bounded(value: number, most: number): number {
  return Math.min(most, Math.max(0, value))
}
