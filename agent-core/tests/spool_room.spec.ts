import { test } from '@japa/runner'
import { nodeDisk, type Disk } from '../src/disk.ts'
import { silentLogger } from '../src/logger.ts'
import { Spool } from '../src/spool.ts'
import { SpoolRoom } from '../src/spool_room.ts'
import { aScreenshot, ManualClock, temporaryFolder } from '../testing/main.ts'

type Cleanup = (work: () => Promise<void>) => void

const PICTURE = Buffer.alloc(1_000)

/** A spool on a disk with as much room as a test says, and what watches it. */
async function setUp(cleanup: Cleanup) {
  const { path, remove } = await temporaryFolder()
  const world = { free: 0, looks: 0, fault: null as Error | null }
  const disk: Disk = {
    ...nodeDisk,
    async freeBytes() {
      world.looks += 1
      if (world.fault !== null) {
        throw world.fault
      }
      return world.free
    },
  }
  const clock = new ManualClock()
  const quota = { minFreeBytes: 100_000, maxBytes: 1e9 }
  const spool = await Spool.open(path, { disk, clock, quota })
  const room = new SpoolRoom({ spool, clock, logger: silentLogger })
  cleanup(async () => {
    room.close()
    await spool.close()
    await remove()
  })
  const put = async () => {
    const { status } = await spool.put(
      {
        ...aScreenshot(PICTURE),
        id: spool.ids.next(),
        captured_at: new Date(clock.now()).toISOString(),
        utc_offset_minutes: 0,
        policy_version: 1,
      },
      PICTURE
    )
    return status
  }
  return { world, clock, room, put }
}

test.group('room of a full spool', () => {
  test('pictures alone are taken again when the disk was emptied, and no event had to come', async ({
    assert,
    cleanup,
  }) => {
    const { world, clock, room, put } = await setUp(cleanup)
    const refused = await put()
    const held = room.isFull()
    await clock.pass(12_000)
    const stillHeld = room.isFull()

    world.free = 1_000_000
    const before = room.isFull()
    await clock.pass(5_000)

    assert.equal(refused, 'refused')
    assert.deepEqual([held, stillHeld, before], [true, true, true])
    assert.isFalse(room.isFull())
    assert.equal(await put(), 'accepted')
  })

  test('the disk is looked at every five seconds while it is full, however often one asks, and never after', async ({
    assert,
    cleanup,
  }) => {
    const { world, clock, room, put } = await setUp(cleanup)
    await put()
    world.looks = 0
    for (let second = 0; second < 60; second++) {
      room.isFull()
      await clock.pass(1_000)
    }
    const whileFull = world.looks
    world.free = 1_000_000
    await clock.pass(5_000)
    const waiting = clock.waiting

    assert.equal(whileFull, 12)
    assert.equal(waiting, 0)
  })

  test('a disk that cannot be asked holds on, and is asked again', async ({ assert, cleanup }) => {
    const { world, clock, room, put } = await setUp(cleanup)
    await put()
    room.isFull()
    world.fault = new Error('stale file handle')
    world.free = 1_000_000
    await clock.pass(5_000)
    const during = room.isFull()
    world.fault = null
    await clock.pass(5_000)

    assert.isTrue(during)
    assert.isFalse(room.isFull())
  })

  test('nothing is watched after the end', async ({ assert, cleanup }) => {
    const { clock, room, put } = await setUp(cleanup)
    await put()
    room.isFull()
    room.close()
    room.isFull()

    assert.equal(clock.waiting, 0)
  })
})
