import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/** What a file was when it was written. `sha256` is of its content before compression. */
export type Written = { readonly bytes: number; readonly sha256: string }

/** Writes JSON values, one a line, compressed. */
export async function writeLines(path: string, values: AsyncIterable<unknown>): Promise<Written> {
  const meter = new Meter()
  await pipeline(
    Readable.from(lines(values)),
    meter.stream,
    createGzip({ level: 6 }),
    createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true })
  )
  return meter.written()
}

/** Reads them back, one at a time. */
export async function* readLines<Value>(path: string): AsyncGenerator<Value> {
  const text = createReadStream(path).pipe(createGunzip())
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
    yield JSON.parse(line) as Value
  }
}

/** The digest of what such a file holds; throws where it cannot be decompressed. */
export async function digestOfLines(path: string): Promise<Written> {
  const meter = new Meter()
  await pipeline(createReadStream(path), createGunzip(), meter.stream, async (source) => {
    for await (const chunk of source) {
      void chunk
    }
  })
  return meter.written()
}

/** Copies a file durably, with its digest computed on the way. */
export async function copyMeasured(from: string, to: string): Promise<Written> {
  const meter = new Meter()
  await pipeline(
    createReadStream(from),
    meter.stream,
    createWriteStream(to, { mode: 0o600, flags: 'wx', flush: true })
  )
  return meter.written()
}

class Meter {
  readonly #hash: Hash = createHash('sha256')
  #bytes = 0
  readonly stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      this.#bytes += chunk.length
      this.#hash.update(chunk)
      done(null, chunk)
    },
  })

  written(): Written {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Lines in pieces large enough that a stream's own cost does not count. */
async function* lines(values: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let text = ''
  for await (const value of values) {
    text += `${JSON.stringify(value)}\n`
    if (text.length > 64 * 1024) {
      yield Buffer.from(text)
      text = ''
    }
  }
  yield Buffer.from(text)
}
