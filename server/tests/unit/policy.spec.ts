import {
  BLUR_LEVELS,
  POLICY_KEYS,
  type PolicyHours,
  type PolicyKey,
  type PolicyValues,
} from '#contract/policy'
import {
  differences,
  POLICY_LEVELS,
  resolvePolicy,
  type PublishedPolicy,
} from '#services/policy/resolve'
import { test } from '@japa/runner'
import fc from 'fast-check'

const policy = (
  level: PublishedPolicy['level'],
  values: Partial<PolicyValues>,
  locked: PublishedPolicy['locked'] = []
): PublishedPolicy => ({
  level,
  subjectId: 0,
  version: POLICY_LEVELS.indexOf(level) + 1,
  values,
  locked,
})

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))

const exclusions = fc.array(
  fc.record({
    app: fc.constantFrom('KeePass*', 'Bank', null),
    title: fc.constantFrom('*private*', null),
    reason: fc.constant(null),
  }),
  { maxLength: 3 }
)

const days = fc.integer({ min: 1, max: 400 })

/** A value of every key; one that is missing here does not compile. */
const EVERY: { readonly [Key in PolicyKey]: fc.Arbitrary<PolicyValues[Key]> } = {
  'screenshot.enabled': fc.boolean(),
  'screenshot.interval_seconds': fc.integer({ min: 5, max: 900 }),
  'screenshot.blur': fc.constantFrom(...BLUR_LEVELS),
  'screenshot.live': fc.boolean(),
  'recording.enabled': fc.boolean(),
  'recording.frame_rate': fc.integer({ min: 1, max: 30 }),
  'activity.enabled': fc.boolean(),
  'activity.titles': fc.boolean(),
  'activity.afk_seconds': fc.integer({ min: 3, max: 3600 }),
  'hours': fc.option(
    fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: clock,
      until: clock,
    })
  ),
  'pause.minutes_per_day': fc.option(fc.integer({ min: 0, max: 1440 })),
  'exclusions': exclusions,
  'review.minutes': fc.integer({ min: 0, max: 120 }),
  'retention.recordings_days': days,
  'retention.screenshots_days': days,
  'retention.titles_days': days,
  'retention.heartbeats_days': days,
}

/** Any values a policy may hold, some of them missing. */
const values = fc.record(EVERY, { requiredKeys: [] }) as fc.Arbitrary<Partial<PolicyValues>>

/** Windows that one may meet, and every minute of a week from Monday on. */
const WINDOWS = ['KeePassXC', 'Bank', 'Editor'].flatMap((app) =>
  ['private mail', 'plan'].map((title) => ({ app, title }))
)
const WEEK = Array.from({ length: 7 * 24 * 60 }, (_, minute) => minute)

/**
 * What a value lets be observed, as things that one can point at, found without the rule under test:
 * seconds of the day at which a picture is taken, minutes of the week, windows, days that something
 * is kept. `null` for a key that is no matter of privacy.
 */
const OBSERVED: {
  readonly [Key in PolicyKey]: ((value: PolicyValues[Key]) => readonly unknown[] | number) | null
} = {
  'screenshot.enabled': Number,
  'screenshot.interval_seconds': (seconds) => 86_400 / seconds,
  'screenshot.blur': (blur) => ({ none: 2, light: 1, strong: 0 })[blur],
  'screenshot.live': Number,
  'recording.enabled': Number,
  'recording.frame_rate': Number,
  'activity.enabled': Number,
  'activity.titles': Number,
  // when somebody counts as away changes what a time is called, not what is seen of it
  'activity.afk_seconds': null,
  'hours': (hours) => WEEK.filter((minute) => hours === null || isWithin(hours, minute)),
  'pause.minutes_per_day': (minutes) => -(minutes ?? Infinity),
  'exclusions': (list) =>
    WINDOWS.filter(({ app, title }) =>
      list.every((one) => !(fits(one.app, app) && fits(one.title, title)))
    ).map(({ app, title }) => `${app} ${title}`),
  'review.minutes': (minutes) => -minutes,
  'retention.recordings_days': Number,
  'retention.screenshots_days': Number,
  'retention.titles_days': Number,
  'retention.heartbeats_days': Number,
}

/** Whether hours hold at a minute of the week: those of this day, or of a night that began the day before. */
function isWithin({ days: on, from, until }: PolicyHours, minute: number): boolean {
  const of = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  const [day, at] = [Math.floor(minute / 1440) + 1, minute % 1440]
  const before = day === 1 ? 7 : day - 1
  return of(until) > of(from)
    ? on.includes(day) && at >= of(from) && at < of(until)
    : (on.includes(day) && at >= of(from)) || (on.includes(before) && at < of(until))
}

/** Whether a pattern of the exclusions here takes a text. */
function fits(pattern: string | null, text: string): boolean {
  return pattern === null || new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(text)
}

function isMore(more: readonly unknown[] | number, than: readonly unknown[] | number): boolean {
  if (typeof more === 'number' || typeof than === 'number') {
    return Number(more) > Number(than)
  }
  const known = new Set(than)
  return more.some((one) => !known.has(one))
}

/** Keys in which one set of values lets more be observed than what another one says. */
function observesMore(next: Partial<PolicyValues>, than: Partial<PolicyValues>): PolicyKey[] {
  return POLICY_KEYS.filter((key) => {
    const measure = OBSERVED[key] as ((value: unknown) => readonly unknown[] | number) | null
    const [before, after] = [than[key], next[key]]
    return (
      measure &&
      before !== undefined &&
      (after === undefined || isMore(measure(after), measure(before)))
    )
  })
}

