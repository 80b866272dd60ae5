import { LIMITS } from '#contract/limits'
import { E_INVALID } from '#exceptions/api_errors'
import { isJson, readJson } from '#services/json_body'
import { isDeeperThan, isWellFormed, MOST_DEPTH } from '#services/json_depth'
import type { HttpContext } from '@adonisjs/core/http'

/** Routes that read their bodies themselves; see services/json_body.ts and services/upload.ts. */
const INGEST = /^\/api\/(?:observations|heartbeats|activities)\/?$/

/** Routes whose bodies are files with a description, or the JSON that names a file stored elsewhere. */
const UPLOADS = /^\/api\/(?:screenshots|recordings)\/?$/

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

/** Whether the body parser leaves a request alone: bodies of the API are read once it is known who asks. */
export function isLeftAlone(path: string): boolean {
  return path.startsWith('/api/')
}

/**
 * Reads the body of a route of the API that does not do it itself: JSON, one object, nested no deeper
 * than any message is. On every route the same is refused in the same way.
 */
export async function readApiBody(ctx: HttpContext): Promise<void> {
  const { request } = ctx
  const path = request.url()
  const isRead = isLeftAlone(path) && WITH_BODY.has(request.method())
  const isForm = UPLOADS.test(path) && !isJson(request.headers())
  if (!isRead || isForm || INGEST.test(path)) {
    return
  }
  const body = await readJson(request.request, LIMITS.batchBytes)
  if (isDeeperThan(body, MOST_DEPTH)) {
    throw new E_INVALID(`The body is nested deeper than ${MOST_DEPTH} levels`, { field: 'body' })
  }
  if (!isWellFormed(body)) {
    throw new E_INVALID('A text of the body holds half of a surrogate pair', { field: 'body' })
  }
  request.setInitialBody(body as Record<string, unknown>)
}
