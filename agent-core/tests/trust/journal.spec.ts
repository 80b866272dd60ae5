import { test } from '@japa/runner'
import type { Observation } from '../../src/observation.ts'
import { Journal } from '../../src/trust/journal.ts'
import { aHeartbeat, aScreenshot, ManualClock } from '../../testing/main.ts'

const MINUTE = 60_000
const observed = (id: string, draft: object = aHeartbeat()) => ({ ...draft, id }) as Observation
const ids = (entries: readonly { observation: Observation }[]) =>
  entries.map(({ observation }) => observation.id)

test.group('Journal', () => {
  test('shows what was recorded, newest first, and what became of it', ({ assert }) => {
    const journal = new Journal(new ManualClock())

    journal.recorded(observed('a'), undefined)
    journal.recorded(observed('b'), Buffer.from('1234'))
    journal.settled({ id: 'a' }, { status: 'accepted' })

    assert.containsSubset(journal.entries(), [
      { observation: { id: 'b' }, bytes: 4, verdict: null },
      { observation: { id: 'a' }, bytes: 0, verdict: 'accepted' },
    ])
  })

  test('forgets after an hour', ({ assert }) => {
    const clock = new ManualClock()
    const journal = new Journal(clock)
    journal.recorded(observed('a'), undefined)
    clock.jump(59 * MINUTE)
    journal.recorded(observed('b'), undefined)

    clock.jump(2 * MINUTE)

    assert.deepEqual(ids(journal.entries()), ['b'])
  })

  test('keeps the twelve newest pictures, and none that was taken back', ({ assert }) => {
    const journal = new Journal(new ManualClock())
    const bytes = Buffer.from('picture')
    for (let at = 0; at < 20; at += 1) {
      journal.recorded(observed(`p${at}`, aScreenshot(bytes)), bytes)
    }
    journal.withdraw('p19')

    assert.lengthOf(journal.pictures(), 11)
    assert.equal(ids(journal.pictures())[0], 'p18')
    assert.isNull(journal.picture('p19'))
    assert.isNull(journal.picture('p0'))
    assert.lengthOf(journal.entries(), 19)
  })

  test('keeps at most 24 MiB of pictures', ({ assert }) => {
    const journal = new Journal(new ManualClock())
    const bytes = Buffer.alloc(10 * 1024 * 1024)
    for (const id of ['a', 'b', 'c']) {
      journal.recorded(observed(id, aScreenshot(Buffer.from('x'))), bytes)
    }

    assert.deepEqual(ids(journal.pictures()), ['c', 'b'])
  })
})
