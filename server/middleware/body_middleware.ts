import { E_INVALID } from '#exceptions/api_errors'
import { isLeftAlone } from '#services/api_body'
import { isWellFormed } from '#services/json_depth'
import BodyParserMiddleware from '@adonisjs/core/bodyparser_middleware'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Parses the bodies of pages. Those of the API are read once it is known who asks; see services/api_body.ts. */
export default class BodyMiddleware {
  async handle(ctx: HttpContext, next: NextFn) {
    if (isLeftAlone(ctx.request.url())) {
      return next()
    }
    const parser = await ctx.containerResolver.make(BodyParserMiddleware)
    return parser.handle(ctx, () => {
      if (!isWellFormed(ctx.request.body())) {
        throw new E_INVALID('A text of the form holds half of a surrogate pair', { field: 'body' })
      }
      return next()
    })
  }
}
