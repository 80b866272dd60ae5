import fc from 'fast-check'
import { test } from '@japa/runner'
import type { Disk } from '../src/disk.ts'
import { isLong } from '../testing/main.ts'
import { withoutFileSync, withoutFolderSync } from '../testing/crash_fs.ts'
import { ACTIONS, liveThrough, type Life } from '../testing/power_loss.ts'

const life: fc.Arbitrary<Life> = fc.record({
  actions: fc.array(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 10 }),
  operations: fc.integer({ min: 1, max: 250 }),
})
const lives = fc.array(life, { minLength: 1, maxLength: 4 })
const seeds = fc.integer({ min: 0, max: 0xffffffff })

/** Searches for a sequence of lives after which something is wrong. */
function search(numRuns: number, disguise?: (disk: Disk) => Disk) {
  const took = { lost: 0, accepted: 0 }
  const property = fc.asyncProperty(lives, seeds, async (sequence, seed) => {
    const { lost, accepted } = await liveThrough(sequence, seed, disguise)
    took.lost += lost
    took.accepted += accepted
  })
  return fc.check(property, { numRuns }).then((details) => ({ details, took }))
}

test.group('power loss', () => {
  test('in {0} random sequences nothing accepted is lost, torn or doubled')
    .with([[isLong ? 100_000 : 5_000]] as const)
    .run(async ({ assert }, [runs]) => {
      const { details, took } = await search(runs)

      assert.isFalse(details.failed, fc.defaultReportMessage(details))
      assert.equal(details.numRuns, runs)
      assert.isAbove(took.lost, runs)
      assert.isAbove(took.accepted, runs)
    })
    .timeout(600_000)

  test('is seen at once where {0} is left out')
    .with([
      ['the sync of a file before its rename', withoutFileSync],
      ['the sync of the folder after it', withoutFolderSync],
    ] as const)
    .run(async ({ assert }, [, mutant]) => {
      const { details } = await search(1_000, mutant)

      assert.isTrue(details.failed)
      assert.match(
        String(details.errorInstance),
        /is lost|is corrupt|makes no corrupt item|do not balance|given out again|came back/
      )
    })
})
