import { defineSite } from '@worksight/agent-core'
import { Heartbeat } from '@worksight/heartbeat'
import { Recording } from '@worksight/recording'

/** How the recording agent of the bench records, and the ffmpeg beside it. */
export const RECORDING = { frameRate: 5, quality: 'medium', segmentSeconds: 10 } as const

/** Heartbeat and a recorder that never pauses. It loads no other plugin, so that memory is its own. */
export default defineSite({
  name: 'recording',
  plugins: [new Heartbeat({ intervalSeconds: 30 }), new Recording({ enabled: true, ...RECORDING })],
  spool: { minFreeBytes: 0 },
})
