import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { defineSite } from '../src/define_site.ts'
import { IdentityStore } from '../src/identity.ts'
import { acknowledge, noticeOf } from '../src/notice.ts'
import { AgentRuntime } from '../src/runtime.ts'
import type { Span } from '../src/working_hours.ts'
import { aScreenshot, FakeServer, isLong, ManualClock, temporaryFolder } from '../testing/main.ts'

const PUTS = join(import.meta.dirname, '../testing/puts.ts')
const PICTURE = Buffer.from('a picture')
const STEP_MS = isLong ? 60_000 : 600_000
const HOUR_MS = 3_600_000
/** Two days. */
const STEPS = (48 * HOUR_MS) / STEP_MS

/** The days on which the clocks change, forwards and back; where they never do, two others. */
const CHANGES = [
  ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z'],
  ['America/New_York', '2026-03-07T12:00:00Z', '2026-10-31T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-04-04T12:00:00Z'],
  ['Asia/Kolkata', '2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z'],
] as const

const NINE_TO_FIVE: readonly Span[] = [['09:00', '17:00']]
const DAYS = {
  monday: NINE_TO_FIVE,
  tuesday: NINE_TO_FIVE,
  wednesday: NINE_TO_FIVE,
  thursday: NINE_TO_FIVE,
  friday: NINE_TO_FIVE,
  saturday: NINE_TO_FIVE,
  sunday: NINE_TO_FIVE,
}

type Cleanup = (work: () => Promise<void>) => void

async function anAgent(cleanup: Cleanup, zone: string, clock: ManualClock) {
  const server = await FakeServer.start()
  const { path, remove } = await temporaryFolder()
  const site = defineSite({
    name: 'test',
    plugins: [],
    spool: { minFreeBytes: 0, maxBytes: 1e12 },
    workingHours: { zone, days: DAYS },
  })
  const identity = {
    server: server.url,
    agentId: 7,
    name: 'desk',
    site: 'test',
    person: 'Dana Reyes',
    token: server.token,
  }
  new IdentityStore(path).save(identity, acknowledge(noticeOf(site), 0))
  const agent = new AgentRuntime({ site, dataDir: path, clock, random: () => 0 })
  cleanup(async () => {
    await agent.stop()
    await server.stop()
    await remove()
  })
  await agent.start()
  return agent
}

/** Tries to take a picture at each step, and answers what was taken. */
async function look(agent: AgentRuntime, clock: ManualClock, steps: number) {
  const taken = []
  for (let step = 0; step < steps; step++) {
    const outcome = await agent.record(aScreenshot(PICTURE), PICTURE)
    if (outcome.status === 'accepted') {
      taken.push(outcome.observation)
    }
    clock.jump(STEP_MS)
  }
  return taken
}

/** Whether the clock on the wall, as the platform knows it, shows between nine and five. */
function isWithin(timeZone: string, instant: string): boolean {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' })
  const hour = Number(format.format(new Date(instant)))
  return hour >= 9 && hour < 17
}

test.group('the clock', () => {
  for (const [zone, ...days] of CHANGES) {
    test(`in ${zone}, over both changes of the clocks, nothing is taken outside hours and ids are in order`, async ({
      assert,
      cleanup,
    }) => {
      for (const day of days) {
        const clock = new ManualClock(day)
        const agent = await anAgent(cleanup, zone, clock)

        const taken = await look(agent, clock, STEPS)

        const ids = taken.map(({ id }) => id)
        const start = Date.parse(day)
        const within = Array.from({ length: STEPS }, (_, step) => new Date(start + step * STEP_MS))
          .map((moment) => moment.toISOString())
          .filter((moment) => isWithin(zone, moment))
        assert.deepEqual(
          taken.map(({ captured_at: at }) => at),
          within
        )
        assert.isAbove(within.length, 0)
        assert.deepEqual(ids, [...new Set(ids)].sort())
      }
    }).timeout(180_000)
  }

  test('set an hour on and back again and again, it brings nothing outside hours and no id out of order', async ({
    assert,
    cleanup,
  }) => {
    const clock = new ManualClock('2026-06-01T05:00:00Z')
    const agent = await anAgent(cleanup, 'Europe/Berlin', clock)
    const taken = []
    for (const jump of [
      HOUR_MS,
      -HOUR_MS,
      -HOUR_MS,
      HOUR_MS,
      -3 * HOUR_MS,
      5 * HOUR_MS,
      -HOUR_MS,
    ]) {
      taken.push(...(await look(agent, clock, (4 * HOUR_MS) / STEP_MS)))
      clock.jump(jump)
    }

    const ids = taken.map(({ id }) => id)
    assert.isAbove(taken.length, 40)
    assert.deepEqual(
      taken.filter(({ captured_at: at }) => !isWithin('Europe/Berlin', at)),
      []
    )
    assert.deepEqual(ids, [...new Set(ids)].sort())
    assert.deepEqual(
      taken.map(({ seq }) => seq),
      taken.map((_, index) => index + 1)
    )
  }).timeout(60_000)

  test('of the machine in 1970, 2038 and an hour on and back: ids are unique and in order over all starts', async ({
    assert,
    cleanup,
  }) => {
    const { path, remove } = await temporaryFolder()
    cleanup(remove)
    const spool = join(path, 'spool')
    const ids: string[] = []
    for (const moment of [
      '2026-11-22 10:00:00',
      '2026-11-22 11:00:00',
      '2026-11-22 09:00:00',
      '1970-01-01 00:00:10',
      '2038-01-19 03:14:05',
      '2038-01-19 03:14:09',
      '1970-01-01 00:00:10',
      '2026-11-22 10:00:00',
    ]) {
      const command = [
        '--exclude-monotonic',
        '-f',
        `@${moment}`,
        process.execPath,
        PUTS,
        spool,
        '10',
      ]
      const { stdout } = await promisify(execFile)('faketime', command)
      ids.push(...[...stdout.matchAll(/^accepted (\S+)/gm)].map(([, id]) => id ?? ''))
    }

    assert.lengthOf(ids, 80)
    assert.deepEqual(ids, [...new Set(ids)].sort())
  }).timeout(60_000)
})
