import { LIMITS } from '#contract/limits'
import { E_INVALID } from '#exceptions/api_errors'
import { readJson } from '#services/json_body'
import { isDeeperThan, MOST_DEPTH } from '#services/json_depth'
import BodyParserMiddleware from '@adonisjs/core/bodyparser_middleware'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'

/** Routes that read their bodies themselves; see services/json_body.ts. */
const INGEST = /^\/api\/(?:observations|heartbeats|activities)\/?$/

/** Routes whose bodies are files with a description. */
const UPLOADS = /^\/api\/(?:screenshots|recordings)\/?$/

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Parses the bodies of all routes but those of the hot path. What is sent to the API is JSON, one
 * object, nested no deeper than any message is; on every route the same is refused in the same way.
 */
export default class BodyMiddleware {
  async handle(ctx: HttpContext, next: NextFn) {
    const { request } = ctx
    const path = request.url()
    if (!path.startsWith('/api/') || UPLOADS.test(path)) {
      const parser = await ctx.containerResolver.make(BodyParserMiddleware)
      return parser.handle(ctx, next)
    }
    if (WITH_BODY.has(request.method()) && !INGEST.test(path)) {
      request.setInitialBody(await shallow(ctx))
    }
    return next()
  }
}

async function shallow(ctx: HttpContext) {
  const body = await readJson(ctx, LIMITS.batchBytes)
  if (isDeeperThan(body, MOST_DEPTH)) {
    throw new E_INVALID(`The body is nested deeper than ${MOST_DEPTH} levels`, { field: 'body' })
  }
  return body as Record<string, unknown>
}
