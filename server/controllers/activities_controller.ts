import type Activity from '#models/activity'
import type User from '#models/user'
import { noteVisit } from '#services/access_log'
import { deleteActivity } from '#services/activity_removal'
import { activityJson, activityWords } from '#services/presentation'
import { purposeOf } from '#services/purpose'
import { oneOf, visibleActivities } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'

const LIST = '/records?kind=activities'

/** One event of activity: the window in front, or whether the person was there. */
export default class ActivitiesController {
  /** Of another person, after a reason; the person reads that it was looked at. */
  async show({ auth, params, request, view }: HttpContext) {
    const viewer = auth.use('web').getUserOrFail()
    const activity = await seen(viewer, params.id)
    const { person } = activity.agent
    const address = `/activities/${activity.id}`
    if (person && person.id !== viewer.id && (await purposeOf(viewer, person.id)) === null) {
      return view.render('pages/days/purpose', { person, title: 'An event', address })
    }
    if (person) {
      await noteVisit(viewer, person, 'activities', activity.id, request.ip())
    }
    return view.render('pages/records/activity', {
      activity,
      person,
      words: activityWords(activity),
      facts: activityJson(activity),
      zone: person?.timeZone ?? viewer.timeZone,
      mayDelete: viewer.role !== 'admin' && viewer.role !== 'auditor',
      list: LIST,
    })
  }

  async destroy({ auth, params, request, response, session }: HttpContext) {
    const user = auth.use('web').getUserOrFail()
    const activity = await seen(user, params.id)
    if ((await deleteActivity({ user, address: request.ip() }, activity)) === 'held') {
      session.flash('error', 'This event is on hold: it can be deleted once the hold is released')
      return response.redirect().toRoute('activities.show', { id: activity.id })
    }
    session.flash('success', 'The event is deleted, and the sums of its day are counted anew')
    return response.redirect(LIST)
  }
}

function seen(viewer: User, id: string): Promise<Activity> {
  return oneOf(
    visibleActivities(viewer).preload('agent', (agents) => agents.preload('person')),
    id
  )
}
