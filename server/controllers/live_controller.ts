import { giveWallPurpose, liveWall, MOST_TILES } from '#services/live_wall'
import { visibleTeams } from '#services/visible'
import { wallPurposeValidator, wallValidator } from '#validators/days'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** The newest pictures side by side, where a policy allows it. */
export default class LiveController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const [, chosen] = await wallValidator.tryValidate(filled(request.qs()))
    const { size = 'm', team = null, kiosk } = chosen ?? {}
    const now = Date.now()
    const state = {
      ...(await liveWall(viewer, team, now)),
      now,
      size,
      mayGovern: viewer.role === 'owner',
      most: MOST_TILES,
      isKiosk: kiosk !== undefined,
      address: addressOf({ size, team, kiosk }),
    }
    if (request.header('HX-Request')) {
      return view.render('partials/wall', state)
    }
    return view.render('pages/live/index', {
      ...state,
      team,
      teams: await visibleTeams(viewer).orderBy('name'),
      addressWith: (changed: object) => addressOf({ size, team, kiosk, ...changed }),
    })
  }

  /** One reason for everybody on the wall, for today. */
  async store({ auth, request, response }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const { purpose } = await request.validateUsing(wallPurposeValidator)
    await giveWallPurpose(viewer, purpose)
    return response.redirect().toRoute('live.index')
  }
}

function addressOf(chosen: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(chosen)) {
    if (value !== null && value !== undefined) {
      query.set(key, String(value))
    }
  }
  return `/live?${query.toString()}`
}
