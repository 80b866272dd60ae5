import { Activity } from '@worksight/activity'
import { defineSite, type Site } from '@worksight/agent-core'
import { Heartbeat } from '@worksight/heartbeat'
import { Screenshot } from '@worksight/screenshot'

/** What the agents of the bench observe, by name: the files beside this one hand them to `--config`. */
const spool = { minFreeBytes: 0 }

/** Heartbeat and activity alone: what an agent costs between two pictures. */
export const resting: Site = defineSite({
  name: 'resting',
  plugins: [new Heartbeat({ intervalSeconds: 30 }), new Activity({})],
  spool,
})

/** The same with a picture every ten seconds. */
export const capturing: Site = defineSite({
  name: 'capturing',
  plugins: [
    new Heartbeat({ intervalSeconds: 30 }),
    new Activity({}),
    new Screenshot({ intervalSeconds: 10, jitter: 0 }),
  ],
  spool,
})
