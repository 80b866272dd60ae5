import { E_INVALID, E_TOO_LARGE, E_UNSUPPORTED_MEDIA } from '#exceptions/api_errors'
import { Exception } from '@adonisjs/core/exceptions'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

const DECODERS = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the JSON of a request: at most `limit` bytes, before and after they were inflated. The ingest
 * routes read their bodies themselves: the body parser keeps a deep copy of everything it parses,
 * which costs a batch of a hundred events more than checking it. Throws E_UNSUPPORTED_MEDIA,
 * E_TOO_LARGE, E_INVALID and, for what is no JSON, E_BAD_REQUEST.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  return parseJson(await readBytes(request, limit))
}

/** The bytes of a request that says it brings JSON. Throws as `readJson` does. */
export async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const { headers } = request
  if (!isJson(headers)) {
    throw new E_UNSUPPORTED_MEDIA('The body must be application/json', { field: 'content-type' })
  }
  return readAll(inflated(request, headers['content-encoding']), request, limit)
}

/** The object that bytes are the JSON of. Throws as `readJson` does. */
export function parseJson(bytes: Buffer): unknown {
  const text = decoded(bytes)
  if (!/^\s*\{/.test(text)) {
    throw new E_INVALID('The body must be a JSON object', { field: 'body' })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable('The body is not JSON', cause)
  }
}

function decoded(bytes: Buffer): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw unreadable('The body is not UTF-8', cause)
  }
}

const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i

/** Whether a request says that its body is JSON. */
export function isJson(headers: IncomingHttpHeaders): boolean {
  return JSON_TYPE.test(headers['content-type'] ?? '')
}

function inflated(source: Readable, encoding = 'identity'): Readable {
  const name = encoding.toLowerCase()
  if (name === 'identity') {
    return source
  }
  if (!Object.hasOwn(DECODERS, name)) {
    throw new E_UNSUPPORTED_MEDIA(`The content encoding "${encoding.slice(0, 64)}" is not known`, {
      field: 'content-encoding',
    })
  }
  return source.pipe(DECODERS[name as keyof typeof DECODERS]())
}

/** The bytes of a stream. What is beyond the limit is read and thrown away, so that the answer arrives. */
function readAll(stream: Readable, source: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const fail = (error: unknown) => {
      if (stream !== source) {
        source.unpipe()
        stream.destroy()
      }
      source.resume()
      reject(error)
    }
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limit) {
        stream.removeAllListeners('data')
        fail(new E_TOO_LARGE())
      } else {
        chunks.push(chunk)
      }
    })
    stream.on('end', () => {
      const [only] = chunks
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks))
    })
    stream.on('error', (cause) => fail(unreadable('The body cannot be inflated', cause)))
    const onAbort = () => fail(unreadable('The request ended before its end'))
    source.once('aborted', onAbort)
    if (source.destroyed) {
      onAbort() // before anybody listened
    }
  })
}

/** A body that cannot be read at all: 400. */
export function unreadable(message: string, cause?: unknown) {
  return Object.assign(new Exception(message, { cause }), { status: 400, code: 'E_BAD_REQUEST' })
}
