import { World, until } from '#tests/support/world'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** Seconds that the server is away. */
const AWAY_SECONDS = process.env.WORKSIGHT_TEST_LONG ? 30 : 8

/** How long the agent may take to come back to it: it waits longer after each failure, at random. */
const BACK_SECONDS = 30 + AWAY_SECONDS * 4

/** Milliseconds that each agent lives until it is killed: from before it captures to well after. */
const LIVES = Array.from({ length: 6 }, () => 200 + Math.round(Math.random() * 2000))

/** As `worksight-agent` documents it: another agent runs on this data folder. */
const ALREADY_RUNNING = 9

/** Stops the agent: its exit code, the numbers that it gave, and those that the server has. */
async function settle(world: World) {
  const startedAt = Date.now()
  const exitCode = await world.stopAgent()
  const tookMs = Date.now() - startedAt
  const { spool } = await world.agentStatus()
  const received = world.observations().map(({ seq }) => seq)
  const given = Array.from({ length: spool.accepted }, (_, index) => index + 1)
  return { exitCode, tookMs, queued: spool.queued, given, received }
}

/** Screenshots whose file is not what its row says. */
async function wrongFiles(world: World): Promise<string[]> {
  const shots = await Promise.all(
    world.screenshots().map(async ({ path, sha256 }) => {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0))
      return createHash('sha256').update(bytes).digest('hex') === sha256 ? [] : [path]
    })
  )
  return shots.flat()
}

/** Waits until the server has everything that the agent has taken so far. */
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
    const { spool } = await world.agentStatus()
    assert.isAtLeast(spool.queued, AWAY_SECONDS / 2)
    await world.startServer()

    await until(
      () => world.observations().length >= before + spool.queued,
      'what waited has come',
      BACK_SECONDS
    )
    await drained(world)
    const { given, received } = await settle(world)
    assert.deepEqual(received, given)
    assert.deepEqual(await wrongFiles(world), [])
  }).timeout((AWAY_SECONDS + BACK_SECONDS + 60) * 1000)

  test('nothing is lost and nothing doubled when the agent is killed again and again', async ({
    assert,
  }) => {
    const before = world.observations().length

    for (const life of LIVES) {
      await world.killAgent()
      world.startAgent()
      await wait(life)
    }

    await until(() => world.observations().length > before + 3, 'the agent sends again')
    await drained(world)
    const { given, received } = await settle(world)
    assert.deepEqual(received, given, `killed after ${LIVES.join(', ')} ms`)
    assert.deepEqual(await wrongFiles(world), [], `killed after ${LIVES.join(', ')} ms`)
  })

  test('an agent that is asked to stop leaves nothing behind and ends with 0', async ({
    assert,
  }) => {
    const { exitCode, tookMs, queued, given, received } = await settle(world)

    assert.equal(exitCode, 0)
    assert.isBelow(tookMs, 5000)
    assert.equal(queued, 0)
    assert.deepEqual(received, given)
  })

  test('a second agent on the same folder ends at once, and the first goes on', async ({
    assert,
  }) => {
    const { code, stderr } = await world.agentCommand('run')

    assert.equal(code, ALREADY_RUNNING)
    assert.include(stderr, 'found process')
    const before = world.screenshots().length
    await until(() => world.screenshots().length > before, 'the first agent captures')
    assert.isTrue((await world.agentStatus()).running)
  })
})
