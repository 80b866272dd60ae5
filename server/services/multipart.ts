/** What stands above the bytes of a part. What has a file name is a file; a name may be missing. */
export type PartHead = { readonly name: string; readonly isFile: boolean }

/** Takes the bytes of one part. What it is given is valid until the next turn of the event loop only. */
export type PartSink = {
  readonly data: (bytes: Buffer) => void
  readonly end: () => void
}

/** The headers of one part, in bytes. */
const MOST_HEAD = 8 * 1024

/** Parts of one body. */
const MOST_PARTS = 32

const HEAD_END = Buffer.from('\r\n\r\n')
const [DASH, LINE_END] = ['--', '\r\n']

/** A body that is not multipart/form-data as RFC 7578 has it. */
export class MalformedMultipart extends Error {}

/** The boundary that a `Content-Type` names, or null. */
export function boundaryOf(contentType = ''): string | null {
  const [, quoted, bare] =
    /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? bare ?? null
}

/**
 * Reads multipart/form-data as it comes and keeps nothing but what a boundary might begin in. Throws
 * MalformedMultipart from `push` and from `end`.
 */
export class MultipartReader {
  readonly #delimiter: Buffer
  readonly #onPart: (head: PartHead) => PartSink
  /** The line of the first boundary has no line before it. */
  #rest: Buffer = Buffer.from(LINE_END)
  #state: 'preamble' | 'delimited' | 'head' | 'body' | 'over' = 'preamble'
  #sink: PartSink | null = null
  #parts = 0

  constructor(boundary: string, onPart: (head: PartHead) => PartSink) {
    this.#delimiter = Buffer.from(`${LINE_END}${DASH}${boundary}`, 'latin1')
    this.#onPart = onPart
  }

  push(chunk: Buffer) {
    let bytes = this.#joined(chunk)
    for (let before = -1; before !== bytes.length; ) {
      before = bytes.length
      bytes = this.#step(bytes)
    }
    this.#rest = bytes
  }

  /** What is left of before and what came; large chunks are not copied for a few bytes before them. */
  #joined(chunk: Buffer): Buffer {
    const rest = this.#rest
    const isInPart = this.#state === 'body' || this.#state === 'preamble'
    if (rest.length > 0 && isInPart && chunk.length >= this.#delimiter.length) {
      const seam = Buffer.concat([rest, chunk.subarray(0, this.#delimiter.length)])
      const at = seam.indexOf(this.#delimiter)
      if (at < 0 || at >= rest.length) {
        this.#sink?.data(rest)
        return chunk
      }
    }
    return rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
  }

  /** Says that nothing more comes. */
  end() {
    if (this.#state !== 'over') {
      throw new MalformedMultipart('the last boundary is missing')
    }
  }

  /** Goes on as far as one state reaches; gives what is left. */
  #step(bytes: Buffer): Buffer {
    switch (this.#state) {
      case 'preamble':
      case 'body':
        return this.#untilDelimiter(bytes)
      case 'delimited':
        return this.#afterDelimiter(bytes)
      case 'head':
        return this.#head(bytes)
      case 'over':
        return bytes.subarray(bytes.length)
    }
  }

  #untilDelimiter(bytes: Buffer): Buffer {
    const at = bytes.indexOf(this.#delimiter)
    const end = at < 0 ? Math.max(0, bytes.length - this.#delimiter.length + 1) : at
    if (end > 0) {
      this.#sink?.data(bytes.subarray(0, end))
    }
    if (at < 0) {
      return bytes.subarray(end)
    }
    this.#sink?.end()
    this.#sink = null
    this.#state = 'delimited'
    return bytes.subarray(at + this.#delimiter.length)
  }

  #afterDelimiter(bytes: Buffer): Buffer {
    if (bytes.length < 2) {
      return bytes
    }
    const mark = bytes.toString('latin1', 0, 2)
    if (mark === DASH) {
      this.#state = 'over'
    } else if (mark === LINE_END) {
      this.#state = 'head'
    } else {
      throw new MalformedMultipart('a boundary does not end its line')
    }
    return bytes.subarray(2)
  }

  #head(bytes: Buffer): Buffer {
    const at = bytes.indexOf(HEAD_END)
    if ((at < 0 ? bytes.length : at) > MOST_HEAD) {
      throw new MalformedMultipart('the headers of a part are too long')
    }
    if (at < 0) {
      return bytes
    }
    this.#parts += 1
    if (this.#parts > MOST_PARTS) {
      throw new MalformedMultipart('there are too many parts')
    }
    this.#sink = this.#onPart(headOf(bytes.toString('utf8', 0, at)))
    this.#state = 'body'
    return bytes.subarray(at + HEAD_END.length)
  }
}

function headOf(text: string): PartHead {
  const line = /^content-disposition:[^\S\r\n]*form-data([^\r\n]*)/im.exec(text)?.[1]
  const name = /;\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(line ?? '')
  return {
    name: name?.[1] ?? name?.[2] ?? '',
    isFile: /;\s*filename\*?=/i.test(line ?? ''),
  }
}
