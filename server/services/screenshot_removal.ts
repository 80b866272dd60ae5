import type Screenshot from '#models/screenshot'
import { media } from '#services/media'
import db from '@adonisjs/lucid/services/db'

/**
 * Removes a screenshot everywhere: row, file, thumbnail. Its sequence number is remembered, so that
 * the report of what is missing does not call a deletion a loss. The row goes first: a crash leaves a
 * file without a row, which the reaper takes, never a row without a file.
 */
export async function removeScreenshot(screenshot: Screenshot) {
  await db.transaction(async (trx) => {
    await trx.table('deletions').insert({
      agent_id: screenshot.agentId,
      seq: screenshot.seq,
      id: screenshot.id,
      content_sha256: screenshot.contentSha256,
      kind: 'screenshot',
      captured_at: screenshot.capturedAt,
      deleted_at: Date.now(),
    })
    await trx
      .from('screenshots')
      .where({ id: screenshot.id, agent_id: screenshot.agentId })
      .delete()
  })
  await media.remove(screenshot.mediaKey)
}
