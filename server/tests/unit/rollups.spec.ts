import Activity from '#models/activity'
import type Agent from '#models/agent'
import User from '#models/user'
import { deleteActivity } from '#services/activity_removal'
import { fits, ruleFor, type Rule } from '#services/categories/rules'
import { ingestEvents } from '#services/ingest'
import { removeMedia } from '#services/media_removal'
import { rebuildRollups } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import Screenshot from '#models/screenshot'
import { putScreenshot } from '#tests/support/activity'
import { cleanDatabase } from '#tests/support/clean'
import { heartbeat, uuidv7 } from '#tests/support/observations'
import { makeAgent, makeUser } from '#tests/support/people'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import fc from 'fast-check'
import { DateTime } from 'luxon'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TABLES = [
  'rollup_hours',
  'rollup_hour_categories',
  'rollup_days',
  'rollup_day_categories',
  'work_sessions',
] as const

/** Everything that was counted, in a fixed order. */
async function counted() {
  const all: Record<string, string[]> = {}
  for (const table of TABLES) {
    const rows: object[] = await db.from(table)
    all[table] = rows.map((row) => JSON.stringify(row)).sort()
  }
  return all
}

type Event = {
  readonly kind: 'window' | 'presence'
  readonly word: string
  from: number
  until: number
}

/** Four zones, each around a change of its clock. */
const CHANGES: readonly [zone: string, around: string][] = [
  ['Europe/Berlin', '2026-10-24T22:00:00Z'],
  ['America/New_York', '2026-10-31T23:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T10:00:00Z'],
  ['Asia/Kolkata', '2026-10-24T12:00:00Z'],
]

const STEP = 7 * MINUTE
const events = fc.array(
  fc.tuple(
    fc.constantFrom('window', 'presence' as const),
    fc.nat({ max: 2 }),
    fc.nat({ max: 300 }),
    fc.integer({ min: 1, max: 30 }),
    fc.nat({ max: 1 })
  ),
  { minLength: 1, maxLength: 30 }
)

/** Heartbeats a minute apart that say the same: agent, first minute, how many, and what. */
const beats = fc.array(
  fc.tuple(
    fc.nat({ max: 1 }),
    fc.nat({ max: 2400 }),
    fc.integer({ min: 1, max: 90 }),
    fc.constantFrom('active', 'afk' as const)
  ),
  { maxLength: 12 }
)

type BeatAt = { readonly agent: number; readonly at: number; readonly state: 'active' | 'afk' }

/** A heartbeat says its state until the next one of its agent, or for this long. */
const HOLDS = 150_000

const beatMessage = ({ at, state }: BeatAt, seq: number) =>
  heartbeat(seq, { id: uuidv7(at), captured_at: new Date(at).toISOString(), state })

const APPS = ['Code', 'Slack', 'Unheard of'] as const
const STATES = ['active', 'active', 'afk'] as const

function messageOf(event: Event, seq: number) {
  const common = {
    id: uuidv7(event.from),
    seq,
    captured_at: new Date(event.from).toISOString(),
    utc_offset_minutes: 0,
    policy_version: 0,
    kind: event.kind,
    duration_ms: event.until - event.from,
    pulsetime_ms: 5 * MINUTE,
  }
  return event.kind === 'window'
    ? { ...common, app: event.word, title: null, domain: null, pid: null }
    : { ...common, state: event.word, active_ms: 0, slot_ms: 10_000 }
}

/** Half minute by half minute, how long a person was active: counted without any of the services. */
function naiveActiveMs(
  all: readonly (Event & { agent: number })[],
  said: readonly BeatAt[],
  from: number,
  until: number
) {
  const STEP_MS = MINUTE / 2
  let active = 0
  for (let at = from; at < until; at += STEP_MS) {
    const isActive = [0, 1].some((agent) => {
      const stream = all.filter((one) => one.kind === 'presence' && one.agent === agent)
      const there = stream.filter((one) => one.from <= at && at < one.until)
      if (there.length > 0) {
        return there.some(({ word }) => word === 'active')
      }
      const before = Math.max(
        -Infinity,
        ...stream.filter((one) => one.until <= at).map((one) => one.until)
      )
      const after = Math.min(
        Infinity,
        ...stream.filter((one) => one.from > at).map((one) => one.from)
      )
      const onBothSides = ['active', 'afk'].filter(
        (state) =>
          after - before <= 5 * MINUTE &&
          stream.some((one) => one.until === before && one.word === state) &&
          stream.some((one) => one.from === after && one.word === state)
      )
      if (onBothSides.length > 0) {
        return onBothSides.includes('active')
      }
      const last = said.findLast((beat) => beat.agent === agent && beat.at <= at)
      return last !== undefined && at - last.at < HOLDS && last.state === 'active'
    })
    active += isActive ? STEP_MS : 0
  }
  return active
}

