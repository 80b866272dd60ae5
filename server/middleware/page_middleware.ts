import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Shares what every page shows: who looks, in which zone, which theme, where one is. */
export default class PageMiddleware {
  handle({ auth, request, view }: HttpContext, next: NextFn) {
    const viewer = auth.use('web').user ?? null
    view.share({
      viewer,
      zone: viewer?.timeZone ?? 'UTC',
      theme: request.plainCookie('theme', undefined, false) ?? '',
      path: request.url(),
    })
    return next()
  }
}
