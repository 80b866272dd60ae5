import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { cleanUpCopies, keepLocalCopy, surplusCopies } from '../src/local_copies.ts'
import { temporaryFolder } from '../testing/main.ts'

const NOW = Date.UTC(2026, 2, 10)
const VIDEOS = { folder: 'videos', days: 2, bytes: 25 }

/** A data folder with three copies of ten bytes, `age` days old. */
async function withCopies(cleanup: (work: () => Promise<void>) => void, ages: readonly number[]) {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  await mkdir(join(path, 'videos'))
  for (const age of ages) {
    const file = join(path, 'videos', `${age}.mp4`)
    await writeFile(file, Buffer.alloc(10))
    await utimes(file, NOW / 1000, NOW / 1000 - age * 86_400)
  }
  return path
}

test.group('Local copies', () => {
  test('are kept for this user alone, of bytes and of files', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    await writeFile(join(path, 'segment'), 'video', { mode: 0o600 })

    await keepLocalCopy(path, VIDEOS, 'a.webp', Buffer.from('picture'))
    await keepLocalCopy(path, VIDEOS, 'b.mp4', { path: join(path, 'segment') })

    const folder = join(path, 'videos')
    assert.deepEqual((await readdir(folder)).sort(), ['a.webp', 'b.mp4'])
    assert.equal(await readFile(join(folder, 'b.mp4'), 'utf8'), 'video')
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
    assert.equal((await stat(join(folder, 'a.webp'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(path, 'segment'))).nlink, 1)
  })

  test('are not kept where none are wanted', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)

    await keepLocalCopy(path, { ...VIDEOS, days: 0 }, 'a.webp', Buffer.from('picture'))

    assert.isEmpty(await readdir(path))
  })

  test('go by age, and beyond their bytes the oldest first', async ({ assert, cleanup }) => {
    const path = await withCopies(cleanup, [0, 0.5, 1, 3])

    const surplus = await surplusCopies(path, [VIDEOS], NOW)

    assert.deepEqual(
      surplus.map((copy) => [copy.path.slice(path.length + 1), copy.bytes, copy.because]),
      [
        ['videos/1.mp4', 10, 'size'],
        ['videos/3.mp4', 10, 'age'],
      ]
    )
  })

  test('stay with a dry run, and go without one', async ({ assert, cleanup }) => {
    const path = await withCopies(cleanup, [0, 3])

    const said = await cleanUpCopies(path, [VIDEOS], NOW, { dryRun: true })
    const before = await readdir(join(path, 'videos'))
    const done = await cleanUpCopies(path, [VIDEOS], NOW)

    assert.deepEqual(done, said)
    assert.deepEqual(before.sort(), ['0.mp4', '3.mp4'])
    assert.deepEqual(await readdir(join(path, 'videos')), ['0.mp4'])
    assert.isEmpty(await cleanUpCopies(join(path, 'nowhere'), [VIDEOS], NOW))
  })
})