const chain = fc
  .tuple(
    ...POLICY_LEVELS.map((level) =>
      fc.record({ values, locked: fc.subarray([...POLICY_KEYS]) }).map((made) => ({
        level,
        ...made,
      }))
    )
  )
  .map((policies) => policies.map(({ level, values: held, locked }) => policy(level, held, locked)))

test.group('Policies of a chain', () => {
  test('a level below is never weaker on privacy than one above', ({ assert }) => {
    fc.assert(
      fc.property(chain, (policies) => {
        for (let length = 1; length < policies.length; length += 1) {
          const above = resolvePolicy(policies.slice(0, length)).values
          const below = resolvePolicy(policies.slice(0, length + 1)).values
          assert.deepEqual(observesMore(below, above), [])
        }
      }),
      { numRuns: 150 }
    )
  })

  for (const key of POLICY_KEYS.filter((name) => OBSERVED[name] !== null)) {
    test(`${key}: what observes more is said to, and no child gets it`, ({ assert }) => {
      const some = EVERY[key] as fc.Arbitrary<never>
      let refusals = 0
      fc.assert(
        fc.property(some, some, (above, below) => {
          const chained = resolvePolicy([
            policy('organisation', { [key]: above }),
            policy('person', { [key]: below }),
          ])
          const isWeaker = observesMore({ [key]: below }, { [key]: above }).length > 0
          if (isWeaker) {
            refusals += 1
            assert.deepEqual(chained.values[key], above)
          }
          assert.deepEqual(observesMore(chained.values, { [key]: above }), [])
          const loosens = differences({ [key]: above }, { [key]: below }).some((one) => one.loosens)
          assert.isTrue(loosens || !isWeaker, 'what observes more is said to')
        }),
        { numRuns: key === 'hours' ? 100 : 300 }
      )
      assert.isAbove(refusals, 5)
    })
  }

  test('a locked value is what the level that locked it left, whatever is below', ({ assert }) => {
    fc.assert(
      fc.property(chain, (policies) => {
        const [top] = policies
        const whole = resolvePolicy(policies).values
        const alone = resolvePolicy(policies.slice(0, 1)).values
        for (const key of top?.locked ?? []) {
          assert.deepEqual(whole[key], alone[key])
        }
      }),
      { numRuns: 300 }
    )
  })

  test('each value says who said it, and what did not hold', ({ assert }) => {
    const {
      version,
      values: held,
      explained,
    } = resolvePolicy([
      policy('organisation', { 'screenshot.interval_seconds': 600, 'activity.titles': false }, [
        'activity.titles',
      ]),
      policy('team', { 'screenshot.interval_seconds': 60, 'activity.titles': true }),
      policy('person', { 'screenshot.interval_seconds': 900 }),
    ])

    assert.equal(version, 3)
    assert.deepEqual(held, { 'screenshot.interval_seconds': 900, 'activity.titles': false })
    assert.containSubset(explained, [
      {
        key: 'screenshot.interval_seconds',
        from: 'person',
        refused: [{ level: 'team', value: 60, why: 'weaker', by: 'organisation' }],
      },
      {
        key: 'activity.titles',
        from: 'organisation',
        isLocked: true,
        refused: [{ level: 'team', value: true, why: 'locked', by: 'organisation' }],
      },
      { key: 'recording.enabled', from: 'site', value: null },
    ])
  })

  test('without a policy the site decides everything', ({ assert }) => {
    assert.containSubset(resolvePolicy([]), { version: 0, values: {} })
  })
})

test.group('What makes a policy wider', () => {
  for (const [what, before, after, keys] of [
    [
      'a shorter interval',
      {},
      { 'screenshot.interval_seconds': 60 },
      ['screenshot.interval_seconds'],
    ],
    ['a longer interval', {}, { 'screenshot.interval_seconds': 600 }, []],
    ['titles', {}, { 'activity.titles': true }, ['activity.titles']],
    [
      'less blur',
      { 'screenshot.blur': 'strong' },
      { 'screenshot.blur': 'light' },
      ['screenshot.blur'],
    ],
    ['more blur', {}, { 'screenshot.blur': 'strong' }, []],
    ['longer retention', {}, { 'retention.screenshots_days': 31 }, ['retention.screenshots_days']],
    ['hours where there were all', {}, { hours: { days: [1], from: '09:00', until: '17:00' } }, []],
    [
      'a later end of the day',
      { hours: { days: [1], from: '09:00', until: '17:00' } },
      { hours: { days: [1], from: '09:00', until: '17:01' } },
      ['hours'],
    ],
    [
      'a night that was a day',
      { hours: { days: [1], from: '09:00', until: '17:00' } },
      { hours: { days: [1], from: '22:00', until: '06:00' } },
      ['hours'],
    ],
    [
      'a night within a longer night',
      { hours: { days: [7], from: '20:00', until: '08:00' } },
      { hours: { days: [7], from: '22:00', until: '06:00' } },
      [],
    ],
    [
      'an exclusion that is gone',
      { exclusions: [{ app: 'Bank', title: null, reason: null }] },
      { exclusions: [] },
      ['exclusions'],
    ],
    ['fewer minutes of pause', {}, { 'pause.minutes_per_day': 30 }, ['pause.minutes_per_day']],
  ] as const) {
    test(`${what}: ${keys.length === 0 ? 'no' : 'yes'}`, ({ assert }) => {
      const loosened = differences(
        before as Partial<PolicyValues>,
        { ...before, ...after } as Partial<PolicyValues>
      ).filter(({ loosens }) => loosens)
      assert.deepEqual(
        loosened.map(({ key }) => key),
        [...keys]
      )
    })
  }
})
