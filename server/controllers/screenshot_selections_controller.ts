import type Screenshot from '#models/screenshot'
import { recordChange, type Actor } from '#services/audit'
import { deleteMedium } from '#services/media_removal'
import { heldAmong, holdMoment } from '#services/retention/holds'
import { visibleScreenshots } from '#services/visible'
import { selectionValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'

/** What is done to several screenshots at once, each with the same reason, each in the audit log. */
export default class ScreenshotSelectionsController {
  /** Deletes those that no hold keeps. */
  async destroy(ctx: HttpContext) {
    const { shots, reason, actor } = await readSelection(ctx)
    const became = { deleted: 0, held: 0 }
    for (const shot of shots) {
      became[await deleteMedium(actor, shot, reason)] += 1
    }
    return answer(ctx, [
      `${counted(became.deleted)} deleted`,
      ...(became.held > 0 ? [`${counted(became.held)} kept: on hold`] : []),
    ])
  }

  /** Keeps them from retention and from deletion until the hold is released. */
  async hold(ctx: HttpContext) {
    const { shots, reason, actor } = await readSelection(ctx)
    const held = await heldAmong(shots)
    let done = 0
    for (const shot of shots) {
      const { personId } = shot.agent
      if (personId === null || held.has(shot)) {
        continue
      }
      await db.transaction(async (trx) => {
        await holdMoment(trx, personId, shot.capturedAt, reason)
        await recordChange(trx, actor, 'screenshot.hold', objectOf(shot), null, { reason })
      })
      done += 1
    }
    const rest = shots.length - done
    return answer(ctx, [
      `${counted(done)} held`,
      ...(rest > 0 ? [`${counted(rest)} on hold before, or of nobody`] : []),
    ])
  }
}

/** The screenshots that were chosen, of those that the viewer may see. */
async function readSelection({ auth, request }: HttpContext) {
  const user = auth.use('web').getUserOrFail()
  const actor: Actor = { user, address: request.ip() }
  const { ids, reason } = await request.validateUsing(selectionValidator)
  const shots = await visibleScreenshots(user).whereIn('id', ids).preload('agent')
  return { shots, reason, actor }
}

function objectOf({ id, agentId, agent }: Screenshot) {
  return { type: 'screenshot', id, personId: agent.personId, agentId }
}

const counted = (count: number) => `${count} ${count === 1 ? 'screenshot' : 'screenshots'}`

function answer({ response, session }: HttpContext, words: readonly string[]) {
  session.flash('success', words.join(', '))
  return response.redirect().back()
}
