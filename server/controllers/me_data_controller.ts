import SubjectRequest from '#models/subject_request'
import { record } from '#services/audit'
import { exportPerson } from '#services/subject/export'
import { askFor, receiptOf } from '#services/subject/requests'
import { subjectRequestValidator } from '#validators/me'
import logger from '@adonisjs/core/services/logger'
import type { HttpContext } from '@adonisjs/core/http'

/** What is kept about oneself: to take along, to have corrected, to have erased. */
export default class MeDataController {
  async show({ auth, view }: HttpContext) {
    const requests = await SubjectRequest.query()
      .where('person_id', auth.use('web').getUserOrFail().id)
      .preload('decider')
      .orderBy('id', 'desc')
      .limit(100)
    return view.render('pages/me/data', { requests, receiptOf, now: Date.now() })
  }

  /** Everything as one zip. That it leaves is written down before it does, like any other request and look. */
  async export({ auth, request, response }: HttpContext) {
    const person = auth.use('web').getUserOrFail()
    const address = request.ip()
    const asked = await askFor({ user: person, address }, 'export', null)
    await record({
      ...{ kind: 'look', action: 'export', actor: 'user', actor_id: person.id, address },
      ...{ person_id: person.id, agent_id: null, object_id: null, purpose: null, details: null },
    })
    const { zip, manifest } = await exportPerson(person)
    manifest.then(
      ({ sha256 }) =>
        asked
          .merge({ state: 'done', doneAt: Date.now(), answer: `Manifest ${sha256}` })
          .save()
          .catch((error: unknown) => logger.error({ err: error }, 'an export is not noted')),
      (error: unknown) => logger.warn({ err: error }, 'an export was cut off')
    )
    response.header('content-type', 'application/zip')
    response.header('content-disposition', 'attachment; filename="worksight-data.zip"')
    response.header('cache-control', 'private, no-store')
    return response.stream(zip)
  }

  async store({ auth, request, response, session }: HttpContext) {
    const { kind, note } = await request.validateUsing(subjectRequestValidator)
    const actor = { user: auth.use('web').getUserOrFail(), address: request.ip() }
    await askFor(actor, kind, note ?? null)
    session.flash('success', 'Your request is written down; the time for an answer runs')
    return response.redirect().toRoute('me_data.show')
  }
}
