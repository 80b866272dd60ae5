import { test } from '@japa/runner'
import { countColours, isBlack, sameFrame } from './frame_hash.ts'
import type { Frame } from './screen_source.ts'
import { SIMULATED_COLOURS, SimulatedSource } from './simulated_source.ts'

const soon = () => AbortSignal.timeout(50_000)

function shareOf(colour: string, frame: Frame): number {
  let count = 0
  for (let at = 0; at < frame.data.length; at += 3) {
    count += `#${frame.data.toString('hex', at, at + 3)}` === colour ? 1 : 0
  }
  return count / (frame.width * frame.height)
}

test.group('SimulatedSource', () => {
  test('draws a large band with words in it, and says that it is simulated', async ({ assert }) => {
    const source = new SimulatedSource()

    const [frame] = await source.capture(soon())

    assert.isTrue(source.simulated)
    assert.containSubset(frame, { width: 1280, height: 720, layout: 'rgb' })
    if (frame) {
      assert.isFalse(isBlack(frame))
      assert.closeTo(shareOf(SIMULATED_COLOURS.band, frame), 0.2, 0.03)
      assert.isAbove(shareOf(SIMULATED_COLOURS.text, frame), 0.004)
      assert.isAbove(countColours(frame, 100), 3)
    }
  })

  test('shows the time', async ({ assert }) => {
    const at = async (time: string) => {
      const [frame] = await new SimulatedSource(() => new Date(time)).capture(soon())
      return frame ?? assert.fail('no frame')
    }

    const noon = await at('2026-11-22T12:00:00Z')

    assert.isTrue(sameFrame(noon, await at('2026-11-22T12:00:00Z')))
    assert.isFalse(sameFrame(noon, await at('2026-11-22T12:00:01Z')))
  })
})
