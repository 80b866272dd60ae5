import { mock } from 'node:test'

/** Stops the clock of this process at a noon, far from where days begin; the teardown lets it go on. */
export function stopAtNoon() {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-19T12:00:00Z') })
  return () => mock.timers.reset()
}
