import { MediaLibrary } from '#services/media_library'
import { LocalDisk } from '#services/storage/local_disk'
import { isSealed, openSealed, sealFile, sizeWithin } from '#services/storage/sealed_file'
import { picture } from '#tests/support/observations'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { execFile } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'

const run = promisify(execFile)
const KEY = 'b7Zc0pQ3xT9uV2wY5aD8fG1hJ4kL6mN0'
const PIECE = 64 * 1024

test.group('A sealed file', (group) => {
  let folder: string
  group.each.setup(async () => {
    await mkdir(app.tmpPath(), { recursive: true })
    folder = await mkdtemp(app.tmpPath('sealed-'))
    return () => rm(folder, { recursive: true, force: true })
  })

  async function seal(bytes: Buffer) {
    const plain = join(folder, randomUUID())
    const path = `${plain}.sealed`
    await writeFile(plain, bytes)
    await sealFile(plain, path, KEY)
    return path
  }

  test('of {$self} bytes gives them back, whole and by ranges, and knows their number')
    .with([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
    .run(async ({ assert }, size) => {
      const bytes = randomBytes(size)
      const path = await seal(bytes)

      assert.isTrue(await isSealed(path))
      assert.equal(sizeWithin((await stat(path)).size), size)
      assert.isTrue(bytes.equals(await buffer(openSealed(path, KEY))))
      for (const [start, end] of [
        [0, 0],
        [PIECE - 1, PIECE],
        [size - 1, size - 1],
        [PIECE, size - 1],
        [10, 2 * PIECE + 10],
      ] as const) {
        if (start >= 0 && start <= end && end < size) {
          const part = await buffer(openSealed(path, KEY, { start, end }))
          assert.isTrue(bytes.subarray(start, end + 1).equals(part), `${start}-${end}`)
        }
      }
    })

  test('is not read with another key, with a changed byte, cut off, or with pieces swapped', async ({
    assert,
  }) => {
    const path = await seal(randomBytes(3 * PIECE))
    const whole = await readFile(path)
    const sealedPiece = PIECE + 16
    const changed = Buffer.from(whole)
    changed[whole.length - 40] = (changed[whole.length - 40] ?? 0) ^ 1
    const swapped = Buffer.concat([
      whole.subarray(0, 40),
      whole.subarray(40 + sealedPiece, 40 + 2 * sealedPiece),
      whole.subarray(40, 40 + sealedPiece),
      whole.subarray(40 + 2 * sealedPiece),
    ])

    await assert.rejects(() => buffer(openSealed(path, `${KEY}x`)), /E_SEALED/)
    for (const wrong of [changed, whole.subarray(0, 40 + 2 * sealedPiece), swapped]) {
      await writeFile(path, wrong)
      await assert.rejects(() => buffer(openSealed(path, KEY)), /E_SEALED/)
    }
  })
})

test.group('A library under a key', (group) => {
  let folder: string
  let library: MediaLibrary
  group.each.setup(async () => {
    await mkdir(app.tmpPath(), { recursive: true })
    folder = await mkdtemp(app.tmpPath('library-'))
    library = new MediaLibrary(folder, KEY)
    await library.prepare()
    return () => rm(folder, { recursive: true, force: true })
  })

  async function kept(bytes: Buffer, into = library) {
    const key = `screenshots/1/${randomUUID()}.webp`
    const path = await into.temporaryPath()
    await writeFile(path, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await into.keep({ path, bytes: bytes.length, sha256 }, key)
    return { key, sha256 }
  }

  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))

  test('holds no picture that a copy of its disk would show, and leaves none behind', async ({
    assert,
  }) => {
    const image = await picture(640, 400)
    const { key } = await kept(image)
    const thumbnail = await library.thumbnail(key)

    assert.lengthOf(files(), 2)
    for (const path of files()) {
      assert.isFalse(readFileSync(path).includes('WEBP'), path)
      await assert.rejects(() => run('identify', [path]))
    }
    assert.isTrue(image.equals(await buffer(await library.open(key))))
    const small = await buffer(await library.openAt(thumbnail ?? ''))
    assert.equal(small.subarray(8, 12).toString('latin1'), 'WEBP')
  })

  test('is the same to its disk: size, digest, ranges, list, and a plain copy to send on', async ({
    assert,
  }) => {
    const image = await picture(640, 400)
    const { key, sha256 } = await kept(image)
    const disk = new LocalDisk(library)

    assert.deepEqual(await disk.facts(key), { bytes: image.length, sha256 })
    const part = await buffer(await disk.read(key, { start: 4, end: 11 }))
    assert.isTrue(image.subarray(4, 12).equals(part))
    const [listed] = await Array.fromAsync(disk.list())
    assert.containSubset(listed, { key, bytes: image.length })
    let copy = ''
    await library.withPlain(key, async (path) => {
      copy = path
      assert.isTrue(image.equals(await readFile(path)))
    })
    await assert.rejects(() => stat(copy), /ENOENT/)
  })

  test('reads what stood there before it had a key', async ({ assert }) => {
    const image = await picture(64, 48)
    const { key } = await kept(image, new MediaLibrary(folder))

    assert.isTrue(image.equals(await buffer(await library.open(key))))
    assert.isNull(await library.sealedSize(library.path(key)))
  })

  test('says that the key is missing, and shows nothing', async ({ assert }) => {
    const { key } = await kept(await picture(64, 48))
    const without = new MediaLibrary(folder)

    await assert.rejects(() => without.open(key), /MEDIA_KEY/)
    await assert.rejects(() => without.thumbnail(key), /MEDIA_KEY/)
  })
})
