import { test } from '@japa/runner'
import { SpoolGaps } from '../src/gaps.ts'
import type { GapDraft } from '../src/observation.ts'
import { Spool, type PutOutcome } from '../src/spool.ts'
import { anEvent, temporarySpool } from '../testing/main.ts'

const ROOMY = { quota: { minFreeBytes: 0, maxBytes: 1e12 } }
const FULL: PutOutcome = { status: 'refused', cause: 'full', reason: 'Full' }

function gapsOf(spool: Spool) {
  const recorded: GapDraft[] = []
  const gaps = new SpoolGaps({
    async record(draft) {
      recorded.push(draft)
      const outcome = await spool.put({
        ...anEvent(spool),
        ...draft,
        id: spool.ids.next(),
      } as never)
      return outcome.status === 'accepted' ? outcome : { status: 'refused', reason: 'Full' }
    },
    async keep(open) {
      await spool.keepGaps(open)
      return true
    },
    open: spool.openGaps,
  })
  const note = async (kind: 'heartbeat' | 'screenshot', now: number) =>
    gaps.note(kind, await spool.put(anEvent(spool)), now)
  return { gaps, recorded, note }
}

test.group('gaps of a full spool', () => {
  test('one begins when somebody asks to observe and the spool is full, and ends when it is not', async ({
    assert,
    cleanup,
  }) => {
    const { spool, remove } = await temporarySpool()
    cleanup(remove)
    const { gaps, recorded, note } = gapsOf(spool)

    gaps.asked('screenshot', true, 1_000)
    gaps.asked('screenshot', true, 2_000)
    await note('heartbeat', 3_000)
    const during = [...recorded]
    gaps.asked('screenshot', false, 4_000)
    await note('heartbeat', 5_000)
    await note('heartbeat', 6_000)

    assert.lengthOf(during, 0)
    assert.deepEqual(recorded, [
      {
        kind: 'gap',
        what: 'screenshot',
        cause: 'spool_full',
        from: '1970-01-01T00:00:01.000Z',
        until: '1970-01-01T00:00:04.000Z',
      },
    ])
    assert.deepEqual(spool.openGaps, {})
  })

  test('its start is still known after the agent was killed', async ({ assert, cleanup }) => {
    const { spool, folder, remove } = await temporarySpool()
    cleanup(remove)
    const before = gapsOf(spool)
    before.gaps.asked('screenshot', true, 1_000)
    await before.note('heartbeat', 2_000)
    await spool.settle(spool.oldest('events', 10).map(({ id }) => id))
    await spool.close()

    const again = await Spool.open(folder, ROOMY)
    cleanup(() => again.close())
    const after = gapsOf(again)
    await after.note('screenshot', 9_000)

    assert.containsSubset(after.recorded, [
      { what: 'screenshot', from: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:00:09.000Z' },
    ])
    assert.deepEqual(again.openGaps, {})
  })

  test('one that cannot be recorded yet is recorded later, as it was', async ({
    assert,
    cleanup,
  }) => {
    const { spool, remove } = await temporarySpool()
    cleanup(remove)
    const { gaps, recorded, note } = gapsOf(spool)
    await gaps.note('screenshot', FULL, 1_000)
    gaps.asked('screenshot', false, 2_000)
    gaps.asked('screenshot', true, 3_000)
    gaps.asked('screenshot', false, 4_000)

    await note('heartbeat', 5_000)

    assert.containsSubset(recorded, [
      { from: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:00:04.000Z' },
    ])
  })
})
