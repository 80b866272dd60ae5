/** Whether many more faults are to be injected than a usual run has time for: `npm run test:faults`. */
export const isLong = process.env.WORKSIGHT_TEST_LONG === '1'