test.group('Sums of random observations', (group) => {
  cleanDatabase(group)

  for (const [zone, around] of CHANGES) {
    test(`equal a recount, late, repeated, out of order and deleted, across the clock of ${zone}`, async ({
      assert,
    }) => {
      const start = Date.parse(around)
      const person = await makeUser('member')
      await person.merge({ timeZone: zone }).save()
      const agents = [await makeAgent(person), await makeAgent(person)].map(({ agent }) => agent)
      await db.table('categories').insert({ id: 1, name: 'Work', value: 'productive' })
      await db.table('category_rules').insert({ category_id: 1, priority: 1, app: 'code' })
      let seq = 0

      await fc.assert(
        fc.asyncProperty(events, beats, fc.integer(), async (drafts, beaten, salt) => {
          for (const table of [
            'activities',
            'heartbeats',
            ...TABLES,
            'dirty_hours',
            'dirty_days',
            'deletions',
          ]) {
            await db.from(table).delete()
          }
          const all = drafts.map(([kind, word, from, length, agent]) => ({
            kind,
            word: (kind === 'window' ? APPS[word] : STATES[word]) as string,
            from: start + from * STEP,
            until: start + (from + length) * STEP,
            agent,
          }))
          const shuffled = [...all].sort(
            (a, b) => ((a.from * 31 + salt) % 97) - ((b.from * 31 + salt) % 97)
          )
          const late = shuffled.splice(0, Math.floor(shuffled.length / 3))
          const moments = new Map<string, BeatAt>()
          for (const [agent, first, count, state] of beaten) {
            for (let minute = first; minute < first + count; minute += 1) {
              moments.set(`${agent} ${minute}`, { agent, at: start + minute * MINUTE, state })
            }
          }
          const said = [...moments.values()].sort((a, b) => a.at - b.at)
          const messages = new Map<Event, ReturnType<typeof messageOf>>()
          for (const [index, some] of [shuffled, late].entries()) {
            for (const agentIndex of [0, 1]) {
              const own = some.filter(({ agent }) => agent === agentIndex)
              const batch: object[] = own.map((event) => {
                const message = messageOf(event, (seq += 1))
                messages.set(event, message)
                return message
              })
              const isLate = ({ at }: BeatAt) => (at / MINUTE + salt) % 3 === 0
              batch.push(
                ...said
                  .filter((beat) => beat.agent === agentIndex && isLate(beat) === (index === 1))
                  .map((beat) => beatMessage(beat, (seq += 1)))
              )
              const agent = agents[agentIndex] as Agent
              await ingestEvents(agent, batch)
              await ingestEvents(agent, batch.slice(0, 2))
            }
            await settleRollups()
          }
          const isDeleted = (event: Event) => (event.from / STEP + salt) % 4 === 0
          const deleted = all.filter(isDeleted)
          for (const event of deleted) {
            const sent = messages.get(event) as ReturnType<typeof messageOf>
            const row = await Activity.query().where('id', sent.id).preload('agent').firstOrFail()
            await deleteActivity('command', row)
            const again = await ingestEvents(row.agent, [sent])
            assert.deepEqual(
              again.map(({ result }) => result),
              ['duplicate']
            )
          }
          await settleRollups()
          const left = all.filter((event) => !isDeleted(event))

          const kept = await counted()
          const days: { active_ms: number }[] = await db.from('rollup_days')
          const hours: { active_ms: number; agent_id: number; heartbeats: number }[] =
            await db.from('rollup_hours')
          assert.equal(
            hours.reduce((total, hour) => total + Number(hour.heartbeats), 0),
            said.length
          )
          const sum = (rows: readonly { active_ms: number }[]) =>
            rows.reduce((total, row) => total + Number(row.active_ms), 0)
          assert.equal(sum(days), naiveActiveMs(left, said, start - HOUR, start + 400 * STEP))
          for (const index of [0, 1]) {
            const own = left.filter(({ agent }) => agent === index)
            assert.equal(
              sum(hours.filter(({ agent_id: id }) => id === agents[index]?.id)),
              naiveActiveMs(
                own,
                said.filter(({ agent }) => agent === index),
                start - HOUR,
                start + 400 * STEP
              )
            )
          }
          await rebuildRollups()
          assert.deepEqual(await counted(), kept)
        }),
        { numRuns: 12 }
      )
    }).timeout(120_000)
  }

  test('forget what was deleted', async ({ assert }) => {
    const person = await makeUser('member')
    const { agent } = await makeAgent(person)
    const at = Date.parse('2026-11-19T10:00:00Z')
    const id = await putScreenshot(agent, at, 700)
    await putScreenshot(agent, at + MINUTE, 300)
    await rebuildRollups()
    assert.include((await db.from('rollup_days'))[0], { screenshots: 2, bytes: 1000 })

    await removeMedia(await Screenshot.findOrFail(id))
    await settleRollups()

    assert.include((await db.from('rollup_days'))[0], { screenshots: 1, bytes: 300 })
    assert.include((await db.from('rollup_hours'))[0], { screenshots: 1, bytes: 300 })
  })

  test('are kept by the marks when counting stops before its end', async ({ assert }) => {
    const { agent } = await makeAgent(await makeUser('member'))
    const from = Date.parse('2026-11-19T10:00:00Z')
    const event = { kind: 'presence' as const, word: 'active', from, until: from + HOUR }
    await ingestEvents(agent, [messageOf(event, 1)])

    await settleRollups(0)
    assert.isEmpty(await db.from('rollup_days'))
    assert.isNotEmpty(await db.from('dirty_hours'))
    await settleRollups()

    assert.include((await db.from('rollup_days'))[0], { active_ms: HOUR })
    assert.isEmpty(await db.from('dirty_hours'))
    assert.isEmpty(await db.from('dirty_days'))
  })

  test('name the day by the zone that the person had on it', async ({ assert }) => {
    const person = await makeUser('member')
    await person.merge({ timeZone: 'America/New_York' }).save()
    await db
      .table('former_zones')
      .insert({ user_id: person.id, until_day: '2026-11-10', time_zone: 'Europe/Berlin' })
    const { agent } = await makeAgent(await User.findOrFail(person.id))
    const at = (day: number) =>
      DateTime.fromObject({ year: 2026, month: 11, day, hour: 15 }, { zone: 'utc' }).toMillis()
    for (const [index, day] of [9, 10].entries()) {
      const event = {
        kind: 'presence' as const,
        word: 'active',
        from: at(day),
        until: at(day) + HOUR,
      }
      await ingestEvents(agent, [messageOf(event, index + 1)])
    }
    await settleRollups()

    const days: { day: string; time_zone: string }[] = await db.from('rollup_days').orderBy('day')
    assert.deepEqual(
      days.map(({ day, time_zone: zone }) => [day, zone]),
      [
        ['2026-11-09', 'Europe/Berlin'],
        ['2026-11-10', 'America/New_York'],
      ]
    )
  })
})

