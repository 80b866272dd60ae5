import { themeValidator } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Light or dark, remembered for a year; the system's own is what nothing remembered means. */
export default class ThemeController {
  async store({ request, response }: HttpContext) {
    const { theme } = await request.validateUsing(themeValidator)
    if (theme === 'system') {
      response.clearCookie('theme')
    } else {
      response.plainCookie('theme', theme, { maxAge: '365d', encode: false, httpOnly: true })
    }
    return response.redirect().back()
  }
}
