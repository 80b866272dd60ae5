import Screenshot from '#models/screenshot'
import type User from '#models/user'
import { newestRows } from '#services/keyset'
import { agentsWithPurposeFor } from '#services/visible'

/** The newest screenshots of those that `viewer` said today why to look at, of one agent if it is given. */
export function latestScreenshots(viewer: User, agent?: number, limit = 12) {
  return newestRows(
    {
      model: Screenshot,
      agents: agentsWithPurposeFor(viewer),
      load: (query) => void query.preload('agent'),
    },
    { agent, limit }
  )
}
