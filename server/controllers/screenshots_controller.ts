import AuditEntry from '#models/audit_entry'
import Agent from '#models/agent'
import Screenshot from '#models/screenshot'
import type User from '#models/user'
import { deleteMedium } from '#services/media_removal'
import { heldAmong } from '#services/retention/holds'
import { keysetPage } from '#services/keyset'
import { peopleBehindPurpose, purposeOf } from '#services/purpose'
import { agentsWithPurposeFor, visibleScreenshot, whyNoPictures } from '#services/visible'
import { filled, screenshotFilterValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'
import { DateTime } from 'luxon'

/** Pictures on one page of the grid. */
const PAGE = 48

/** The pictures, by the hour and one by one. */
export default class ScreenshotsController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const filter = await readFilter(request.qs())
    const { rows, next } = await keysetPage(
      {
        model: Screenshot,
        agents: agentsWithPurposeFor(viewer),
        load: (query) => void query.preload('agent'),
      },
      { ...listingOf(filter, viewer.timeZone), limit: PAGE },
      request
    )
    const state = {
      hours: byHour(rows, viewer.timeZone),
      older: next,
      held: await heldAmong(rows),
      behind: filter.cursor ? 0 : (await peopleBehindPurpose(viewer, filter)).length,
      maySelect: viewer.role === 'owner' || viewer.role === 'manager',
      ...whyNone(viewer, filter),
    }
    if (request.header('HX-Request')) {
      return view.render('partials/screenshots', state)
    }
    const agents = await Agent.query()
      .withScopes((scopes) => scopes.picturesVisibleTo(viewer))
      .preload('person')
      .orderBy('name')
    return view.render('pages/screenshots/index', {
      ...state,
      filter,
      back: backTo(filter),
      agents,
      people: peopleOf(agents),
      address: request.url(true),
      isLatest: !filter.cursor && !filter.to,
      watched: agents.filter((agent) => isChosen(agent, filter)).map(({ id }) => id),
    })
  }

  async show({ auth, params, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const shot = await visibleScreenshot(viewer, params.id)
    const { person } = shot.agent
    if (person && person.id !== viewer.id && (await purposeOf(viewer, person.id)) === null) {
      const address = `/screenshots/${shot.id}`
      return view.render('pages/days/purpose', { person, title: 'A screenshot', address })
    }
    return view.render('pages/screenshots/show', {
      shot,
      looks: await looksAt(shot),
      previous: await neighbour(shot, '<', 'desc'),
      next: await neighbour(shot, '>', 'asc'),
      unchanged: await unchangedAfter(shot),
      mayDelete: mayDelete(viewer),
    })
  }

  async destroy({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const address = request.ip()
    const shot = await visibleScreenshot(user, params.id)
    if ((await deleteMedium({ user, address }, shot)) === 'held') {
      session.flash(
        'error',
        'This screenshot is on hold: it can be deleted once the hold is released'
      )
      return response.redirect().toRoute('screenshots.show', { id: shot.id })
    }
    session.flash('success', 'The screenshot is deleted')
    return response.redirect().toRoute('screenshots.index')
  }
}

type Filter = Awaited<ReturnType<typeof screenshotFilterValidator.validate>>

/** A filter that cannot be read filters nothing. */
async function readFilter(qs: Record<string, unknown>): Promise<Filter> {
  const [, filter] = await screenshotFilterValidator.tryValidate(filled(qs))
  return filter ?? {}
}

/** The address of the list with the same filters, from its first page. */
function backTo({ agent, person, from, to }: Filter): string {
  const chosen = Object.entries({ agent, person, from, to }).filter(([, value]) => value)
  return `/screenshots?${new URLSearchParams(Object.fromEntries(chosen.map(([key, value]) => [key, String(value)])))}`
}

/** Days are days of the viewer, both included. */
function listingOf({ agent, person, from, to, cursor }: Filter, zone: string) {
  const startOf = (day: string) => DateTime.fromISO(day, { zone })
  return {
    agent: agent ?? undefined,
    person: person ?? undefined,
    from: from ? (startOf(from).toUTC().toISO() ?? undefined) : undefined,
    to: to ? (startOf(to).plus({ days: 1 }).toUTC().toISO() ?? undefined) : undefined,
    cursor,
  }
}

function isChosen({ id, personId }: Agent, { agent, person }: Filter): boolean {
  return (!agent || agent === id) && (!person || person === personId)
}

/** The people of some agents, each once, by name. */
function peopleOf(agents: readonly Agent[]): User[] {
  const people = new Map<number, User>()
  for (const { person } of agents) {
    if (person) {
      people.set(person.id, person)
    }
  }
  return [...people.values()].sort((one, other) => one.fullName.localeCompare(other.fullName))
}

/** Who looked at a picture, how and how often; the latest first. */
function looksAt({ id, agentId }: Screenshot) {
  return AuditEntry.query()
    .withScopes((scopes) => scopes.looks())
    .select('actor_id', 'action')
    .max('at as last_at')
    .count('* as times')
    .where('object_id', id)
    .where('agent_id', agentId)
    .groupBy('actor_id', 'action')
    .orderByRaw('max(at) desc')
    .preload('viewer')
    .limit(20)
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

function whyNone(viewer: User, { agent, person, from, to, cursor }: Filter) {
  const isFiltered = Boolean(agent || person || from || to || cursor)
  const why = isFiltered ? 'Nothing was captured that fits this filter.' : whyNoPictures(viewer)
  return { isFiltered, why }
}
