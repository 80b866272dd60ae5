import BodyParserMiddleware from '@adonisjs/core/bodyparser_middleware'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Routes that read their bodies themselves; see services/json_body.ts. */
const INGEST = /^\/api\/(?:v1\/)?(?:observations|heartbeats|activities)\/?$/

/** Parses the bodies of all routes but those of the hot path. */
export default class BodyMiddleware {
  async handle(ctx: HttpContext, next: NextFn) {
    if (ctx.request.method() === 'POST' && INGEST.test(ctx.request.url())) {
      return next()
    }
    const parser = await ctx.containerResolver.make(BodyParserMiddleware)
    return parser.handle(ctx, next)
  }
}
