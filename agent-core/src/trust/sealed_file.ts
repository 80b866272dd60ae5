import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Files that only the holder of a key can read: AES-256-GCM, a fresh nonce each, bound to the name
 * they were sealed for, so that one cannot take the place of another. Nonce, content, tag.
 */

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals what `source` gives into a new file, durably: a crash leaves all of it or nothing. */
export async function sealFile(
  key: Buffer,
  name: string,
  source: Uint8Array | Readable,
  path: string
): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(name))
  const half = `${path}.half`
  const content = source instanceof Readable ? source : Readable.from([source])
  try {
    await pipeline(
      content,
      async function* sealed(chunks: AsyncIterable<Uint8Array>) {
        yield nonce
        for await (const chunk of chunks) {
          yield cipher.update(chunk)
        }
        yield cipher.final()
        yield cipher.getAuthTag()
      },
      createWriteStream(half, { mode: 0o600 })
    )
    await sync(half)
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}

/** What a sealed file holds, as a whole. Rejects where it is not what was sealed under this name. */
export async function openSealed(key: Buffer, name: string, path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of opened(key, name, path)) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Opens a sealed file into a new file in the clear, which is there only when all of it is true. */
export async function unsealFile(
  key: Buffer,
  name: string,
  path: string,
  target: string
): Promise<void> {
  try {
    await pipeline(opened(key, name, path), createWriteStream(target, { mode: 0o600 }))
    await sync(target)
  } catch (error) {
    await rm(target, { force: true })
    throw error
  }
}

async function* opened(key: Buffer, name: string, path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path)
  const file = await open(path, 'r')
  try {
    const nonce = Buffer.alloc(NONCE_BYTES)
    const tag = Buffer.alloc(TAG_BYTES)
    await file.read(nonce, 0, NONCE_BYTES, 0)
    await file.read(tag, 0, TAG_BYTES, Math.max(0, size - TAG_BYTES))
    const decipher = createDecipheriv(ALGORITHM, key, nonce)
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag)
    const end = size - TAG_BYTES - 1
    if (end >= NONCE_BYTES) {
      const content = createReadStream(path, { start: NONCE_BYTES, end })
      for await (const chunk of content as AsyncIterable<Buffer>) {
        yield decipher.update(chunk)
      }
    }
    yield decipher.final()
  } finally {
    await file.close()
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