test.group('Rules of categories', () => {
  test('"{pattern}" takes "{text}": {takes}')
    .with([
      { pattern: 'code', text: 'Code', takes: true },
      { pattern: 'code', text: 'VS Code', takes: false },
      { pattern: '*code', text: 'VS Code', takes: true },
      { pattern: '*code*', text: 'decoder', takes: true },
      { pattern: 'a*a', text: 'a', takes: false },
      { pattern: '*', text: '', takes: true },
      { pattern: 'a*b*c', text: 'aXbYc', takes: true },
      { pattern: 'a*b*c', text: 'aXcYb', takes: false },
      { pattern: '.*', text: 'anything', takes: false },
    ])
    .run(({ assert }, { pattern, text, takes }) => {
      assert.equal(fits(pattern, text), takes)
    })

  test('a star is the star of a regular expression, whatever else stands there', ({ assert }) => {
    const word = fc.string({ maxLength: 6, unit: fc.constantFrom('a', 'b', '*', '.') })
    fc.assert(
      fc.property(word, word, (pattern, text) => {
        const parts = pattern.split('*').map((part) => part.replaceAll('.', '\\.'))
        const expression = new RegExp(`^${parts.join('[^]*')}$`, 'i')
        assert.equal(fits(pattern, text), expression.test(text))
      })
    )
  })

  test('the highest priority decides, then the oldest; all patterns of a rule must fit', ({
    assert,
  }) => {
    const rule = (id: number, facts: Partial<Rule>): Rule => ({
      id,
      categoryId: id,
      priority: 1,
      app: null,
      title: null,
      domain: null,
      ...facts,
    })
    const rules = [
      rule(3, { app: 'firefox', domain: 'github.com' }),
      rule(1, { app: 'firefox' }),
      rule(2, {}),
    ]
    const window = { app: 'Firefox', title: null, domain: null }

    assert.equal(ruleFor(rules, { ...window, domain: 'github.com' })?.id, 3)
    assert.equal(ruleFor(rules, window)?.id, 1)
    assert.isNull(ruleFor(rules, { ...window, app: 'vim' }))
  })
})
