import {
  addDays,
  dayOf,
  daysBetween,
  isDay,
  startOfDay,
  zoneOn,
  type Calendar,
} from '#services/timeline/calendar'
import type { Observed } from '#services/timeline/observed'
import { coverageOf, personDay } from '#services/timeline/person_day'
import { LONGEST_CARRY_MS, runs, sessionsIn, windowOfDay } from '#services/timeline/sessions'
import { STATES } from '#services/timeline/presence'
import { total, type Span } from '#services/timeline/spans'
import { test } from '@japa/runner'
import fc from 'fast-check'

const HOUR = 3_600_000
const MINUTE = 60_000
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']

const calendar = (zone: string, formerZones: Calendar['formerZones'] = []): Calendar => ({
  zone,
  formerZones,
  dayStartMinutes: 240,
})
const berlin = calendar('Europe/Berlin')
const at = (text: string) => Date.parse(text)

const presence = (
  agentId: number,
  ...events: readonly [state: 'active' | 'afk' | 'locked', from: string, until: string][]
): Observed => ({
  agentId,
  windows: [],
  beats: [],
  gaps: [],
  presence: events.map(([state, from, until]) => ({
    state,
    from: at(from),
    until: at(until),
    pulsetimeMs: 60_000,
  })),
})

test.group('Days of a person', () => {
  test('begin at four on the wall of the person, also when the clock changes', ({ assert }) => {
    assert.equal(startOfDay(berlin, '2026-03-28'), at('2026-03-28T04:00:00+01:00'))
    assert.equal(startOfDay(berlin, '2026-03-29'), at('2026-03-29T04:00:00+02:00'))
    assert.equal(startOfDay(berlin, '2026-10-25'), at('2026-10-25T04:00:00+01:00'))
    assert.equal(startOfDay(berlin, '2026-10-25') - startOfDay(berlin, '2026-10-24'), 25 * HOUR)
    assert.equal(startOfDay(berlin, '2026-03-29') - startOfDay(berlin, '2026-03-28'), 23 * HOUR)
  })

  test('keep the zone that the person had when the person moves', ({ assert }) => {
    const moved = calendar('America/New_York', [{ until: '2026-11-10', zone: 'Europe/Berlin' }])

    assert.equal(zoneOn(moved, '2026-11-09'), 'Europe/Berlin')
    assert.equal(zoneOn(moved, '2026-11-10'), 'America/New_York')
    assert.equal(startOfDay(moved, '2026-11-10') - startOfDay(moved, '2026-11-09'), 30 * HOUR)
  })

  test('hold every instant once, in every zone, whatever the clock does', ({ assert }) => {
    const instant = fc.integer({ min: at('2026-01-02T00:00:00Z'), max: at('2027-12-30T00:00:00Z') })
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instant, (zone, time) => {
        const own = calendar(zone)
        const day = dayOf(own, time)

        assert.isAtMost(startOfDay(own, day), time)
        assert.isAbove(startOfDay(own, addDays(day, 1)), time)
      })
    )
  })

  test('are known by their name alone', ({ assert }) => {
    assert.isTrue(isDay('2026-02-28'))
    assert.isFalse(isDay('2026-02-29'))
    assert.isFalse(isDay('2026-2-3'))
    assert.isFalse(isDay(['2026-02-28']))
    assert.deepEqual(daysBetween('2026-02-27', '2026-03-01'), [
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
    ])
  })
})

