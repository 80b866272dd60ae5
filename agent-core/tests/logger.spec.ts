import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from '@japa/runner'
import { fileLogger, LOG_FILES } from '../src/logger.ts'
import { temporaryFolder } from '../testing/main.ts'

const MEGABYTE = 1_000_000

/** Names and sizes of what lies in a folder now; a file may be renamed meanwhile. */
async function written(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const sizes = names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size)
  return JSON.stringify([names, await Promise.all(sizes)])
}

test.group('fileLogger', () => {
  test('writes one JSON object a line, from its level on, for its user alone', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const { logger, close } = fileLogger(path, 'warn')

    logger.info({ n: 1 }, 'not this')
    logger.warn({ n: 2 }, 'this')
    logger.child({ plugin: 'x' }).error({ n: 3 }, 'and this')
    await close()

    const file = join(path, LOG_FILES.name)
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ['this', 'and this']
    )
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })

  test('turns over by size, and keeps no more files than it says', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const { logger, close } = fileLogger(path)
    const long = 'x'.repeat(MEGABYTE)

    for (let line = 0; line < 36; line++) {
      const before = await written(path)
      logger.info({ long }, 'a megabyte')
      while ((await written(path)) === before) {
        await sleep(1)
      }
    }
    await close()

    const names = (await readdir(path)).filter((name) => name.endsWith('.log'))
    assert.isAtLeast(names.length, 3)
    assert.isAtMost(names.length, LOG_FILES.maxFiles + 1)
    for (const name of names) {
      assert.isBelow((await stat(join(path, name))).size, 8 * MEGABYTE, name)
    }
  })

  test('drops secrets and titles by their names', async ({ assert, cleanup }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const { logger, close } = fileLogger(path)

    logger.info({ token: 'SECRET', window: { title: 'SECRET' }, title: 'SECRET' }, 'said')
    await close()

    assert.notInclude(await readFile(join(path, LOG_FILES.name), 'utf8'), 'SECRET')
  })
})
