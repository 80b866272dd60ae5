import { test } from '@japa/runner'
import type { PolicyValues } from '../contract/policy.ts'
import {
  effectivePolicy,
  hoursOf,
  isSwitchedOn,
  readPolicyValues,
  SITE_ALONE,
  widerKeys,
  withoutWider,
  type PolicyBounds,
} from '../src/policy.ts'
import { workingHours } from '../src/working_hours.ts'
import { aPolicy } from '../testing/main.ts'

const published = (values: Partial<PolicyValues>, version = 1) => ({
  version,
  values,
  timeZone: 'Europe/Berlin',
})

test.group('effectivePolicy', () => {
  test('{name}')
    .with([
      {
        name: 'without a policy the site decides',
        bounds: { 'screenshot.interval_seconds': 60 },
        values: {},
        expected: { 'screenshot.interval_seconds': 60, 'recording.enabled': false },
      },
      {
        name: 'a longer interval than the site holds',
        bounds: { 'screenshot.interval_seconds': 60 },
        values: { 'screenshot.interval_seconds': 600 },
        expected: { 'screenshot.interval_seconds': 600 },
      },
      {
        name: 'a shorter interval than the site does not hold',
        bounds: { 'screenshot.interval_seconds': 60 },
        values: { 'screenshot.interval_seconds': 5 },
        expected: { 'screenshot.interval_seconds': 60 },
      },
      {
        name: 'what the site switched off stays off',
        bounds: { 'recording.enabled': false },
        values: { 'recording.enabled': true },
        expected: { 'recording.enabled': false },
      },
      {
        name: 'less blur than the site does not hold',
        bounds: { 'screenshot.blur': 'light' },
        values: { 'screenshot.blur': 'none' },
        expected: { 'screenshot.blur': 'light' },
      },
      {
        name: 'what the site does not bound is what the policy says',
        bounds: {},
        values: { 'activity.afk_seconds': 60, 'pause.minutes_per_day': 15 },
        expected: { 'activity.afk_seconds': 60, 'pause.minutes_per_day': 15 },
      },
    ] as {
      name: string
      bounds: PolicyBounds
      values: Partial<PolicyValues>
      expected: Partial<PolicyValues>
    }[])
    .run(({ assert }, { bounds, values, expected }) => {
      assert.containSubset(effectivePolicy(bounds, published(values)).values, expected)
    })
})

test.group('policy', () => {
  test('of what is wider only that waits, the rest holds', ({ assert }) => {
    const now = published({ 'screenshot.interval_seconds': 600, 'screenshot.blur': 'light' }, 3)
    const next = published({ 'screenshot.interval_seconds': 60, 'screenshot.blur': 'strong' }, 4)

    const wider = widerKeys(effectivePolicy({}, now), effectivePolicy({}, next), ['screenshot'])

    assert.deepEqual(wider, ['screenshot.interval_seconds'])
    assert.deepEqual(withoutWider(now, next, wider), {
      ...now,
      values: { 'screenshot.interval_seconds': 600, 'screenshot.blur': 'strong' },
    })
  })

  test('what no plugin of the site does is not wider', ({ assert }) => {
    const [now, next] = [aPolicy(), aPolicy({ 'recording.enabled': true })]

    assert.isEmpty(widerKeys(now, next, ['screenshot']))
    assert.deepEqual(widerKeys(now, next, ['recording']), ['recording.enabled'])
  })

  test('a part that is off is off for all its kinds', ({ assert }) => {
    const policy = aPolicy({ 'screenshot.enabled': false })

    assert.isFalse(isSwitchedOn(policy, 'screenshot'))
    assert.isFalse(isSwitchedOn(policy, 'unchanged_screen'))
    assert.isTrue(isSwitchedOn(policy, 'window'))
    assert.isTrue(isSwitchedOn(policy, 'heartbeat'))
  })

  test("hours are on the person's wall, Sunday is the seventh day", ({ assert }) => {
    const hours = { days: [1, 7], from: '22:00', until: '06:00' }
    const isWithin = workingHours(hoursOf(effectivePolicy({}, published({ hours }))) ?? 'always')

    const at = (moment: string) => isWithin(Date.parse(moment))
    assert.isTrue(at('2026-03-01T21:30:00Z')) // Sunday 22:30 in Berlin
    assert.isTrue(at('2026-03-02T04:30:00Z')) // Monday 05:30, the night from Sunday
    assert.isFalse(at('2026-03-02T12:00:00Z'))
    assert.isFalse(at('2026-03-03T21:30:00Z')) // Tuesday
    assert.isNull(hoursOf(effectivePolicy({}, SITE_ALONE)))
  })

  test('a value that is not what the contract says makes the whole unreadable', async ({
    assert,
  }) => {
    assert.isNull(await readPolicyValues({ 'screenshot.interval_seconds': 'soon' }))
    assert.deepEqual(
      await readPolicyValues({ 'screenshot.interval_seconds': 60, 'telepathy.enabled': true }),
      { values: { 'screenshot.interval_seconds': 60 }, unknown: ['telepathy.enabled'] }
    )
  })
})
