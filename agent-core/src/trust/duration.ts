import { AgentError } from '../errors.ts'

const MINUTE = 60_000

/**
 * Milliseconds of a length of time as a person writes it: `30m`, `1h`, `1h30m`, `45` (minutes).
 * Throws E_INVALID_DURATION.
 */
export function durationMs(text: string): number {
  const match = /^(?:(\d{1,2})h)?(?:(\d{1,4})m?)?$/.exec(text.trim().toLowerCase())
  const minutes = Number(match?.[1] ?? 0) * 60 + Number(match?.[2] ?? 0)
  if (match === null || minutes === 0 || minutes > 24 * 60) {
    throw new AgentError(
      'E_INVALID_DURATION',
      `Expected a time of at most a day such as 30m or 1h30m, found "${text}"`
    )
  }
  return minutes * MINUTE
}
