import { E_INVALID, E_NOT_FOUND } from '#exceptions/api_errors'
import { noteVisit, noteVisits } from '#services/access_log'
import { purposeOfRequest, takePurposeOfDays } from '#services/api_purpose'
import { addressAfter, pageAnswer } from '#services/keyset'
import { personWithDaysFor } from '#services/people'
import { settleRollups } from '#services/rollups/settle'
import {
  findSession,
  listSessions,
  noteSession,
  removeNotedSession,
  sessionJson,
} from '#services/sessions/work_sessions'
import { instantInZone } from '#services/presentation'
import { zoneOn } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { dayOfPerson } from '#services/timeline/day_page'
import { clip } from '#services/timeline/spans'
import { notedSessionValidator, sessionListingValidator } from '#validators/stats'
import type { HttpContext } from '@adonisjs/core/http'

/** How long a request may wait for sums that are behind, in milliseconds. */
const SETTLE_MS = 300

/** A day, in milliseconds: the longest span that one notes. */
const LONGEST_NOTE_MS = 86_400_000

/** When people worked: what was observed, and what they noted themselves. */
export default class SessionsController {
  async index(ctx: HttpContext) {
    const { auth, request, response } = ctx
    const viewer = auth.use('api').getUserOrFail()
    const listing = await sessionListingValidator.validate(request.qs())
    if (listing.person) {
      const person = await personWithDaysFor(viewer, listing.person)
      await purposeOfRequest(ctx, viewer, person.id)
      await noteVisit(viewer, person, 'sessions', 'list', request.ip())
    } else {
      await takePurposeOfDays(ctx, viewer, listing.team)
    }
    await settleRollups(SETTLE_MS)
    const { rows, calendars, cursor } = await listSessions(viewer, listing)
    if (!listing.person) {
      const people = rows.map(({ person_id: id }) => id)
      await noteVisits(viewer, people, 'sessions', 'list', request.ip())
    }
    const sessions = rows.flatMap((row) => {
      const calendar = calendars.get(row.person_id)
      return calendar ? [sessionJson(row, calendar)] : []
    })
    return pageAnswer(response, sessions, cursor && addressAfter(request, cursor))
  }

  async show(ctx: HttpContext) {
    const { auth, params, request } = ctx
    const viewer = auth.use('api').getUserOrFail()
    const row = await findSession(params.id)
    if (!row) {
      throw new E_NOT_FOUND()
    }
    const person = await personWithDaysFor(viewer, row.person_id)
    await purposeOfRequest(ctx, viewer, person.id)
    await noteVisit(viewer, person, 'sessions', row.id, request.ip())
    const span = { from: Number(row.started_at), until: Number(row.ended_at) }
    const calendar = await calendarOf(person)
    const zone = zoneOn(calendar, row.day)
    const { gaps } = await dayOfPerson(person, calendar, row.day)
    return {
      ...sessionJson(row, calendar),
      gaps: clip(gaps, span).map(({ from, until, cause, what }) => ({
        from: instantInZone(from, zone),
        until: instantInZone(until, zone),
        cause,
        what,
      })),
    }
  }

  async store({ auth, request, response }: HttpContext) {
    const { from, until, note } = await notedSessionValidator.validate(request.body())
    const [start, end] = [Date.parse(from), Date.parse(until)]
    if (end <= start || end - start > LONGEST_NOTE_MS) {
      throw new E_INVALID('The span must end after it begins, a day later at the most', {
        field: 'until',
      })
    }
    const viewer = auth.use('api').getUserOrFail()
    const row = await noteSession(viewer, start, end, note)
    return response.created(sessionJson(row, await calendarOf(viewer)))
  }

  async destroy({ auth, params, response }: HttpContext) {
    if (!(await removeNotedSession(auth.use('api').getUserOrFail(), params.id))) {
      throw new E_NOT_FOUND()
    }
    return response.noContent()
  }
}
