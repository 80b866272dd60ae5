import { E_NOT_FOUND } from '#exceptions/api_errors'
import Agent from '#models/agent'
import { peopleWithDaysFor } from '#services/people'
import { peopleBehindPurpose, purposeOf } from '#services/purpose'
import { listRuns, segmentsOf } from '#services/recordings'
import { deleteMedium } from '#services/media_removal'
import { whyNoPictures } from '#services/visible'
import { loadObserved } from '#services/timeline/observed'
import { mergeObserved } from '#services/timeline/person_day'
import { clip } from '#services/timeline/spans'
import { recordingFilterValidator } from '#validators/days'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import { DateTime } from 'luxon'

/** Window changes that the player lists. */
const MOST_EVENTS = 200

/** Recordings by the run of the recorder, and the player. */
export default class RecordingsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const [, filter] = await recordingFilterValidator.tryValidate(filled(request.qs()))
    const { person = null, agent = null, to = null, before = Infinity } = filter ?? {}
    const until = to
      ? DateTime.fromISO(to, { zone: viewer.timeZone }).plus({ days: 1 }).toMillis()
      : Date.now() + 86_400_000
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries({ person, agent, to })) {
      if (value !== null) {
        query.set(name, String(value))
      }
    }
    const people = await peopleWithDaysFor(viewer).orderBy('full_name').limit(500)
    const agents = await Agent.query()
      .withScopes((scopes) => scopes.picturesVisibleTo(viewer))
      .orderBy('name')
      .limit(500)
    return view.render('pages/recordings/index', {
      ...(await listRuns(viewer, Math.min(before, until), { person, agent })),
      behind: (await peopleBehindPurpose(viewer, { person, agent })).length,
      people,
      agents,
      filter: { person, agent, to },
      query: query.toString(),
      why: whyNoPictures(viewer),
    })
  }

  async show({ auth, params, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const segments = await segmentsOf(viewer, params.id)
    const [first] = segments
    const last = segments.at(-1)
    if (!first || !last) {
      throw new E_NOT_FOUND()
    }
    const { agent } = first
    const { person } = agent
    const address = `/recordings/${params.id}`
    if (person && person.id !== viewer.id && (await purposeOf(viewer, person.id)) === null) {
      return view.render('pages/days/purpose', { person, title: 'A recording', address })
    }
    const span = { from: first.capturedAt, until: last.capturedAt + last.durationMs }
    const merged = mergeObserved(await loadObserved([agent.id], span))
    const length = span.until - span.from
    const share = (ms: number) => `${((ms / length) * 100).toFixed(3)}%`
    const mark = ({ from, until }: { from: number; until: number }) => ({
      from,
      until,
      x: share(from - span.from),
      width: share(until - from),
    })
    return view.render('pages/recordings/show', {
      mayDelete: ['owner', 'manager', 'member'].includes(viewer.role),
      address,
      agent,
      person,
      zone: person?.timeZone ?? viewer.timeZone,
      span,
      segments,
      marks: segments.map(({ capturedAt: from, durationMs }) =>
        mark({ from, until: from + durationMs })
      ),
      missing: missingNumbers(segments.map(({ segment }) => segment)),
      idle: clip(merged.states.idle, span).map(mark),
      events: clip(merged.windows, span)
        .slice(0, MOST_EVENTS)
        .map((window) => ({ ...window, ...mark(window) })),
    })
  }

  /** Removes a run with all its segments; those on hold stay, and so does the run then. */
  async destroy({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const address = request.ip()
    const segments = await segmentsOf(user, params.id)
    if (segments.length === 0) {
      throw new E_NOT_FOUND()
    }
    let held = 0
    for (const segment of segments) {
      held += (await deleteMedium({ user, address }, segment)) === 'held' ? 1 : 0
    }
    if (held > 0) {
      session.flash('error', `${held} of ${segments.length} segments are on hold, and stay`)
      return response.redirect().toRoute('recordings.show', { id: params.id })
    }
    session.flash('success', 'The recording is deleted')
    return response.redirect().toRoute('recordings.index')
  }
}

/** Segments that are not here between the first and the last one that is. */
function missingNumbers(numbers: readonly number[]): number {
  const known = new Set(numbers)
  return known.size === 0 ? 0 : Math.max(...known) + 1 - known.size
}
