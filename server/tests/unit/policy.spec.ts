import {
  BLUR_LEVELS,
  INITIAL_POLICY,
  POLICY_KEYS,
  widerIn,
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

/** Any values a policy may hold, some of them missing. */
const values: fc.Arbitrary<Partial<PolicyValues>> = fc.record(
  {
    'screenshot.enabled': fc.boolean(),
    'screenshot.interval_seconds': fc.integer({ min: 5, max: 900 }),
    'screenshot.blur': fc.constantFrom(...BLUR_LEVELS),
    'recording.enabled': fc.boolean(),
    'recording.frame_rate': fc.integer({ min: 1, max: 30 }),
    'activity.enabled': fc.boolean(),
    'screenshot.live': fc.boolean(),
    'activity.titles': fc.boolean(),
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
    'retention.screenshots_days': fc.integer({ min: 1, max: 400 }),
  },
  { requiredKeys: [] }
)

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
          const set = { ...INITIAL_POLICY, ...below, ...above }
          assert.deepEqual(widerIn(set, { ...set, ...below }), [])
        }
      }),
      { numRuns: 500 }
    )
  })

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
