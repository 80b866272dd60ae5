import { search } from '#services/search'
import { searchValidator } from '#validators/days'
import type { HttpContext } from '@adonisjs/core/http'

/** Where to go: pages, people, computers and days by some words. */
export default class SearchController {
  async index({ auth, request, view }: HttpContext) {
    const [, query] = await searchValidator.tryValidate(request.qs())
    const q = query?.q ?? ''
    const found = await search(auth.use('web').getUserOrFail(), q)
    const state = { q, found }
    return view.render(
      request.header('HX-Request') ? 'partials/found' : 'pages/search/index',
      state
    )
  }
}
