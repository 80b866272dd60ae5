import { media } from '#services/media'
import { reapMedia } from '#services/media_reaper'
import { ingestMedium } from '#services/ingest'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent } from '#tests/support/people'
import { test } from '@japa/runner'
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const TWO_HOURS_AGO = Date.now() / 1000 - 7_200
const ROOT = dirname(dirname(media.path('x')))

/** A file under a key, as old as is said. */
async function aFile(key: string, isOld: boolean) {
  const path = media.path(key)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'picture')
  if (isOld) {
    await utimes(path, TWO_HOURS_AGO, TWO_HOURS_AGO)
  }
}

async function names(): Promise<string[]> {
  const entries = await readdir(ROOT, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

test.group('The reaper of media', (group) => {
  cleanDatabase(group)
  group.each.setup(() => rm(ROOT, { recursive: true, force: true }))
  group.each.teardown(() => rm(ROOT, { recursive: true, force: true }))

  test('takes what is older than an hour and has no row; what has one, and what is young, stays', async ({
    assert,
  }) => {
    const { agent } = await makeAgent()
    await ingestMedium(agent, describe(1, await picture()), {
      disk: 'local',
      key: 'screenshots/1/named.webp',
      moveTo: null,
    })
    await aFile('screenshots/1/named.webp', true)
    await aFile('screenshots/1/orphan.webp', true)
    await aFile('screenshots/1/young.webp', false)
    await aFile('recordings/1/orphan.mp4', true)
    await mkdir(join(ROOT, 'tmp'), { recursive: true })
    await writeFile(join(ROOT, 'tmp', 'half'), 'half')
    await utimes(join(ROOT, 'tmp', 'half'), TWO_HOURS_AGO, TWO_HOURS_AGO)

    const reaped = await reapMedia()

    assert.equal(reaped, 3)
    assert.sameMembers(await names(), ['named.webp', 'young.webp'])
  })

  test('removes nothing where most files have no row: that is the wrong database', async ({
    assert,
  }) => {
    for (let count = 0; count < 101; count += 1) {
      await aFile(`screenshots/1/${count}.webp`, true)
    }

    await assert.rejects(() => reapMedia(), /E_MEDIA_ORPHANS/)

    assert.lengthOf(await names(), 101)
  })
})
