import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** What a form may mean, which can only POST. */
const MEANT = new Set(['PUT', 'PATCH', 'DELETE'])

/**
 * Forms of pages say `?_method=DELETE` in their address. The framework's own way believes a field of the
 * body too, after the route is chosen: with `_method=GET` there, a form of another site would pass as a
 * look and need no token. Here only the address counts, only before the route is chosen, and only for
 * what changes something.
 */
export default class MethodMiddleware {
  handle({ request }: HttpContext, next: NextFn) {
    const { _method: method } = request.qs()
    const isForm = request.intended() === 'POST' && !request.url().startsWith('/api/')
    if (isForm && typeof method === 'string' && MEANT.has(method.toUpperCase())) {
      request.request.method = method.toUpperCase()
    }
    return next()
  }
}
