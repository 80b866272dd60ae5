import { test } from '@japa/runner'
import { evictionSchema } from '../contract/eviction.ts'
import type { Observation } from '../src/observation.ts'
import { Spool } from '../src/spool.ts'
import vine from '@vinejs/vine'
import { aRecording, aScreenshot, anEvent, temporaryFolder } from '../testing/main.ts'

const BYTES = 10_000
const evictionValidator = vine.create(evictionSchema())

/** A spool that holds about `items` media of 10 000 bytes, and gives up the oldest when it is full. */
async function aSpool(cleanup: (work: () => Promise<void>) => void, items: number) {
  const { path, remove } = await temporaryFolder()
  const quota = { maxBytes: items * (BYTES + 1_200), minFreeBytes: 0, whenFull: 'evict' as const }
  const spool = await Spool.open(path, { quota })
  cleanup(async () => {
    await spool.close()
    await remove()
  })
  const put = async (kind: 'screenshot' | 'recording' | 'event') => {
    const bytes = Buffer.alloc(BYTES, spool.counters().accepted)
    const media = kind === 'screenshot' ? aScreenshot(bytes) : aRecording(bytes)
    const outcome =
      kind === 'event'
        ? await spool.put(anEvent(spool))
        : await spool.put(anEvent(spool, media), bytes)
    return outcome.status === 'accepted' ? outcome.observation : null
  }
  return { spool, folder: path, quota, put }
}

async function tombstones(spool: Spool): Promise<readonly Observation[]> {
  const items = await Promise.all(spool.oldest('events', 1_000).map((entry) => spool.load(entry)))
  return items.flatMap((item) => (item?.observation.kind === 'eviction' ? [item.observation] : []))
}

test.group('eviction', () => {
  test('a full spool gives up the oldest recordings first, then the oldest screenshots', async ({
    assert,
    cleanup,
  }) => {
    const { spool, put } = await aSpool(cleanup, 4)
    const media = []
    for (const kind of ['screenshot', 'recording', 'screenshot', 'recording'] as const) {
      media.push(await put(kind))
    }
    const event = await put('event')

    const taken = [await put('screenshot'), await put('screenshot'), await put('screenshot')]
    const [first, second, third, fourth] = media

    assert.isTrue(taken.every((item) => item !== null))
    assert.deepEqual(
      (await tombstones(spool)).map((item) => 'evicted_id' in item && item.evicted_id),
      [second?.id, fourth?.id, first?.id]
    )
    assert.isTrue(spool.has(third?.id ?? ''))
    assert.isTrue(spool.has(event?.id ?? ''))
    assert.isNull(spool.fullBecause())
  })

  test('a tombstone says what is missing, and the counters balance', async ({
    assert,
    cleanup,
  }) => {
    const { spool, put } = await aSpool(cleanup, 2)
    const first = await put('recording')
    await put('screenshot')
    await put('screenshot')

    const [tombstone] = await tombstones(spool)
    const [problem] = await evictionValidator.tryValidate(tombstone)

    assert.isNull(problem)
    assert.containsSubset(tombstone, {
      evicted_id: first?.id,
      evicted_seq: first?.seq,
      evicted_kind: 'recording',
      evicted_captured_at: first?.captured_at,
      bytes: BYTES,
      cause: 'quota',
    })
    assert.containsSubset(spool.counters(), { accepted: 4, evicted: 1, queued: 3 })
  })

  test('an item that was evicted while it was on its way counts once', async ({
    assert,
    cleanup,
  }) => {
    const { spool, put } = await aSpool(cleanup, 1)
    const first = await put('screenshot')
    await put('screenshot')

    await spool.settle([first?.id ?? ''])
    await spool.bury(first?.id ?? '', { code: 'E_X', reason: 'Late', field: null, attempts: 1 })

    assert.containsSubset(spool.counters(), { delivered: 0, evicted: 1, dead: 0, queued: 2 })
  })

  test('nothing is given up for an item that would not fit anyway', async ({ assert, cleanup }) => {
    const { spool, put } = await aSpool(cleanup, 2)
    await put('screenshot')
    const large = Buffer.alloc(BYTES * 5)

    const outcome = await spool.put(anEvent(spool, aScreenshot(large)), large)

    assert.containsSubset(outcome, { status: 'refused', cause: 'full' })
    assert.containsSubset(spool.counters(), { evicted: 0, queued: 1 })
  })

  test('what was evicted stays evicted after a start', async ({ assert, cleanup }) => {
    const { spool, folder, quota, put } = await aSpool(cleanup, 2)
    for (let count = 0; count < 5; count++) {
      await put('screenshot')
    }
    const before = spool.counters()
    await spool.close()

    const again = await Spool.open(folder, { quota })
    cleanup(() => again.close())

    const { accepted, evicted, queued } = again.counters()
    assert.isAtLeast(evicted, 3)
    assert.equal(accepted, evicted + queued)
    assert.containsSubset(before, { accepted, evicted, queued })
  })
})
