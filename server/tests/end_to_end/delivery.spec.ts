import { World, until } from '#tests/support/world'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** Seconds that the server is away. */
const AWAY_SECONDS = process.env.WORKSIGHT_TEST_LONG ? 30 : 6

/** 1, 2, 3 … without a hole and without a double, and each file is what its row says. */
async function isComplete(world: World): Promise<{ numbers: number[]; wrongFiles: string[] }> {
  const numbers = world.observations().map(({ seq }) => seq)
  const wrongFiles: string[] = []
  for (const { path, sha256 } of world.screenshots()) {
    const found = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    if (found !== sha256) {
      wrongFiles.push(path)
    }
  }
  return { numbers, wrongFiles }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

async function drained(world: World) {
  await until(async () => {
    const { spool } = await world.agentStatus()
    return spool.queued === 0 && spool.accepted === world.observations().length
  }, 'the spool is empty and everything is on the server')
}

test.group('Delivery, with real processes', (group) => {
  let world: World

  group.each.setup(async () => {
    world = await World.make()
    const { enrolment_code: code } = await world.setUp()
    await world.startDisplay()
    await world.startServer()
    world.startDemo()
    await world.enrol(code)
    world.startAgent()
    await until(() => world.screenshots().length > 1, 'two screenshots are on the server')
    return () => world.end()
  })

  test('nothing is lost and nothing doubled when the server is killed and comes back', async ({
    assert,
  }) => {
    const before = world.observations().length

    await world.killServer()
    await wait(AWAY_SECONDS * 1000)
    await world.startServer()

    await until(() => world.observations().length > before + AWAY_SECONDS, 'what waited has come')
    await drained(world)
    const { numbers, wrongFiles } = await isComplete(world)
    assert.deepEqual(numbers, upTo(numbers.length))
    assert.deepEqual(wrongFiles, [])
  })

  test('nothing is lost and nothing doubled when the agent is killed again and again', async ({
    assert,
  }) => {
    for (const pause of [700, 1300, 250, 1900]) {
      await world.killAgent()
      world.startAgent()
      await wait(pause)
    }

    const before = world.observations().length
    await until(() => world.observations().length > before + 3, 'the agent sends again')
    await drained(world)
    const { numbers, wrongFiles } = await isComplete(world)
    assert.isAbove(numbers.length, 5)
    assert.deepEqual(numbers, upTo(numbers.length))
    assert.deepEqual(wrongFiles, [])
  })

  test('an agent that is asked to stop leaves nothing behind and ends with 0', async ({
    assert,
  }) => {
    const startedAt = Date.now()

    const code = await world.stopAgent()

    assert.equal(code, 0)
    assert.isBelow(Date.now() - startedAt, 5000)
    const { spool, running } = await world.agentStatus()
    assert.isFalse(running)
    assert.equal(spool.queued, 0)
  })
})
