import { E_INVALID } from '#exceptions/api_errors'
import { isDeeperThan, MOST_DEPTH } from '#services/json_depth'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Refuses bodies that are nested deeper than any message is. */
export default class JsonDepthMiddleware {
  handle({ request }: HttpContext, next: NextFn) {
    if (isDeeperThan(request.body(), MOST_DEPTH)) {
      throw new E_INVALID(`The body is nested deeper than ${MOST_DEPTH} levels`, { field: 'body' })
    }
    return next()
  }
}
