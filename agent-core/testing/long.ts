/** Whether many more faults are to be injected than a usual run has time for: `npm run test:faults`. */
export const isLong = process.env.WORKSIGHT_TEST_LONG === '1'

/**
 * Whether a spec is left out because of what this machine does not allow, `why`. Never where `CI` is
 * set: there it runs, and fails.
 */
export function isLeftOut(why: string | null): boolean {
  return why !== null && !process.env.CI
}
