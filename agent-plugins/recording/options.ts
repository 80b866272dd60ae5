import { AgentError, resolveOptions } from '@worksight/agent-core'
import { BLUR_LEVELS, type BlurLevel } from '@worksight/agent-core/contract/policy'
import { QUALITIES, type Quality } from './recording_arguments.ts'

/** What starts ffmpeg. */
export const RECORDERS = ['fluent-ffmpeg', 'spawn'] as const
export type RecorderName = (typeof RECORDERS)[number]

/** Options of the plugin; each has the default of `DEFAULTS`. */
export type RecordingOptions = {
  /** Whether this site records at all. A policy can switch it off, never on where the site says no. */
  readonly enabled: boolean
  /** Pictures a second, 0.1 to 30; 2 shows text, 5 movement. */
  readonly frameRate: number
  /** How well the video can be read, and how large it is. */
  readonly quality: Quality
  /** How strongly videos are made unreadable before anything is stored; a policy can make it more. */
  readonly blur: BlurLevel
  /** Minutes between the beginnings of two recordings, on the clock; 0 records without end. */
  readonly everyMinutes: number
  /** Minutes that each of them lasts, at most `everyMinutes`. */
  readonly forMinutes: number
  /** Seconds of one file, 1 to 3600. */
  readonly segmentSeconds: number
  /** Bytes that recordings may hold on the disk before the spool has them; then recording stops. */
  readonly maxBytes: number
  /** Bytes of the disk that stay free; below it recording stops. */
  readonly minFreeBytes: number
  /** What starts ffmpeg. */
  readonly recorder: RecorderName
  /** Days that a copy of each file stays in the data folder's `videos`; 0 keeps none. */
  readonly keepLocalDays: number
  /** Bytes that these copies may take; the oldest go first. */
  readonly keepLocalBytes: number
}

const DEFAULTS: RecordingOptions = {
  enabled: false,
  frameRate: 2,
  quality: 'medium',
  blur: 'none',
  everyMinutes: 0,
  forMinutes: 5,
  segmentSeconds: 60,
  maxBytes: 1_000_000_000,
  minFreeBytes: 500_000_000,
  recorder: 'fluent-ffmpeg',
  keepLocalDays: 0,
  keepLocalBytes: 1_000_000_000,
}

/** What each number may be, both ends included. */
const RANGES = {
  frameRate: [0.1, 30],
  everyMinutes: [0, 1440],
  forMinutes: [0.1, 1440],
  segmentSeconds: [1, 3600],
  maxBytes: [1_000_000, 1e15],
  minFreeBytes: [0, 1e15],
  keepLocalDays: [0, 3650],
  keepLocalBytes: [0, 1e15],
} as const

const CHOICES = { quality: QUALITIES, blur: BLUR_LEVELS, recorder: RECORDERS } as const

/**
 * The options in force: environment over `given` over default. Throws `E_INVALID_OPTION` with the
 * name of the option, what it should be and what it is.
 */
export function recordingOptions(
  given: Partial<RecordingOptions>,
  env: Readonly<Record<string, string | undefined>>
): RecordingOptions {
  const { values } = resolveOptions('recording', DEFAULTS, given, env)
  if (typeof values.enabled !== 'boolean') {
    throw invalid('enabled', 'true or false', values.enabled)
  }
  for (const option of Object.keys(CHOICES) as (keyof typeof CHOICES)[]) {
    const choices: readonly string[] = CHOICES[option]
    if (!choices.includes(values[option])) {
      throw invalid(option, `one of ${choices.join(', ')}`, values[option])
    }
  }
  for (const option of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[option]
    const value = values[option]
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw invalid(option, `a number from ${least} to ${most}`, value)
    }
  }
  const { everyMinutes, forMinutes } = values
  if (everyMinutes > 0 && forMinutes > everyMinutes) {
    throw invalid('forMinutes', `at most everyMinutes, which is ${everyMinutes}`, forMinutes)
  }
  return values
}

/** Milliseconds for which a recording that is due at `now` (since 1970) still lasts; 0 when none is. */
export function dueForMs(
  { everyMinutes, forMinutes }: Pick<RecordingOptions, 'everyMinutes' | 'forMinutes'>,
  now: number
): number {
  if (everyMinutes === 0) {
    return Infinity
  }
  const into = now % (everyMinutes * 60_000)
  return Math.max(0, forMinutes * 60_000 - into)
}

function invalid(option: string, expected: string, found: unknown): AgentError {
  const text = `recording.${option}: expected ${expected}, found ${JSON.stringify(found)}`
  return new AgentError('E_INVALID_OPTION', text)
}
