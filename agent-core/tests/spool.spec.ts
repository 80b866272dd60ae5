import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { nodeDisk, type Disk } from '../src/disk.ts'
import { Spool } from '../src/spool.ts'
import { aScreenshot, anEvent, temporaryFolder, temporarySpool } from '../testing/main.ts'

const ROOMY = { quota: { minFreeBytes: 0, maxBytes: 1e12 } }
const failing = (changes: Partial<Disk>): Disk => ({ ...nodeDisk, ...changes })
const fault = (code: string) => Object.assign(new Error(`${code}: a fault`), { code })

test.group('Spool', () => {
  test('an accepted item is there after the spool was opened anew', async ({ assert, cleanup }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    const picture = Buffer.from('a picture')
    await spool.put(anEvent(spool))
    await spool.put(anEvent(spool, aScreenshot(picture)), picture)
    await spool.close()

    const again = await Spool.open(folder, ROOMY)
    cleanup(() => again.close())

    const [entry] = again.oldest('media', 10)
    const item = entry === undefined ? null : await again.load(entry)
    assert.equal(item?.observation.seq, 2)
    assert.deepEqual(await readFile(item?.payload ?? ''), picture)
    assert.equal(again.waiting(), 2)
  })

  test('numbers run over all kinds without a hole', async ({ assert, cleanup }) => {
    const { spool, remove } = await temporarySpool()
    cleanup(remove)
    const picture = Buffer.from('x')

    const outcomes = await Promise.all([
      spool.put(anEvent(spool)),
      spool.put(anEvent(spool, aScreenshot(picture)), picture),
      spool.put(anEvent(spool)),
    ])

    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === 'accepted' && outcome.observation.seq),
      [1, 2, 3]
    )
  })

  test('numbers go on after everything was delivered and the spool opened anew', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    for (let count = 0; count < 5; count++) {
      await spool.put(anEvent(spool))
    }
    await spool.settle(spool.oldest('events', 10).map(({ id }) => id))
    await spool.close()

    const again = await Spool.open(folder, ROOMY)
    cleanup(() => again.close())
    const outcome = await again.put(anEvent(again))

    assert.containsSubset(outcome, { status: 'accepted', observation: { seq: 6 } })
    assert.containsSubset(again.counters(), {
      accepted: 6,
      delivered: 5,
      queued: 1,
      dead: 0,
      evicted: 0,
    })
  })

  test('an item that the disk refuses ({0}) burns no number and leaves nothing')
    .with([['ENOSPC'], ['EIO'], ['EROFS'], ['EMFILE'], ['EDQUOT']] as const)
    .run(async ({ assert, cleanup }, [code]) => {
      let isBroken = false
      const disk = failing({
        create: async (path) => {
          const file = await nodeDisk.create(path)
          return { ...file, sync: () => (isBroken ? Promise.reject(fault(code)) : file.sync()) }
        },
      })
      const { spool, folder, remove } = await temporarySpool({ disk })
      cleanup(remove)
      await spool.put(anEvent(spool))

      isBroken = true
      const refused = await spool.put(
        anEvent(spool, aScreenshot(Buffer.from('x'))),
        Buffer.from('x')
      )
      isBroken = false
      const accepted = await spool.put(anEvent(spool))

      assert.containsSubset(refused, {
        status: 'refused',
        cause: ['ENOSPC', 'EDQUOT'].includes(code) ? 'full' : 'disk',
      })
      assert.containsSubset(accepted, { observation: { seq: 2 } })
      assert.lengthOf(await readdir(join(folder, 'queue')), 2)
      assert.lengthOf(await readdir(join(folder, 'tmp')), 0)
    })

  test('an item is written, synced, renamed and its folder synced, in that order', async ({
    assert,
    cleanup,
  }) => {
    const steps: string[] = []
    const short = (path: string) =>
      path.replace(/^.*worksight-[^/\\]+[/\\]/, '').replace(/[0-9a-f-]{36}/, '*')
    const disk = failing({
      create: async (path) => {
        const file = await nodeDisk.create(path)
        return {
          write: (data) => (steps.push(`write ${short(path)}`), file.write(data)),
          sync: () => (steps.push(`sync ${short(path)}`), file.sync()),
          close: () => file.close(),
        }
      },
      rename: (from, to) => (steps.push(`rename ${short(to)}`), nodeDisk.rename(from, to)),
      syncFolder: (path) => (steps.push(`sync ${short(path)}`), nodeDisk.syncFolder(path)),
    })
    const { spool, remove } = await temporarySpool({ disk })
    cleanup(remove)
    const picture = Buffer.from('x')

    await spool.put(anEvent(spool, aScreenshot(picture)), picture)

    assert.deepEqual(steps, [
      'write tmp/*.bin',
      'sync tmp/*.bin',
      'rename queue/*.bin',
      'sync queue',
      'write tmp/*.json',
      'sync tmp/*.json',
      'rename queue/*.json',
      'sync queue',
    ])
  })

  test('a delivered item is counted before it is gone, and counted once', async ({
    assert,
    cleanup,
  }) => {
    let isBroken = false
    const disk = failing({
      remove: (path) => (isBroken ? Promise.reject(fault('EIO')) : nodeDisk.remove(path)),
    })
    const { spool, folder, remove } = await temporarySpool({ disk })
    cleanup(remove)
    await spool.put(anEvent(spool))
    const [entry] = spool.oldest('events', 1)

    isBroken = true
    await assert.rejects(() => spool.settle([entry?.id ?? '']), /EIO/)
    isBroken = false
    await spool.close()
    const again = await Spool.open(folder, ROOMY)
    cleanup(() => again.close())

    assert.containsSubset(again.counters(), { accepted: 1, delivered: 1, queued: 0 })
    assert.lengthOf(await readdir(join(folder, 'queue')), 0)
  })

  test('a dead letter is out of the way, keeps its reason, and can be tried again', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    const picture = Buffer.from('a picture')
    await spool.put(anEvent(spool, aScreenshot(picture)), picture)
    const [entry] = spool.oldest('media', 1)
    const id = entry?.id ?? ''

    await spool.bury(id, { code: 'E_BAD', reason: 'Not a picture', field: 'file', attempts: 1 })
    await spool.close()
    const again = await Spool.open(folder, ROOMY)
    cleanup(() => again.close())
    const dead = again.dead()
    const counted = again.counters()
    await again.retry(id)
    const [back] = again.oldest('media', 1)

    assert.containsSubset(dead[0], {
      id,
      death: { code: 'E_BAD', reason: 'Not a picture', attempts: 1 },
    })
    assert.containsSubset(counted, { accepted: 1, dead: 1, queued: 0 })
    assert.containsSubset(again.counters(), { accepted: 1, dead: 0, queued: 1 })
    assert.isNotNull(back === undefined ? null : await again.load(back))
  })

  test('a purged dead letter counts as evicted, and the server is told', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    await spool.put(anEvent(spool))
    const id = spool.oldest('events', 1)[0]?.id ?? ''
    await spool.bury(id, { code: 'E_BAD', reason: 'No', field: null, attempts: 1 })

    await spool.purge([id], 7)

    const [tombstone] = spool.oldest('events', 1)
    const told = tombstone === undefined ? null : await spool.load(tombstone)
    assert.containsSubset(spool.counters(), { accepted: 2, evicted: 1, dead: 0, queued: 1 })
    assert.lengthOf(await readdir(join(folder, 'dead')), 0)
    assert.containsSubset(told?.observation, {
      evicted_id: id,
      cause: 'dropped',
      policy_version: 7,
    })
  })

  test('a payload with one wrong bit is put aside and stops nobody', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    for (const text of ['one', 'two']) {
      await spool.put(anEvent(spool, aScreenshot(Buffer.from(text))), Buffer.from(text))
    }
    const [first, second] = spool.oldest('media', 2)
    await writeFile(join(folder, 'queue', `${first?.id}.bin`), 'onf')

    const items = [first, second].map((entry) => (entry === undefined ? null : spool.load(entry)))
    const loaded = await Promise.all(items)

    assert.isNull(loaded[0])
    assert.equal(loaded[1]?.observation.seq, 2)
    assert.containsSubset(spool.counters(), { accepted: 2, queued: 1, dead: 1 })
    assert.include(
      await readFile(join(folder, 'quarantine', `${first?.id}.json.reason`), 'utf8'),
      'Expected the payload'
    )
  })

  test('a second agent is refused while the first one runs', async ({ assert, cleanup }) => {
    const { folder, remove } = await temporarySpool()
    cleanup(remove)

    await assert.rejects(() => Spool.open(folder, ROOMY), /found process/)
  })

  test('a full spool refuses media, still takes events, and takes media again when there is room', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const spool = await Spool.open(path, { quota: { maxBytes: 4_000, minFreeBytes: 0 } })
    cleanup(() => spool.close())
    const picture = Buffer.alloc(3_000)
    await spool.put(anEvent(spool, aScreenshot(picture)), picture)

    const refused = await spool.put(anEvent(spool, aScreenshot(picture)), picture)
    const event = await spool.put(anEvent(spool))
    const sentence = spool.fullBecause()
    await spool.settle(spool.oldest('media', 1).map(({ id }) => id))

    assert.containsSubset(refused, { status: 'refused', cause: 'full' })
    assert.equal(event.status, 'accepted')
    assert.match(sentence ?? '', /The spool is full/)
    assert.isNull(spool.fullBecause())
  })

  test('what must happen before a delivery happens when the item is on disk and not yet queued', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    const seen: unknown[] = []

    const { status } = await spool.put(anEvent(spool), undefined, async () => {
      seen.push((await readdir(join(folder, 'queue'))).length, spool.waiting())
      throw new Error('It is accepted all the same')
    })

    assert.equal(status, 'accepted')
    assert.deepEqual(seen, [1, 0])
    assert.equal(spool.waiting(), 1)
  })

  test('drafts of a lock that killed agents left are swept at the start, a living one is not', async ({
    assert,
    cleanup,
  }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    await spool.close()
    const [dead, empty, living] = [1, 2, 3].map(
      (n) => `lock.0192f000-0000-4000-8000-00000000000${n}`
    )
    await writeFile(join(folder, dead ?? ''), JSON.stringify({ pid: 999_999_999, started: null }))
    await writeFile(join(folder, empty ?? ''), '')
    await writeFile(join(folder, living ?? ''), JSON.stringify({ pid: process.pid, started: null }))
    await writeFile(join(folder, 'lock.mine'), '')

    const again = await Spool.open(folder, ROOMY)
    const left = (await readdir(folder)).filter((name) => name.startsWith('lock'))
    await again.close()

    assert.sameMembers(left, ['lock', 'lock.mine', living])
  })

  test('ids go up, also when the clock goes back', async ({ assert, cleanup }) => {
    let now = Date.UTC(2026, 0, 2)
    const clock = { now: () => now, monotonic: () => 0 }
    const { spool, folder, remove } = await temporarySpool({ clock })
    cleanup(remove)
    const before = anEvent(spool)
    await spool.put(before)
    await spool.close()
    now = Date.UTC(1970, 0, 1)

    const again = await Spool.open(folder, { ...ROOMY, clock })
    cleanup(() => again.close())

    assert.isTrue(again.ids.next() > before.id)
  })
})
