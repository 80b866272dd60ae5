import { E_NOT_FOUND } from '#exceptions/api_errors'
import type User from '#models/user'
import { hasLooked, noteLook, type Look } from '#services/access_log'
import { media } from '#services/media'
import { visibleRecording, visibleScreenshot } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'
import send from 'send'

/**
 * The bytes of pictures and recordings, for pages and for the API: authorised, written into the access log before
 * they leave, and served so that a browser treats them as nothing else.
 */
export default class MediaController {
  screenshot(ctx: HttpContext) {
    return this.#serve(ctx, 'screenshot')
  }

  thumbnail(ctx: HttpContext) {
    return this.#serve(ctx, 'thumbnail')
  }

  /** Plays by ranges: the ranges that one player asks for are one look. */
  async recording(ctx: HttpContext) {
    const viewer = viewerOf(ctx)
    const address = ctx.request.ip()
    const recording = await visibleRecording(viewer, ctx.params.id)
    if (!ctx.request.header('range') || !(await hasLooked(viewer, recording))) {
      await noteLook(viewer, recording, 'recording', address)
    }
    await this.#send(ctx, media.path(recording.mediaKey), recording.mediaType)
  }

  async #serve(ctx: HttpContext, kind: Look) {
    const viewer = viewerOf(ctx)
    // Now: the address is gone when the client is.
    const address = ctx.request.ip()
    const screenshot = await visibleScreenshot(viewer, ctx.params.id)
    const path =
      kind === 'thumbnail'
        ? await media.thumbnail(screenshot.mediaKey)
        : media.path(screenshot.mediaKey)
    if (!path) {
      throw new E_NOT_FOUND('The file of this screenshot is missing')
    }
    await noteLook(viewer, screenshot, kind, address)
    await this.#send(ctx, path, kind === 'thumbnail' ? 'image/webp' : screenshot.mediaType)
  }

  #send({ request, response }: HttpContext, path: string, type: string): Promise<void> {
    response.header('Content-Type', type)
    response.header('X-Content-Type-Options', 'nosniff')
    response.header('Content-Security-Policy', "default-src 'none'; sandbox")
    response.header('Cross-Origin-Resource-Policy', 'same-origin')
    response.header('Cache-Control', 'private, no-store')
    response.relayHeaders()
    return new Promise((resolve, reject) => {
      send(request.request, path, { cacheControl: false, dotfiles: 'allow' })
        .on('error', (error: NodeJS.ErrnoException) => {
          reject(error.code === 'ENOENT' ? new E_NOT_FOUND(undefined, { cause: error }) : error)
        })
        .on('end', resolve)
        .pipe(response.response)
      response.response.once('close', resolve)
    })
  }
}

function viewerOf({ auth, request }: HttpContext): User {
  return auth.use(request.url().startsWith('/api/') ? 'api' : 'web').getUserOrFail()
}
