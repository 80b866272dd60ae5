import Access from '#models/access'
import Agent from '#models/agent'
import type Screenshot from '#models/screenshot'
import type User from '#models/user'
import { removeScreenshot } from '#services/screenshot_removal'
import { keysetPage } from '#services/keyset'
import { visibleScreenshot, visibleScreenshots, whyNoPictures } from '#services/visible'
import { screenshotFilterValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** Pictures on one page of the grid. */
const PAGE = 48

/** The pictures, by the hour and one by one. */
export default class ScreenshotsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const filter = await request.validateUsing(screenshotFilterValidator, { data: request.qs() })
    const { rows, next } = await keysetPage(
      visibleScreenshots(viewer).preload('agent'),
      { ...listingOf(filter, viewer.timeZone), limit: PAGE },
      request
    )
    const state = {
      hours: byHour(rows, viewer.timeZone),
      older: next,
      filter,
      agents: await Agent.query()
        .withScopes((scopes) => scopes.picturesVisibleTo(viewer))
        .orderBy('name'),
      address: request.url(true),
      isLatest: !filter.cursor,
      why: whyNone(viewer, filter),
    }
    const template = request.header('HX-Request')
      ? 'partials/screenshots'
      : 'pages/screenshots/index'
    return view.render(template, state)
  }

  async show({ auth, params, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const shot = await visibleScreenshot(viewer, params.id)
    const looks = await Access.query()
      .where('object_id', shot.id)
      .where('agent_id', shot.agentId)
      .preload('viewer')
      .orderBy('id', 'desc')
      .limit(10)
    return view.render('pages/screenshots/show', {
      shot,
      looks,
      previous: await neighbour(shot, '<', 'desc'),
      next: await neighbour(shot, '>', 'asc'),
      unchanged: await unchangedAfter(shot),
      mayDelete: mayDelete(viewer),
    })
  }

  async destroy({ auth, params, response, session }: HttpContext) {
    await removeScreenshot(await visibleScreenshot(auth.use('web').getUserOrFail(), params.id))
    session.flash('success', 'The screenshot is deleted')
    return response.redirect().toRoute('screenshots.index')
  }
}

type Filter = { agent?: number | null; day?: string | null; cursor?: string }

function listingOf({ agent, day, cursor }: Filter, zone: string) {
  const start = day ? DateTime.fromISO(day, { zone }) : null
  return {
    agent: agent ?? undefined,
    from: start?.toUTC().toISO() ?? undefined,
    to: start?.plus({ days: 1 }).toUTC().toISO() ?? undefined,
    cursor,
  }
}

/** Pictures in the hours of a zone, newest first. */
function byHour(shots: readonly Screenshot[], zone: string) {
  const hours = new Map<number, Screenshot[]>()
  for (const shot of shots) {
    const start = DateTime.fromMillis(shot.capturedAt, { zone }).startOf('hour').toMillis()
    hours.set(start, [...(hours.get(start) ?? []), shot])
  }
  return [...hours].map(([start, members]) => ({ start, shots: members }))
}

function neighbour(
  { agentId, capturedAt, id }: Screenshot,
  side: '<' | '>',
  order: 'asc' | 'desc'
) {
  return db
    .from('screenshots')
    .select('id')
    .where('agent_id', agentId)
    .where((query) => {
      query
        .where('captured_at', side, capturedAt)
        .orWhere((same) => same.where('captured_at', capturedAt).where('id', side, id))
    })
    .orderBy('captured_at', order)
    .orderBy('id', order)
    .first()
}

async function unchangedAfter({ agentId, id }: Screenshot): Promise<number> {
  const row = await db
    .from('unchanged_screens')
    .where({ agent_id: agentId, same_as: id })
    .count('* as count')
    .first()
  return Number(row?.count ?? 0)
}

function mayDelete(viewer: User) {
  return viewer.role === 'owner' || viewer.role === 'manager' || viewer.role === 'member'
}

function whyNone(viewer: User, filter: Filter): string {
  const isFiltered = Boolean(filter.agent || filter.day || filter.cursor)
  return isFiltered ? 'Nothing was captured that fits this filter.' : whyNoPictures(viewer)
}