test.group('Work sessions', () => {
  test('a night shift is whole and belongs to the day it began in', ({ assert }) => {
    const shift = presence(
      1,
      ['active', '2026-11-19T22:00:00+01:00', '2026-11-20T02:00:00+01:00'],
      ['active', '2026-11-20T03:00:00+01:00', '2026-11-20T06:30:00+01:00']
    )

    const evening = personDay(berlin, '2026-11-19', [shift])
    const morning = personDay(berlin, '2026-11-20', [shift])

    assert.lengthOf(evening.sessions, 1)
    assert.equal(evening.times.activeMs, 7.5 * HOUR)
    assert.equal(evening.window.until, at('2026-11-20T06:30:00+01:00'))
    assert.lengthOf(morning.sessions, 0)
    assert.equal(morning.window.from, evening.window.until)
  })

  test('a break of two hours keeps a session, a longer one begins a new one', ({ assert }) => {
    const day = (second: string) =>
      personDay(berlin, '2026-11-19', [
        presence(
          1,
          ['active', '2026-11-19T09:00:00+01:00', '2026-11-19T12:00:00+01:00'],
          ['active', second, '2026-11-19T17:00:00+01:00']
        ),
      ])

    assert.lengthOf(day('2026-11-19T14:00:00+01:00').sessions, 1)
    assert.lengthOf(day('2026-11-19T14:00:01+01:00').sessions, 2)
  })

  test('a computer that is never left alone is cut at the start of the day', ({ assert }) => {
    const always: Span[] = [{ from: at('2026-11-10T00:00:00Z'), until: at('2026-11-20T00:00:00Z') }]

    const window = windowOfDay(berlin, '2026-11-15', always)

    assert.equal(window.until - window.from, 24 * HOUR)
  })

  test('several agents of one person are one person', ({ assert }) => {
    const { sessions, times } = personDay(berlin, '2026-11-19', [
      presence(1, ['active', '2026-11-19T09:00:00+01:00', '2026-11-19T11:00:00+01:00']),
      presence(
        2,
        ['afk', '2026-11-19T09:00:00+01:00', '2026-11-19T10:00:00+01:00'],
        ['active', '2026-11-19T10:30:00+01:00', '2026-11-19T12:00:00+01:00']
      ),
    ])

    assert.lengthOf(sessions, 1)
    assert.equal(times.activeMs, 3 * HOUR)
    assert.equal(times.idleMs, 0)
  })

  test('a pause takes its time out, and silence that nothing explains has its own name', ({
    assert,
  }) => {
    const agent: Observed = {
      ...presence(
        1,
        ['active', '2026-11-19T09:00:00+01:00', '2026-11-19T11:00:00+01:00'],
        ['active', '2026-11-19T11:30:00+01:00', '2026-11-19T12:00:00+01:00']
      ),
      gaps: [
        {
          from: at('2026-11-19T10:00:00+01:00'),
          until: at('2026-11-19T10:15:00+01:00'),
          cause: 'paused',
          what: 'presence',
        },
      ],
    }

    const { gaps, times } = personDay(berlin, '2026-11-19', [agent])

    assert.equal(times.activeMs, 135 * MINUTE)
    assert.equal(times.pausedMs, 15 * MINUTE)
    assert.equal(times.silentMs, 30 * MINUTE)
    assert.deepEqual(
      gaps.map(({ cause, from, until }) => [cause, (until - from) / MINUTE]),
      [
        ['paused', 15],
        ['no_signal', 30],
      ]
    )
    assert.closeTo(coverageOf(times) ?? 0, 135 / 165, 1e-9)
  })

  test('where there is no presence, heartbeats tell it, and hold as long as one may be late', ({
    assert,
  }) => {
    const from = at('2026-11-19T09:00:00+01:00')
    const agent: Observed = {
      agentId: 1,
      windows: [],
      gaps: [],
      presence: [],
      beats: [0, 1, 2].map((minute) => ({ at: from + minute * MINUTE, state: 'active' as const })),
    }

    assert.equal(personDay(berlin, '2026-11-19', [agent]).times.activeMs, 2 * MINUTE + 150_000)
  })
})

const STEP = 10 * MINUTE
const START = at('2026-10-23T00:00:00Z')
const STEPS = 5 * 24 * 6

const observed = fc
  .array(
    fc.tuple(
      fc.constantFrom('active' as const, 'afk' as const, 'locked' as const),
      fc.integer({ min: 0, max: STEPS }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 2)
    ),
    { maxLength: 40 }
  )
  .map((events): Observed[] =>
    [1, 2].map((agentId) => ({
      agentId,
      windows: [],
      beats: [],
      gaps: [],
      presence: events
        .filter(([, , , agent]) => agent === agentId)
        .map(([state, from, length]) => ({
          state,
          from: START + from * STEP,
          until: START + (from + length) * STEP,
          pulsetimeMs: 0,
        })),
    }))
  )

test.group('Days and sessions of random data', () => {
  test('times add up to the sessions, days share nothing and leave nothing out', ({ assert }) => {
    fc.assert(
      fc.property(observed, fc.constantFrom(...ZONES), (agents, zone) => {
        const own = calendar(zone)
        const days = daysBetween('2026-10-21', '2026-10-30').map((day) =>
          personDay(own, day, agents)
        )
        for (const [index, day] of days.entries()) {
          const next = days[index + 1]
          assert.isTrue(!next || next.window.from === day.window.until)
          const length = day.sessions.reduce((sum, { from, until }) => sum + until - from, 0)
          const known = STATES.reduce((sum, state) => sum + day.times[`${state}Ms`], 0)
          assert.equal(known + day.times.silentMs, length)
          assert.isAtMost(day.window.until - startOfDay(own, addDays(day.day, 1)), LONGEST_CARRY_MS)
        }
        const active = agents.flatMap(({ presence: events }) =>
          events.filter(({ state }) => state === 'active')
        )
        assert.equal(
          days.reduce((sum, { times }) => sum + times.activeMs, 0),
          total(active)
        )
        assert.isAtLeast(
          days.reduce((sum, { sessions }) => sum + sessions.length, 0),
          runs(active).length
        )
      }),
      { numRuns: 60 }
    )
  })

  test('a session begins and ends with activity', ({ assert }) => {
    fc.assert(
      fc.property(observed, (agents) => {
        const active = agents.flatMap(({ presence: events }) =>
          events.filter(({ state }) => state === 'active')
        )
        const window = windowOfDay(berlin, '2026-10-25', active)
        for (const { from, until } of sessionsIn(window, active)) {
          assert.isTrue(active.some((span) => span.from <= from && from < span.until))
          assert.isTrue(active.some((span) => span.from < until && until <= span.until))
        }
      }),
      { numRuns: 60 }
    )
  })
})
