import Agent from '#models/agent'
import type User from '#models/user'
import { loadLastHeartbeats } from '#services/last_heartbeats'
import { latestScreenshots } from '#services/latest_screenshots'
import { openContests } from '#services/day_notes'
import { unreadAmong } from '#services/notices_read'
import { attentionOf, countNow } from '#services/overview'
import { storageNow, todayByTeam } from '#services/overview_panels'
import { peopleBehindPurpose } from '#services/purpose'
import { unwellDisks } from '#services/storage/disk_state'
import { visibleScreenshots, whyNoPictures } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** Who is here, what needs a hand, what came last. */
export default class OverviewController {
  async index({ auth, request, session, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const agents = await Agent.query()
      .withScopes((scopes) => scopes.visibleTo(viewer))
      .preload('person')
      .orderBy('name')
    await loadLastHeartbeats(agents)
    const now = Date.now()
    const state = {
      agents,
      counts: countNow(agents, now),
      attention: attentionOf(agents, now, await unreadAmong(agents)),
      disks: runsIt(viewer) ? await unwellDisks() : [],
      storage: runsIt(viewer) ? await storageNow() : null,
      teams: viewer.role === 'member' ? [] : await todayByTeam(viewer),
      contests: await openContests(viewer),
      latest: await latestScreenshots(viewer),
      behind: (await peopleBehindPurpose(viewer)).length,
      shotsToday: await this.#shotsToday(viewer),
      mayEnrol: runsIt(viewer),
      showWelcome: session.get('welcome', false),
      why: whyNoPictures(viewer),
    }
    return view.render(
      request.header('HX-Request') ? 'partials/overview' : 'pages/overview/index',
      state
    )
  }

  async #shotsToday(viewer: User): Promise<number> {
    const start = DateTime.now().setZone(viewer.timeZone).startOf('day').toMillis()
    const [{ $extras: total }] = await visibleScreenshots(viewer)
      .where('captured_at', '>=', start)
      .count('* as count')
    return Number(total.count)
  }
}

const runsIt = ({ role }: User) => role === 'owner' || role === 'admin'
