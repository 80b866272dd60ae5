import { AgentError, resolveOptions } from '@worksight/agent-core'
import { BLUR_LEVELS, type BlurLevel } from '@worksight/agent-core/contract/policy'
import { SOURCES, type SourceName } from './choose_source.ts'
import { FORMATS, type PictureFormat } from './encode.ts'

export const TIMINGS = ['fixed', 'random'] as const
export type Timing = (typeof TIMINGS)[number]

/** Options of the plugin; each has the default of `DEFAULTS`. */
export type ScreenshotOptions = {
  /** Seconds between two looks at the screen, 0.1 to 86 400. */
  readonly intervalSeconds: number
  /** Share of the interval by which a look moves at random to either side, 0 to 0.5. */
  readonly jitter: number
  /** What looks at the screen; `auto` takes the cheapest that works here. */
  readonly source: SourceName
  /** How pictures are stored: `auto` by what they show, WebP with the fewest bytes for its cost. */
  readonly format: PictureFormat
  /** How strongly a picture is made unreadable before it is stored; a policy can make it more. */
  readonly blur: BlurLevel
  /** Whether a look comes when the interval is over, or at a random moment inside each interval. */
  readonly timing: Timing
  /** Quality of lossy pictures, 1 to 100; by `auto` and as WebP, text screens are stored without loss. */
  readonly quality: number
  /** Pixels; wider pictures are scaled down to it. 0 keeps every pixel. */
  readonly maxWidth: number
  /**
   * Tiles of 32 × 32 pixels that may differ from the last stored picture for the display to count as
   * unchanged: a blinking cursor is one to four of them. 0 stores every change of a pixel.
   */
  readonly unchangedTiles: number
  /** Seconds after which a picture is stored even though nothing changed; 0 stores every one. */
  readonly forceEverySeconds: number
  /** Days that a copy of each picture stays in the data folder's `screenshots`; 0 keeps none. */
  readonly keepLocalDays: number
  /** Bytes that these copies may take; the oldest go first. */
  readonly keepLocalBytes: number
}

const DEFAULTS: ScreenshotOptions = {
  intervalSeconds: 300,
  jitter: 0.1,
  source: 'auto',
  quality: 60,
  maxWidth: 0,
  unchangedTiles: 4,
  forceEverySeconds: 600,
  format: 'auto',
  blur: 'none',
  timing: 'fixed',
  keepLocalDays: 0,
  keepLocalBytes: 1_000_000_000,
}

/** What each number may be, both ends included. */
const RANGES = {
  intervalSeconds: [0.1, 86_400],
  jitter: [0, 0.5],
  quality: [1, 100],
  maxWidth: [0, 16_383],
  unchangedTiles: [0, 1000],
  forceEverySeconds: [0, 86_400],
  keepLocalDays: [0, 3650],
  keepLocalBytes: [0, 1e15],
} as const

const CHOICES = { source: SOURCES, format: FORMATS, blur: BLUR_LEVELS, timing: TIMINGS } as const

const WHOLE: readonly string[] = ['quality', 'maxWidth', 'unchangedTiles']

/**
 * The options in force: environment over `given` over default. Throws `E_INVALID_OPTION` with the
 * name of the option, what it should be and what it is.
 */
export function screenshotOptions(
  given: Partial<ScreenshotOptions>,
  env: Readonly<Record<string, string | undefined>>
): ScreenshotOptions {
  const { values } = resolveOptions('screenshot', DEFAULTS, given, env)
  for (const option of Object.keys(CHOICES) as (keyof typeof CHOICES)[]) {
    const choices: readonly string[] = CHOICES[option]
    if (!choices.includes(values[option])) {
      throw invalid(option, `one of ${choices.join(', ')}`, values[option])
    }
  }
  for (const option of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[option]
    const value = values[option]
    const isWhole = WHOLE.includes(option)
    const isRight =
      typeof value === 'number' &&
      value >= least &&
      value <= most &&
      (!isWhole || Number.isInteger(value))
    if (!isRight) {
      throw invalid(option, `a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`, value)
    }
  }
  return values
}

function invalid(option: string, expected: string, found: unknown): AgentError {
  const text = `screenshot.${option}: expected ${expected}, found ${JSON.stringify(found)}`
  return new AgentError('E_INVALID_OPTION', text)
}
