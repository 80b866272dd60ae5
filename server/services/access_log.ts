import type Screenshot from '#models/screenshot'
import type User from '#models/user'
import db from '@adonisjs/lucid/services/db'

/** How one looked: at the small picture of a list, at the picture, or through the API. */
export type Look = 'thumbnail' | 'screenshot'

/**
 * Writes down that `viewer` looks at a picture, before its bytes leave; when it cannot be written,
 * the look fails. The person sees these lines under "Who looked".
 */
export async function noteLook(viewer: User, screenshot: Screenshot, kind: Look, address: string) {
  await db.table('accesses').insert({
    at: Date.now(),
    viewer_id: viewer.id,
    person_id: screenshot.agent.personId,
    agent_id: screenshot.agentId,
    kind,
    object_id: screenshot.id,
    address,
  })
}
