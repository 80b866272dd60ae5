import type { Display } from '@worksight/agent-core/contract/heartbeat'
import type { VisibleWindow } from '@worksight/agent-core/x11/windows'
import sharp from 'sharp'
import type { Frame, ScreenSource } from './screen_source.ts'
import { drawText, textWidth } from './stroke_font.ts'

const DISPLAY: Display = { id: 'simulated', x: 0, y: 0, width: 1280, height: 720, primary: true }

/** Colours of a simulated picture, for tests that look for them. */
export const SIMULATED_COLOURS = {
  background: '#1f2937',
  band: '#f59e0b',
  text: '#f9fafb',
} as const

/**
 * Draws pictures that say in large letters that they are simulated, with the time, for a first look
 * at WorkSight on a machine without a display. It is used only where the site or the environment
 * names it: it never stands in for a screen that could not be seen.
 */
export class SimulatedSource implements ScreenSource {
  readonly name = 'simulated'
  readonly simulated = true
  readonly #now: () => Date

  constructor(now: () => Date = () => new Date()) {
    this.#now = now
  }

  async capture(signal: AbortSignal): Promise<readonly Frame[]> {
    signal.throwIfAborted()
    const { width, height } = DISPLAY
    const data = await sharp(Buffer.from(drawing(this.#now())))
      .removeAlpha()
      .raw()
      .toBuffer()
    return [{ display: DISPLAY, width, height, layout: 'rgb', data }]
  }

  /** Nothing of the screen is in a drawn picture. */
  async windows(): Promise<readonly VisibleWindow[]> {
    return []
  }

  async close(): Promise<void> {}
}

function drawing(now: Date): string {
  const { width, height } = DISPLAY
  const { background, band, text } = SIMULATED_COLOURS
  const time = now.toISOString().slice(11, 19)
  const date = now.toISOString().slice(0, 10)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="${width}" height="${height}" fill="${background}"/>` +
    `<rect y="150" width="${width}" height="150" fill="${band}"/>` +
    centred('simulated', 258, { size: 70, colour: background, weight: 2.2 }) +
    centred(`${time} UTC`, 430, { size: 60, colour: text, weight: 1.6 }) +
    centred(date, 500, { size: 26, colour: text }) +
    centred('Drawn by the agent: this machine has no display.', 610, { size: 20, colour: text }) +
    `</svg>`
  )
}

function centred(
  text: string,
  y: number,
  style: { size: number; colour: string; weight?: number }
) {
  return drawText(text, (DISPLAY.width - textWidth(text, style)) / 2, y, style)
}
