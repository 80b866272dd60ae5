import Access from '#models/access'
import { beforeValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Lines on one page. */
const PAGE = 50

/** Who looked at one's own pictures. */
export default class AccessesController {
  async index({ auth, request, view }: HttpContext) {
    const { before } = await request.validateUsing(beforeValidator, { data: request.qs() })
    const query = Access.query()
      .where('person_id', auth.use('web').getUserOrFail().id)
      .preload('viewer')
      .orderBy('id', 'desc')
      .limit(PAGE + 1)
    const rows = await (before ? query.where('id', '<', before) : query)
    const last = rows.length > PAGE ? rows[PAGE - 1] : undefined
    return view.render('pages/accesses/index', {
      rows: rows.slice(0, PAGE),
      older: last ? `/me/access?before=${last.id}` : null,
    })
  }
}
