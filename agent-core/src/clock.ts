import type { Clock } from './plugin.ts'

/** A clock that can also call back. The agent has one; tests bring one they move by hand. */
export interface Timekeeper extends Clock {
  /** Calls `wake` once after `ms` milliseconds. The answer takes the call back. */
  after(ms: number, wake: () => void): () => void
}

/** Longest delay `setTimeout` can hold, in milliseconds; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647

/** The machine's clock. `monotonic` stands still while the machine sleeps on Linux. */
export const systemClock: Timekeeper = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts; it never rejects. */
export function sleep(clock: Timekeeper, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
