/** Figures of the waits between attempts, in milliseconds. After delivery.md; AWS calls the form "full jitter". */
export const BACKOFF = {
  firstMs: 2_000,
  mostMs: 300_000,
  leastMs: 500,
  mostRetryAfterMs: 3_600_000,
} as const

/**
 * Milliseconds to wait before the next attempt. `failures` counts the attempts that failed in a row,
 * from 1. Full jitter: anywhere from 0 to the doubling limit, so that agents do not return together;
 * never under half a second. `floorMs` is what the server asked for, capped at an hour.
 */
export function backoff(
  failures: number,
  floorMs: number | null = null,
  random: () => number = Math.random
): number {
  const limit = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** Math.max(0, failures - 1))
  const wait = Math.max(BACKOFF.leastMs, random() * limit)
  return floorMs === null ? wait : Math.max(wait, Math.min(floorMs, BACKOFF.mostRetryAfterMs))
}

/**
 * Milliseconds that a `Retry-After` header asks for, or null when it says nothing readable. Both
 * forms of RFC 9110, 10.2.3: whole seconds, or a date, which is measured against `now` (milliseconds
 * since 1970, best taken from the answer's own `Date`). A date in the past is 0.
 */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,10}$/.test(text)) {
    return Number(text) * 1000
  }
  if (!/^[A-Z][a-z]{2,8}, ?/.test(text)) {
    return null
  }
  const moment = Date.parse(text)
  return Number.isNaN(moment) ? null : Math.max(0, moment - now)
}
