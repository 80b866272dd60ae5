import { openapi } from '#services/openapi/document'
import { toYaml } from '#services/openapi/yaml'
import { E_NOT_FOUND } from '#exceptions/api_errors'
import type { HttpContext } from '@adonisjs/core/http'
import send from 'send'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/** Where the installed files of Swagger UI are. */
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** As on other pages; Swagger UI brings fonts and icons inside its own files. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

/**
 * The description of the API, for programs and for people. It says of the server that it is where the
 * description came from: Swagger UI may ask no other, and a server has more than one name.
 */
export default class OpenapiController {
  json({ response }: HttpContext) {
    return response.header('Content-Type', 'application/json').send(openapi('/'), true)
  }

  yaml({ response }: HttpContext) {
    return response.header('Content-Type', 'application/yaml').send(toYaml(openapi('/')), true)
  }

  /** Swagger UI, from this server's own files. */
  async show({ request, response, view }: HttpContext) {
    response.header('Content-Security-Policy', POLICY)
    response.header('X-Content-Type-Options', 'nosniff')
    response.header('X-Frame-Options', 'DENY')
    return view.render('pages/api_docs', {
      theme: request.plainCookie('theme', undefined, false) ?? '',
    })
  }

  file({ params, request, response }: HttpContext): Promise<void> {
    response.relayHeaders()
    return new Promise((resolve, reject) => {
      send(request.request, params.file, { root: SWAGGER_UI, maxAge: '1d' })
        .on('error', (error: Error) => reject(new E_NOT_FOUND(undefined, { cause: error })))
        .on('end', resolve)
        .pipe(response.response)
      response.response.once('close', resolve)
    })
  }
}
