import { PERSON_NOW } from '#models/agent'
import { csv } from '#services/csv'
import { peopleList, peopleTable, type PeopleFilter } from '#services/timeline/people_list'
import { monthOf } from '#services/timeline/month'
import { neighboursOf, personWithDaysFor } from '#services/people'
import { purposeOf } from '#services/purpose'
import { policyOfPerson } from '#services/policy/store'
import { policySentences } from '#services/policy/words'
import { dayOf, zoneOn } from '#services/timeline/calendar'
import { calendarOf } from '#services/timeline/calendars'
import { lookersAt, noteVisit, noteVisits } from '#services/access_log'
import { filled } from '#validators/pages'
import { peopleFilterValidator } from '#validators/days'
import type { HttpContext } from '@adonisjs/core/http'

const FOUR_WEEKS_MS = 28 * 24 * 3_600_000

/** The people whose days one may see. */
export default class PeopleController {
  async index({ auth, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const filter = await filterOf(request)
    const { shown, ...list } = await peopleList(viewer, filter)
    await noteVisits(viewer, shown, 'sessions', 'list', request.ip())
    const { q, team, state } = filter
    return view.render('pages/people/index', {
      ...list,
      filter: { q: q ?? '', team: team ?? '', state: state ?? '' },
      states: PERSON_NOW,
      behind: list.rows.filter(({ mayOpen, isShown }) => mayOpen && !isShown),
      isAlone: !q && !team && !state && list.rows.every(({ person }) => person.id === viewer.id),
      mayInvite: viewer.role === 'owner' || viewer.role === 'admin',
      address: request.url(true),
    })
  }

  async download({ auth, request, response }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const filter = await filterOf(request)
    const table = await peopleTable(viewer, { ...filter, after: null }, (shown) =>
      noteVisits(viewer, shown, 'sessions', 'list.csv', request.ip())
    )
    response.header('Content-Type', 'text/csv; charset=utf-8')
    response.header('Content-Disposition', 'attachment; filename="people.csv"')
    response.header('Cache-Control', 'private, no-store')
    return csv(table)
  }

  async show({ auth, params, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const person = await personWithDaysFor(viewer, params.id)
    await person.load('team')
    const isSelf = viewer.id === person.id
    const purpose = isSelf ? '' : await purposeOf(viewer, person.id)
    const frame = { person, isSelf, title: person.fullName, address: `/people/${person.id}` }
    if (purpose === null) {
      return view.render('pages/days/purpose', frame)
    }
    const calendar = await calendarOf(person)
    const today = dayOf(calendar, Date.now())
    await noteVisit(viewer, person, 'day', today, request.ip())
    return view.render('pages/people/show', {
      ...frame,
      ...(await monthOf(person, calendar, today)),
      ...(await neighboursOf(viewer, person)),
      sentences: policySentences((await policyOfPerson(person)).values),
      lookers: await lookersAt(person, Date.now() - FOUR_WEEKS_MS, viewer),
      seesLookers: isSelf || viewer.role === 'owner',
      purpose,
      today,
      zone: zoneOn(calendar, today),
    })
  }
}

/** What of the address cannot be read counts as not said. */
async function filterOf(request: HttpContext['request']): Promise<PeopleFilter> {
  const [, filter] = await peopleFilterValidator.tryValidate(filled(request.qs()))
  const { q = null, team = null, state = null, after = null } = filter ?? {}
  return { q, team, state, after }
}
