import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { nodeDisk, type Disk } from '../src/disk.ts'
import { Spool, type SpoolOptions } from '../src/spool.ts'
import { anEvent, aRecording, temporaryFolder, watchedDisk } from '../testing/main.ts'

const VIDEO = Buffer.from('the frames of ten seconds')
const ROOMY = { quota: { minFreeBytes: 0, maxBytes: 1e12 } }

/** A spool, and beside it a finished file. */
async function spoolAndFile(cleanup: (work: () => Promise<void>) => void, options?: SpoolOptions) {
  const { path, remove } = await temporaryFolder()
  cleanup(remove)
  const file = join(path, '000000.mp4')
  await writeFile(file, VIDEO)
  const folder = join(path, 'spool')
  const spool = await Spool.open(folder, { ...ROOMY, ...options })
  return { spool, folder, file }
}

test.group('Spool | payload files', () => {
  test('an accepted file was moved in, and its bytes are the same file', async ({
    assert,
    cleanup,
  }) => {
    const { spool, file } = await spoolAndFile(cleanup)
    const { ino } = await stat(file)

    const outcome = await spool.put(anEvent(spool, aRecording(VIDEO)), { path: file })

    assert.equal(outcome.status, 'accepted')
    assert.isFalse(existsSync(file))
    const [entry] = spool.oldest('media', 1)
    const item = entry === undefined ? null : await spool.load(entry)
    assert.deepEqual(await readFile(item?.payload ?? ''), VIDEO)
    assert.equal((await stat(item?.payload ?? '')).ino, ino)
    assert.equal(entry?.bytes, VIDEO.byteLength)
    await spool.close()
  })

  test('a file that is {what} is refused, and burns no number')
    .with([
      { what: 'missing', described: VIDEO, isThere: false },
      { what: 'not the one described', described: Buffer.alloc(VIDEO.byteLength), isThere: true },
      { what: 'longer than described', described: VIDEO.subarray(1), isThere: true },
      {
        what: 'shorter than described',
        described: Buffer.concat([VIDEO, VIDEO]),
        isThere: true,
      },
    ])
    .run(async ({ assert, cleanup }, row) => {
      const { spool, file } = await spoolAndFile(cleanup)
      const draft = aRecording(row.described)
      const path = row.isThere ? file : `${file}.missing`

      const refused = await spool.put(anEvent(spool, draft), { path })
      const event = await spool.put(anEvent(spool))

      assert.containSubset(refused, { status: 'refused', cause: 'disk' })
      assert.containSubset(event, { status: 'accepted', observation: { seq: 1 } })
      assert.deepEqual(await readFile(file), VIDEO)
      await spool.close()
    })

  test('a full spool leaves the file where it is', async ({ assert, cleanup }) => {
    const { spool, file } = await spoolAndFile(cleanup, {
      quota: { minFreeBytes: 0, maxBytes: 10 },
    })

    const refused = await spool.put(anEvent(spool, aRecording(VIDEO)), { path: file })

    assert.containSubset(refused, { status: 'refused', cause: 'full' })
    assert.deepEqual(await readFile(file), VIDEO)
    await spool.close()
  })

  test('cut off after "{$self}" the file is in the spool or still at its path, never neither')
    .with(['link queue/*.bin', 'sync queue', 'write tmp/*.json', 'rename queue/*.json'])
    .run(async ({ assert, cleanup }, step) => {
      let isCut = false
      const cut: Disk = watchedDisk(nodeDisk, (happened) => {
        isCut ||= happened === step
        if (isCut) {
          throw new Error('cut off')
        }
      })
      const { spool, folder, file } = await spoolAndFile(cleanup, { disk: cut })

      await spool.put(anEvent(spool, aRecording(VIDEO)), { path: file }).catch(() => {})
      await spool.close()

      const again = await Spool.open(folder, ROOMY)
      const [entry] = again.oldest('media', 1)
      const isIn = entry !== undefined && (await again.load(entry)) !== null
      assert.isTrue(isCut)
      assert.isTrue(isIn || existsSync(file))
      if (isIn && existsSync(file)) {
        assert.equal((await stat(file)).nlink, 2)
      }
      await again.close()
    })
})
