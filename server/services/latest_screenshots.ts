import type User from '#models/user'
import { screenshotsWithPurpose } from '#services/visible'

/** The newest screenshots of those that `viewer` said today why to look at, of one agent if it is given. */
export function latestScreenshots(viewer: User, agentId?: number, most = 12) {
  const query = screenshotsWithPurpose(viewer)
    .preload('agent')
    .orderBy('captured_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
  return agentId ? query.where('agent_id', agentId) : query
}
