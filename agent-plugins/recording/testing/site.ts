import { defineSite } from '@worksight/agent-core'
import { Recording } from '../main.ts'

/** A site for specs: a recorder without a pause, in short segments that are kept. */
export default defineSite({
  name: 'recording',
  spool: { minFreeBytes: 0, maxBytes: 1e12 },
  plugins: [new Recording({ enabled: true, frameRate: 10, segmentSeconds: 3, keepLocalDays: 1 })],
})
