import { mock } from 'node:test'

const DAY = 86_400_000

/**
 * Stops the clock of this process, far from where days begin: at noon UTC of today, or at `now`, in
 * milliseconds. What it gives lets it go on: the teardown of a test.
 */
export function stopClock(now = Math.floor(Date.now() / DAY) * DAY + DAY / 2) {
  mock.timers.enable({ apis: ['Date'], now })
  return () => mock.timers.reset()
}
