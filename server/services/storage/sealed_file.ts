import type { ByteRange } from '#services/storage/disk'
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/*
| A file under a key: `WSSEAL1\0`, 32 bytes of salt, then pieces of 64 KiB, each AES-256-GCM with its tag behind it. The
| key of a file is HKDF-SHA256 of the server's key and the salt, so that a nonce is the number of its
| piece; the last piece says so in its nonce (STREAM, Hoang, Reyhanitabar, Rogaway and Vizár 2015), and a file that was
| cut off or put together from others is not read. Pieces are found by their number: ranges need no more than theirs.
*/

const MAGIC = Buffer.from('WSSEAL1\0')
const SALT_BYTES = 32
const HEAD_BYTES = MAGIC.length + SALT_BYTES
const PIECE_BYTES = 64 * 1024
const TAG_BYTES = 16
const SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES

/** Writes the file at `source` sealed to `target`, durably; `target` must not be there. */
export async function sealFile(source: string, target: string, key: string): Promise<void> {
  const salt = randomBytes(SALT_BYTES)
  const own = keyOf(key, salt)
  await pipeline(
    createReadStream(source, { highWaterMark: PIECE_BYTES }),
    async function* (chunks: AsyncIterable<Buffer>) {
      yield Buffer.concat([MAGIC, salt])
      let number = 0
      let held: Buffer | null = null
      for await (const piece of pieces(chunks)) {
        if (held) {
          yield sealed(own, number, held, false)
          number += 1
        }
        held = piece
      }
      yield sealed(own, number, held ?? Buffer.alloc(0), true)
    },
    createWriteStream(target, { mode: 0o600, flags: 'wx', flush: true })
  )
}

/** Whether a file is sealed; one that is not there is not. */
export async function isSealed(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return null
    }
    throw error
  })
  if (!file) {
    return false
  }
  try {
    return MAGIC.equals(await readAt(file, 0, MAGIC.length))
  } finally {
    await file.close()
  }
}

/** Bytes of what is in a sealed file of `size` bytes. */
export function sizeWithin(size: number): number {
  const rest = size - HEAD_BYTES
  return Math.max(0, rest - Math.ceil(rest / SEALED_PIECE_BYTES) * TAG_BYTES)
}

/**
 * What is in a sealed file, whole or of a range. The stream fails where the key is another one, or
 * the file is not what was written.
 */
export function openSealed(path: string, key: string, range?: ByteRange): Readable {
  return Readable.from(unsealed(path, key, range), { objectMode: false })
}

async function* unsealed(path: string, key: string, range?: ByteRange) {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const own = keyOf(key, (await readAt(file, 0, HEAD_BYTES)).subarray(MAGIC.length))
    const last = Math.max(0, Math.ceil((size - HEAD_BYTES) / SEALED_PIECE_BYTES) - 1)
    const { start, end } = range ?? { start: 0, end: sizeWithin(size) - 1 }
    const until = range ? Math.min(last, Math.floor(end / PIECE_BYTES)) : last
    for (let number = Math.floor(start / PIECE_BYTES); number <= until; number += 1) {
      const at = HEAD_BYTES + number * SEALED_PIECE_BYTES
      const bytes = await readAt(file, at, Math.min(SEALED_PIECE_BYTES, size - at))
      const piece = opened(own, number, bytes, number === last)
      const from = Math.max(0, start - number * PIECE_BYTES)
      yield piece.subarray(from, Math.min(piece.length, end - number * PIECE_BYTES + 1))
    }
  } finally {
    await file.close()
  }
}

/** Full pieces and a rest, whatever the chunks. */
async function* pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    while (rest.length >= PIECE_BYTES) {
      yield rest.subarray(0, PIECE_BYTES)
      rest = rest.subarray(PIECE_BYTES)
    }
  }
  if (rest.length > 0) {
    yield rest
  }
}

const keyOf = (key: string, salt: Buffer) =>
  Buffer.from(hkdfSync('sha256', key, salt, 'worksight media', 32))

/** Eleven bytes of the piece's number, and one that is 1 for the last. */
function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(number, 5, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

function sealed(key: Buffer, number: number, piece: Buffer, isLast: boolean): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast))
  return Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
}

function opened(key: Buffer, number: number, bytes: Buffer, isLast: boolean): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new Error(
      'E_SEALED: expected a file sealed under MEDIA_KEY, found another key or changed bytes',
      { cause }
    )
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}
