import { AgentError, resolveOptions } from '@worksight/agent-core'

/** Options of the plugin; each has the default of `DEFAULTS`. */
export type ActivityOptions = {
  /** Seconds between two looks, 0.05 to 60; also the slot in which input is counted or not. */
  readonly pollSeconds: number
  /** Seconds that may lie between two equal readings that are one event, up to 3600. */
  readonly pulsetimeSeconds: number
  /** Seconds after which the part of an event that has passed is sent, 1 to 3600. */
  readonly flushSeconds: number
  /** Seconds without input after which a person counts as away; the policy tunes it. */
  readonly afkSeconds: number
  /** Whether titles of windows may leave the machine where the policy allows it too. */
  readonly titles: boolean
}

const DEFAULTS: ActivityOptions = {
  pollSeconds: 1,
  pulsetimeSeconds: 5,
  flushSeconds: 60,
  afkSeconds: 180,
  titles: false,
}

/** What each number may be, both ends included. */
const RANGES = {
  pollSeconds: [0.05, 60],
  pulsetimeSeconds: [0.1, 3600],
  flushSeconds: [1, 3600],
  afkSeconds: [1, 86_400],
} as const

/**
 * The options in force: environment over `given` over default. Throws `E_INVALID_OPTION` with the
 * name of the option, what it should be and what it is.
 */
export function activityOptions(
  given: Partial<ActivityOptions>,
  env: Readonly<Record<string, string | undefined>>
): ActivityOptions {
  const { values } = resolveOptions('activity', DEFAULTS, given, env)
  for (const option of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[option]
    const value: unknown = values[option]
    if (!(typeof value === 'number' && value >= least && value <= most)) {
      throw invalid(option, `a number from ${least} to ${most}`, value)
    }
  }
  if (typeof values.titles !== 'boolean') {
    throw invalid('titles', 'true or false', values.titles)
  }
  if (values.pulsetimeSeconds < values.pollSeconds) {
    const expected = `at least pollSeconds, which is ${values.pollSeconds}`
    throw invalid('pulsetimeSeconds', expected, values.pulsetimeSeconds)
  }
  return values
}

function invalid(option: string, expected: string, found: unknown): AgentError {
  const text = `activity.${option}: expected ${expected}, found ${JSON.stringify(found)}`
  return new AgentError('E_INVALID_OPTION', text)
}
