import type { ObservingState } from '../trust/observing.ts'
import type { Canvas, Colour } from './canvas.ts'

/** Behind the icon. */
export const GROUND: Colour = 0xf3f4f6
const WHITE: Colour = 0xffffff
const COLOURS: Readonly<Record<ObservingState, Colour>> = {
  capturing: 0x15803d,
  paused: 0xb45309,
  private: 0x4338ca,
  off: 0x6b7280,
}

/**
 * Draws the state into the middle of a window: an open eye, two bars, a padlock, or an empty ring with a
 * line through it. The shapes differ as well as the colours.
 */
export function drawIcon(
  canvas: Canvas,
  window: number,
  { width, height }: { readonly width: number; readonly height: number },
  state: ObservingState
): void {
  const side = Math.min(width, height)
  const [x, y] = [Math.round(width / 2), Math.round(height / 2)]
  const radius = side * 0.46
  const colour = COLOURS[state]
  canvas.rectangle(window, GROUND, { x: 0, y: 0, width, height })
  canvas.disc(window, colour, x, y, radius)
  const bar = (left: number, top: number, wide: number, high: number) =>
    canvas.rectangle(window, WHITE, {
      x: x + side * left,
      y: y + side * top,
      width: side * wide,
      height: side * high,
    })
  switch (state) {
    case 'capturing':
      canvas.disc(window, WHITE, x, y, side * 0.24)
      canvas.disc(window, colour, x, y, side * 0.12)
      break
    case 'paused':
      bar(-0.18, -0.22, 0.13, 0.44)
      bar(0.05, -0.22, 0.13, 0.44)
      break
    case 'private':
      bar(-0.2, -0.04, 0.4, 0.28)
      canvas.arch(window, WHITE, x, y - side * 0.04, side * 0.13, side * 0.08)
      break
    case 'off':
      canvas.disc(window, GROUND, x, y, side * 0.32)
      canvas.line(
        window,
        colour,
        [x - side * 0.28, y + side * 0.28, x + side * 0.28, y - side * 0.28],
        side * 0.12
      )
  }
}
