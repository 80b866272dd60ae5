import { until, World } from '#tests/support/world'
import { test } from '@japa/runner'
import { setTimeout as wait } from 'node:timers/promises'

type Status = { policy: { version: number; pending: { version: number; wider: string[] } | null } }
type Sent = { sent: { observation: { kind: string; captured_at: string } }[] }
type Explained = {
  version: number
  values: {
    key: string
    value: unknown
    from: string
    version: number | null
    refused: { level: string; value: unknown; why: string; by: string }[]
  }[]
}

const KEY = 'screenshot.interval_seconds'
/** The longest that a running agent lets the server hold one question, in seconds: one poll. */
const POLL_SECONDS = 25

test.group('A policy', (group) => {
  let world: World
  let owner: string

  group.setup(async () => {
    world = await World.make({ WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS: '0.5' })
    const made = await world.setUp()
    owner = made.owner.email
    await Promise.all([world.startDisplay(640, 480), world.startServer()])
    await world.enrol(made.enrolment_code)
    world.startAgent()
    await until(async () => (await looks()).length > 1, 'the agent looks at the screen')
    return () => world.end()
  })

  const status = async () =>
    (JSON.parse((await world.agentCommand('status', '--json')).stdout) as Status).policy

  /** When the agent looked at the screen, by its own record, in milliseconds. */
  const looks = async () => {
    const { stdout } = await world.agentCommand('what', '--json')
    return ((JSON.parse(stdout || '{"sent":[]}') as Sent).sent ?? [])
      .filter(({ observation: { kind } }) => ['screenshot', 'unchanged_screen'].includes(kind))
      .map(({ observation }) => Date.parse(observation.captured_at))
  }

  const publish = (...flags: string[]) =>
    world.run<{ version: number }>('policy:publish', '--yes', ...flags)

  /** A value below a locked one, and what is said about it. */
  const explained = async () => {
    await publish(`${KEY}=600`, '--person', owner)
    const { values } = await world.run<Explained>('policy:explain', '--agent=1')
    return values.find(({ key }) => key === KEY)
  }

  test('that narrows holds within a poll; one that widens is there as soon and waits until it is acknowledged', async ({
    assert,
  }) => {
    const narrow = await publish(`${KEY}=600`)
    await until(
      async () => (await status()).version === narrow.version,
      'the narrower policy holds',
      POLL_SECONDS
    )
    const narrowedAt = Date.now()

    const wide = await publish(`${KEY}=5`, `--lock=${KEY}`, '--dpia=2026-4')
    await until(
      async () => (await status()).pending?.version === wide.version,
      'the wider policy is there and waits',
      POLL_SECONDS
    )
    const waiting = await status()
    await wait(5_500)
    const before = await looks()

    const { sha256 } = JSON.parse((await world.agentCommand('notice', '--json')).stdout)
    const { code } = await world.agentCommand('acknowledge', sha256)
    const acknowledgedAt = Date.now()
    const [chain] = await Promise.all([
      explained(),
      until(
        async () => (await looks()).some((at) => at > acknowledgedAt),
        'it looks as often as the wider policy says'
      ),
    ])

    assert.deepInclude(waiting, {
      version: narrow.version,
      pending: { version: wide.version, wider: [KEY] },
    })
    assert.deepEqual(
      before.filter((at) => at > narrowedAt),
      [],
      'nothing was captured while the wider policy waited'
    )
    assert.equal(code, 0)
    assert.isNull((await status()).pending)
    assert.deepInclude(chain, { value: 5, from: 'organisation', version: wide.version })
    assert.deepEqual(chain?.refused, [
      { level: 'person', value: 600, why: 'locked', by: 'organisation' },
    ])
  }).timeout(120_000)
})
