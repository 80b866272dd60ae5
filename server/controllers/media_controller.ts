import { E_NOT_FOUND, E_RANGE } from '#exceptions/api_errors'
import type User from '#models/user'
import { hasLooked, noteLook, type Look } from '#services/access_log'
import { purposeOfRequest } from '#services/api_purpose'
import { media } from '#services/media'
import { requirePurpose } from '#services/purpose'
import { readRange } from '#services/storage/byte_range'
import type { ByteRange } from '#services/storage/disk'
import { openStored, thumbnailOf, type StoredFile } from '#services/storage/stored_file'
import { visibleRecording, visibleScreenshot } from '#services/visible'
import type { HttpContext } from '@adonisjs/core/http'
import send from 'send'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What is sent: a file on this server, or the bytes of one that stands elsewhere. */
type Bytes =
  | { readonly path: string }
  | { readonly open: () => Promise<void>; readonly close: () => void }

type Exchange = Pick<HttpContext, 'request' | 'response'>

type Stored = StoredFile & { readonly mediaType: string; readonly bytes: number }

/**
 * The bytes of pictures and recordings, for pages and for the API: authorised, with a purpose where they show
 * somebody else, written into the access log before
 * they leave, and served so that a browser treats them as nothing else. Wherever a file stands, it leaves through
 * this server: nobody is given an address of the disk.
 */
export default class MediaController {
  screenshot(ctx: HttpContext) {
    return this.#picture(ctx, 'screenshot')
  }

  thumbnail(ctx: HttpContext) {
    return this.#picture(ctx, 'thumbnail')
  }

  /** Plays by ranges: the ranges that one player asks for are one look. */
  async recording(ctx: HttpContext) {
    const viewer = viewerOf(ctx)
    const address = ctx.request.ip()
    const recording = await visibleRecording(viewer, ctx.params.id)
    const purpose = await purposeOfLook(ctx, viewer, recording.agent.personId)
    const bytes = await this.#bytesOf(ctx, recording)
    if (!ctx.request.header('range') || !(await hasLooked(viewer, recording))) {
      await orClose(bytes, noteLook(viewer, recording, 'recording', purpose, address))
    }
    await this.#send(ctx, bytes, recording.mediaType)
  }

  async #picture(ctx: HttpContext, kind: Look) {
    const viewer = viewerOf(ctx)
    // Now: the address is gone when the client is.
    const address = ctx.request.ip()
    const screenshot = await visibleScreenshot(viewer, ctx.params.id)
    const purpose = await purposeOfLook(ctx, viewer, screenshot.agent.personId)
    const bytes =
      kind === 'thumbnail'
        ? await this.#bytesAt(ctx, await thumbnailPath(screenshot))
        : await this.#bytesOf(ctx, screenshot)
    await orClose(bytes, noteLook(viewer, screenshot, kind, purpose, address))
    await this.#send(ctx, bytes, kind === 'thumbnail' ? 'image/webp' : screenshot.mediaType)
  }

  /** What is to be sent of a file; one on another disk is opened first, so that a look at nothing is none. */
  async #bytesOf({ request, response }: HttpContext, file: Stored): Promise<Bytes> {
    if (file.disk !== 'local') {
      return this.#piecesOf({ request, response }, Number(file.bytes), (range) =>
        openStored(file, range)
      )
    }
    return this.#bytesAt({ request, response }, media.path(file.mediaKey))
  }

  /** A file of the library as it stands, or what is sealed in it. */
  async #bytesAt(ctx: Exchange, path: string): Promise<Bytes> {
    const size = await media.sealedSize(path)
    return size === null
      ? { path }
      : this.#piecesOf(ctx, size, (range) => media.openAt(path, range))
  }

  async #piecesOf(
    { request, response }: Exchange,
    size: number,
    open: (range?: ByteRange) => Promise<Readable>
  ): Promise<Bytes> {
    const range = readRange(request.header('range') ?? null, size)
    if (range === 'beyond') {
      response.header('Content-Range', `bytes */${size}`)
      throw new E_RANGE()
    }
    const part = range === 'whole' ? undefined : range
    const source = await open(part)
    return {
      open: async () => {
        const length = part ? part.end - part.start + 1 : size
        if (part) {
          response.status(206).header('Content-Range', `bytes ${part.start}-${part.end}/${size}`)
        }
        response.header('Accept-Ranges', 'bytes').header('Content-Length', String(length))
        await this.#relay(request.method(), response, source)
      },
      close: () => source.destroy(),
    }
  }

  async #relay(method: string, response: HttpContext['response'], source: Readable) {
    response.relayHeaders()
    if (method === 'HEAD') {
      source.destroy()
      response.response.end()
      return
    }
    try {
      await pipeline(source, response.response)
    } catch (error) {
      // Headers are gone: a body cut short is how the client hears of it.
      response.response.destroy()
      if (!isGoneAway(error)) {
        throw error
      }
    }
  }

  async #send({ request, response }: HttpContext, bytes: Bytes, type: string): Promise<void> {
    response.header('Content-Type', type)
    response.header('X-Content-Type-Options', 'nosniff')
    response.header('Content-Security-Policy', "default-src 'none'; sandbox")
    response.header('Cross-Origin-Resource-Policy', 'same-origin')
    response.header('Cache-Control', 'private, no-store')
    if ('open' in bytes) {
      return bytes.open()
    }
    response.relayHeaders()
    return new Promise((resolve, reject) => {
      send(request.request, bytes.path, { cacheControl: false, dotfiles: 'allow' })
        .on('error', (error: NodeJS.ErrnoException) => {
          reject(error.code === 'ENOENT' ? new E_NOT_FOUND(undefined, { cause: error }) : error)
        })
        .on('end', resolve)
        .pipe(response.response)
      response.response.once('close', resolve)
    })
  }
}

/** What was opened is closed where the look cannot be written down. */
async function orClose(bytes: Bytes, noted: Promise<void>): Promise<void> {
  try {
    await noted
  } catch (error) {
    if ('close' in bytes) {
      bytes.close()
    }
    throw error
  }
}

async function thumbnailPath(file: StoredFile): Promise<string> {
  const path = await thumbnailOf(file)
  if (!path) {
    throw new E_NOT_FOUND('The file of this screenshot is missing')
  }
  return path
}

function isGoneAway(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(
    (error as NodeJS.ErrnoException).code ?? ''
  )
}

function viewerOf({ auth, request }: HttpContext): User {
  return auth.use(isApi(request) ? 'api' : 'web').getUserOrFail()
}

/** Why one looks; throws E_PURPOSE_REQUIRED before a byte leaves where nobody said. */
function purposeOfLook(ctx: HttpContext, viewer: User, personId: number | null | undefined) {
  return isApi(ctx.request)
    ? purposeOfRequest(ctx, viewer, personId)
    : requirePurpose(viewer, personId)
}

const isApi = (request: HttpContext['request']) => request.url().startsWith('/api/')
