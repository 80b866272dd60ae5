import { E_INVALID, E_TOO_LARGE, E_UNSUPPORTED_MEDIA } from '#exceptions/api_errors'
import type { FileIntake } from '#services/file_intake'
import { unreadable } from '#services/json_body'
import type { MediaLibrary, ReceivedFile } from '#services/media_library'
import {
  boundaryOf,
  MalformedMultipart,
  MultipartReader,
  type PartHead,
  type PartSink,
} from '#services/multipart'
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
 * the library's `tmp`, up to `maxBytes`. Throws E_UNSUPPORTED_MEDIA,
 * E_TOO_LARGE, E_INVALID and, for what is no form, E_BAD_REQUEST; leaves no file then.
 */
export async function receiveUpload(
  { request }: HttpContext,
  library: MediaLibrary,
  maxBytes: number
): Promise<Upload> {
  if (!request.is(['multipart/form-data'])) {
    throw new E_UNSUPPORTED_MEDIA('The body must be multipart/form-data', { field: 'content-type' })
  }
  const boundary = boundaryOf(request.header('content-type'))
  if (boundary === null) {
    throw unreadable('The Content-Type names no boundary')
  }
  await library.prepare()
  const form = new Form(request.request, library, maxBytes)
  try {
    await read(request.request, boundary, form)
    return { file: await form.file(), description: parse(form.description) }
  } catch (error) {
    await form.discard()
    throw error instanceof MalformedMultipart
      ? unreadable('The multipart body is malformed', error)
      : error
  }
}

/** What a form brought so far. */
class Form {
  readonly #request: IncomingMessage
  readonly #library: MediaLibrary
  readonly #maxBytes: number
  readonly #intakes: FileIntake[] = []
  #beside = 0
  description: string | null = null

  constructor(request: IncomingMessage, library: MediaLibrary, maxBytes: number) {
    this.#request = request
    this.#library = library
    this.#maxBytes = maxBytes
  }

  /** Where the bytes of a part go; fields and files that nobody asked for are read and forgotten. */
  part({ name, isFile }: PartHead): PartSink {
    if (isFile) {
      return name === 'file' ? this.#filePart() : ignored
    }
    return name === 'observation' ? this.#fieldPart() : this.#besides(() => {})
  }

  async file(): Promise<ReceivedFile> {
    const [first, second] = this.#intakes
    if (!first || second) {
      throw new E_INVALID('Expected exactly one file named "file"', { field: 'file' })
    }
    return first.finish()
  }

  async discard() {
    for (const intake of this.#intakes) {
      await intake.abandon()
      await this.#library.discard(intake.path)
    }
  }

  #filePart(): PartSink {
    const intake = this.#library.intake(() => this.#request.resume())
    this.#intakes.push(intake)
    return {
      data: (bytes) => {
        if (intake.bytes + bytes.length > this.#maxBytes) {
          throw new E_TOO_LARGE(`The file exceeds ${this.#maxBytes} bytes`, { field: 'file' })
        }
        if (!intake.write(bytes)) {
          this.#request.pause()
        }
      },
      end: () => {},
    }
  }

  #fieldPart(): PartSink {
    const chunks: Buffer[] = []
    const { data } = this.#besides((bytes) => chunks.push(bytes))
    return {
      data,
      end: () => {
        this.description = Buffer.concat(chunks).toString('utf8')
      },
    }
  }

  #besides(take: (bytes: Buffer) => void): PartSink {
    return {
      data: (bytes) => {
        this.#beside += bytes.length
        if (this.#beside > FORM_BYTES) {
          throw new E_TOO_LARGE()
        }
        take(bytes)
      },
      end: () => {},
    }
  }
}

const ignored: PartSink = { data: () => {}, end: () => {} }

/** What comes after something that is refused is read and thrown away, so that the answer arrives. */
function read(request: IncomingMessage, boundary: string, form: Form): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new MultipartReader(boundary, (head) => form.part(head))
    const end = (error?: unknown) => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onClose)
      if (error === undefined) {
        resolve()
      } else {
        request.resume()
        reject(error)
      }
    }
    const attempt = (work: () => void) => {
      try {
        work()
      } catch (error) {
        end(error)
      }
    }
    const onData = (chunk: Buffer) => attempt(() => reader.push(chunk))
    const onEnd = () =>
      attempt(() => {
        reader.end()
        end()
      })
    const onClose = () => {
      if (!request.complete) {
        end(new E_INVALID('The request ended before its end', { field: 'body' }))
      }
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onClose)
    if (request.destroyed) {
      onClose() // before anybody listened
    }
  })
}

function parse(text: string | null): unknown {
  if (text === null) {
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
