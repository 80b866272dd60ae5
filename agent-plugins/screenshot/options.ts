import { AgentError, resolveOptions } from '@worksight/agent-core'
import { SOURCES, type SourceName } from './choose_source.ts'

/** Options of the plugin; each has the default of `DEFAULTS`. */
export type ScreenshotOptions = {
  /** Seconds between two looks at the screen, 0.1 to 86 400. */
  readonly intervalSeconds: number
  /** Share of the interval by which a look moves at random to either side, 0 to 0.5. */
  readonly jitter: number
  /** What looks at the screen; `auto` takes the cheapest that works here. */
  readonly source: SourceName
  /** Quality of lossy WebP, 1 to 100; text screens are stored without loss. */
  readonly quality: number
  /** Pixels; wider pictures are scaled down to it. 0 keeps every pixel. */
  readonly maxWidth: number
  /** Seconds after which a picture is stored even though nothing changed; 0 stores every one. */
  readonly forceEverySeconds: number
}

const DEFAULTS: ScreenshotOptions = {
  intervalSeconds: 300,
  jitter: 0.1,
  source: 'auto',
  quality: 60,
  maxWidth: 0,
  forceEverySeconds: 600,
}

/** What each number may be, both ends included. */
const RANGES = {
  intervalSeconds: [0.1, 86_400],
  jitter: [0, 0.5],
  quality: [1, 100],
  maxWidth: [0, 16_383],
  forceEverySeconds: [0, 86_400],
} as const

const WHOLE: readonly string[] = ['quality', 'maxWidth']

/**
 * The options in force: environment over `given` over default. Throws `E_INVALID_OPTION` with the
 * name of the option, what it should be and what it is.
 */
export function screenshotOptions(
  given: Partial<ScreenshotOptions>,
  env: Readonly<Record<string, string | undefined>>
): ScreenshotOptions {
  const { values } = resolveOptions('screenshot', DEFAULTS, given, env)
  if (!SOURCES.includes(values.source)) {
    throw invalid('source', `one of ${SOURCES.join(', ')}`, values.source)
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
