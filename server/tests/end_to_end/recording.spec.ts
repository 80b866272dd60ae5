import { World, until } from '#tests/support/world'
import { runToEnd } from '#services/first_run/processes'
import { test } from '@japa/runner'
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const SEGMENT_SECONDS = 3

test.group('Recordings on the server', (group) => {
  let world: World

  group.setup(async () => {
    world = await World.make({
      WORKSIGHT_RECORDING_ENABLED: 'true',
      WORKSIGHT_RECORDING_EVERY_MINUTES: '0',
      WORKSIGHT_RECORDING_FRAME_RATE: '5',
      WORKSIGHT_RECORDING_SEGMENT_SECONDS: String(SEGMENT_SECONDS),
    })
    const { enrolment_code: code } = await world.setUp()
    await world.startDisplay()
    await world.startServer()
    world.startDemo()
    await world.enrol(code)
    world.startAgent()
    await until(() => world.recordings().length > 1, 'recordings are on the server', 60)
    return () => world.end()
  })

  test('play, are as long as they say, and are what was sent to the byte', async ({ assert }) => {
    for (const recording of world.recordings().slice(0, 2)) {
      assert.equal(recording.complete, 1)
      assert.closeTo(recording.duration_ms, SEGMENT_SECONDS * 1000, 500)
      await assertPlays(assert, recording)
    }
  })

  test('of a recorder that was killed arrive up to its last whole second', async ({ assert }) => {
    const before = new Set(world.recordings().map(({ id }) => id))
    await intoSegment(world)

    for (const pid of await recorders(world)) {
      process.kill(pid, 'SIGKILL')
    }

    const cut = () => world.recordings().find(({ id, complete }) => !before.has(id) && !complete)
    await until(() => cut() !== undefined, 'the part that plays is on the server', 60)
    await assertPlays(assert, cut())
  }).timeout(150_000)

  test('of an agent that was killed arrive after its next start', async ({ assert }) => {
    await intoSegment(world)
    await world.killAgent()
    await until(async () => (await recorders(world)).length === 0, 'its recorder is gone too')
    const before = new Set(world.recordings().map(({ id }) => id))

    world.startAgent()

    const left = () => world.recordings().filter(({ id }) => !before.has(id))
    await until(() => left().length > 0, 'what was left is on the server', 60)
    await assertPlays(assert, left()[0])
  }).timeout(150_000)
})

type Recording = ReturnType<World['recordings']>[number]

/** That ffprobe reads the stored file, that it lasts as long as its row says, and has its hash. */
async function assertPlays(
  assert: { equal: Function; closeTo: Function },
  recording: Recording | undefined
) {
  const { path = '', duration_ms: durationMs = 0, sha256 = '' } = recording ?? {}
  const wanted = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path]
  const { code, stdout, stderr } = await runToEnd(['ffprobe', ...wanted], { cwd: '/', env: {} })
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  assert.closeTo(Number(stdout) * 1000, durationMs, 250)
  const digest = createHash('sha256').update(await readFile(path))
  assert.equal(digest.digest('hex'), sha256)
}

/** Waits until a segment has begun, and then until two seconds of it are there. */
async function intoSegment(world: World): Promise<void> {
  const folder = join(world.folder, 'agent/recording')
  const segments = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mp4'))
  const before = new Set(await segments())
  const hasBegun = async () => (await segments()).some((name) => !before.has(name))
  await until(hasBegun, 'a segment begins', 60)
  await wait(2200)
}

/** The recorders that work for the agent of this world. */
async function recorders(world: World): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
      const isOurs = folder.startsWith(join(world.folder, 'agent/recording'))
      return isOurs && program.endsWith('/ffmpeg') ? [Number(pid)] : []
    })
  )
  return found.flat()
}
