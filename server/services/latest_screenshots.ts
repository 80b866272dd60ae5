import type User from '#models/user'
import { visibleScreenshots } from '#services/visible'

/** The newest screenshots that `viewer` may see, of one agent if it is given. */
export function latestScreenshots(viewer: User, agentId?: number, most = 12) {
  const query = visibleScreenshots(viewer)
    .preload('agent')
    .orderBy('captured_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
  return agentId ? query.where('agent_id', agentId) : query
}
