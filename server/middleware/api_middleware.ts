import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

const VERSIONED = /^\/api\/v1(?=\/|$)/

/**
 * What holds for every address under `/api`: `/api/v1/…` is the same as `/api/…`, and what was asked
 * for with GET carries an `ETag`, so that who has it already is answered 304.
 */
export default class ApiMiddleware {
  async handle({ request, response }: HttpContext, next: NextFn) {
    const { parsedUrl } = request
    if (!parsedUrl.pathname.startsWith('/api/')) {
      return next()
    }
    parsedUrl.pathname = parsedUrl.pathname.replace(VERSIONED, '/api')
    await next()
    if (request.method() !== 'GET' || response.getStatus() !== 200 || !response.hasContent) {
      return
    }
    if (!response.getHeader('etag')) {
      response.header('Cache-Control', 'private, no-cache')
      response.vary('Authorization')
      response.send(response.getBody(), true)
    }
  }
}
