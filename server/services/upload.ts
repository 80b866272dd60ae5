import { E_INVALID, E_TOO_LARGE, E_UNSUPPORTED_MEDIA } from '#exceptions/api_errors'
import type { MediaLibrary, ReceivedFile } from '#services/media_library'
import type { HttpContext } from '@adonisjs/core/http'
import type { IncomingMessage } from 'node:http'

/** What the form may weigh beside its file. */
const FORM_BYTES = 128 * 1024

export type Upload = {
  /** The JSON of the field `observation`, parsed, not yet validated. */
  readonly description: unknown
  readonly file: ReceivedFile
}

/**
 * Reads a multipart body of one field `observation` (JSON) and one file `file`, which is streamed to
 * the library's `tmp`, up to `maxBytes`. Throws E_UNSUPPORTED_MEDIA, E_TOO_LARGE, E_INVALID; leaves no file then.
 */
export async function receiveUpload(
  { request }: HttpContext,
  library: MediaLibrary,
  maxBytes: number
): Promise<Upload> {
  if (!request.is(['multipart/form-data'])) {
    throw new E_UNSUPPORTED_MEDIA('The body must be multipart/form-data', { field: 'content-type' })
  }
  const files: Promise<ReceivedFile>[] = []
  const broken = new AbortController()
  request.multipart.onFile('file', { deferValidations: true }, async (part) => {
    // At once: the parser may fail before the first byte is on its way, and nobody else listens.
    part.on('error', (error: unknown) => broken.abort(error))
    const receiving = library.receive(part, {
      maxBytes,
      tooLarge: () => new E_TOO_LARGE(`The file exceeds ${maxBytes} bytes`, { field: 'file' }),
      signal: broken.signal,
    })
    files.push(receiving)
    receiving.catch(() => part.resume())
    await receiving
  })

  const outcome = await Promise.race([
    request.multipart.process({ limit: maxBytes + FORM_BYTES }),
    abandoned(request.request),
  ]).then(
    () => null,
    (error: unknown) => {
      broken.abort(error)
      return { error: malformed(error) }
    }
  )
  const received = await Promise.allSettled(files)
  try {
    if (outcome) {
      throw outcome.error
    }
    const [first, second] = received
    if (!first || second) {
      throw new E_INVALID('Expected exactly one file named "file"', { field: 'file' })
    }
    if (first.status === 'rejected') {
      throw first.reason
    }
    return { description: parse(request.body().observation), file: first.value }
  } catch (error) {
    for (const result of received) {
      if (result.status === 'fulfilled') {
        await library.discard(result.value.path)
      }
    }
    throw error
  }
}

/** Rejects when the client goes away before it sent everything; the parser does not always notice. */
function abandoned(request: IncomingMessage): Promise<never> {
  return new Promise((_resolve, reject) => {
    request.once('close', () => {
      if (!request.complete) {
        reject(new E_INVALID('The request ended before its end', { field: 'body' }))
      }
    })
  })
}

/** The parser of multipart bodies throws plain errors at what it cannot read. */
function malformed(error: unknown): unknown {
  const { status } = error as { status?: number }
  return status === undefined
    ? new E_INVALID('The multipart body is malformed', { field: 'body', cause: error })
    : error
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') {
    throw new E_INVALID('Expected a field "observation" with the JSON of the description', {
      field: 'observation',
    })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new E_INVALID('The field "observation" is not JSON', {
      field: 'observation',
      cause: error,
    })
  }
}
