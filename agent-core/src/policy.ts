import {
  INITIAL_POLICY,
  POLICY_KEYS,
  POLICY_VALUES,
  policyValues,
  widerIn,
  type PolicyHours,
  type PolicyKey,
  type PolicyValues,
} from '../contract/policy.ts'
import vine from '@vinejs/vine'
import { every } from './every.ts'
import type { ObservationKind } from './observation.ts'
import { dayName, WEEKDAYS, type WorkingHours } from './working_hours.ts'

/**
 * The policy in force: what the site allows, narrowed by what the server published. Every value is
 * there, so that a plugin reads `policy.values['screenshot.interval_seconds']` and needs no other rule.
 */
export type Policy = {
  /** Version that the server gave it; 0 is the site alone. */
  readonly version: number
  readonly values: PolicyValues
  /** IANA name of the zone in which `values.hours` are meant; null is the machine's. */
  readonly timeZone: string | null
}

/** A policy as the server published it: only what it names. */
export type PublishedPolicy = {
  readonly version: number
  readonly values: Partial<PolicyValues>
  readonly timeZone: string | null
}

/** What a site and its plugins allow at most; a value that is not named has no bound. */
export type PolicyBounds = Partial<PolicyValues>

/** No policy was published: the site alone decides. */
export const SITE_ALONE: PublishedPolicy = Object.freeze({ version: 0, values: {}, timeZone: null })

/** The kinds that each part of a policy can switch off. */
const SWITCHES: readonly {
  readonly plugin: string
  readonly key: 'screenshot.enabled' | 'recording.enabled' | 'activity.enabled'
  readonly kinds: readonly ObservationKind[]
}[] = [
  {
    plugin: 'screenshot',
    key: 'screenshot.enabled',
    kinds: ['screenshot', 'unchanged_screen'],
  },
  { plugin: 'recording', key: 'recording.enabled', kinds: ['recording'] },
  { plugin: 'activity', key: 'activity.enabled', kinds: ['window', 'presence'] },
]

/** The policy that holds where `published` meets `bounds`: of two values the one that observes less. */
export function effectivePolicy(bounds: PolicyBounds, published: PublishedPolicy): Policy {
  const entries = POLICY_KEYS.map((key) => [key, effectiveValue(key, bounds, published.values)])
  return {
    version: published.version,
    values: Object.freeze(Object.fromEntries(entries)) as PolicyValues,
    timeZone: published.timeZone,
  }
}

function effectiveValue<Key extends PolicyKey>(
  key: Key,
  bounds: PolicyBounds,
  values: Partial<PolicyValues>
): PolicyValues[Key] {
  const bound = bounds[key] as PolicyValues[Key] | undefined
  const wanted = values[key] as PolicyValues[Key] | undefined
  if (wanted === undefined) {
    return bound ?? INITIAL_POLICY[key]
  }
  return bound !== undefined && isWiderThan(key, bound, wanted) ? bound : wanted
}

/** The values of `wanted`, each where `bounds` observes less than it the one of `bounds`. */
export function narrowed(
  bounds: PolicyBounds,
  wanted: Partial<PolicyValues>
): Partial<PolicyValues> {
  const named = POLICY_KEYS.filter((key) => wanted[key] !== undefined)
  return Object.fromEntries(named.map((key) => [key, effectiveValue(key, bounds, wanted)]))
}

/** Whether the bound of the site kept a published value from holding. */
export function isBounded(key: PolicyKey, bounds: PolicyBounds, values: Partial<PolicyValues>) {
  const bound = bounds[key]
  const wanted = values[key]
  return bound !== undefined && wanted !== undefined && isWiderThan(key, bound, wanted)
}

function isWiderThan<Key extends PolicyKey>(
  key: Key,
  now: PolicyValues[Key],
  next: PolicyValues[Key]
): boolean {
  return POLICY_VALUES[key].isWider(now, next)
}

/** In what `next` observes more than `now`, of the plugins that there are. */
export function widerKeys(now: Policy, next: Policy, plugins: readonly string[]): PolicyKey[] {
  return widerIn(now.values, next.values).filter((key) => {
    const [part] = key.split('.')
    const concerned = SWITCHES.find(({ plugin }) => plugin === part)
    return concerned === undefined || plugins.includes(concerned.plugin)
  })
}

/**
 * What may hold of `next` before it is acknowledged: everything but `wider`, which stays as `now` has
 * it. Its version stays the old one, because the new one is not in force as a whole.
 */
export function withoutWider(
  now: PublishedPolicy,
  next: PublishedPolicy,
  wider: readonly PolicyKey[]
): PublishedPolicy {
  const from = (key: PolicyKey) => (wider.includes(key) ? now.values[key] : next.values[key])
  const entries = POLICY_KEYS.map((key) => [key, from(key)]).filter(
    ([, value]) => value !== undefined
  )
  return {
    version: now.version,
    values: Object.fromEntries(entries) as Partial<PolicyValues>,
    timeZone: next.timeZone,
  }
}

/** Whether the policy lets this kind be observed at all. */
export function isSwitchedOn({ values }: Policy, kind: ObservationKind): boolean {
  const concerned = SWITCHES.find(({ kinds }) => kinds.includes(kind))
  return concerned === undefined || values[concerned.key]
}

/** Hours of a policy as the agent's working hours; null is at any time. */
export function hoursOf({ values, timeZone }: Policy): WorkingHours | null {
  const { hours } = values
  return hours === null ? null : workingHoursOf(hours, timeZone)
}

function workingHoursOf(hours: PolicyHours, timeZone: string | null): WorkingHours {
  const span = [hours.from, hours.until] as const
  const days = hours.days.map((day) => [WEEKDAYS[day % 7], [span]] as const)
  return {
    days: Object.fromEntries(days) as WorkingHours['days'],
    ...(timeZone === null ? {} : { zone: timeZone }),
  }
}

const valuesValidator = vine.create(policyValues())

/**
 * The values that a server named, each checked. A key that this agent does not know is left out and
 * named in `unknown`. Answers null where a value is not what the contract says.
 */
export async function readPolicyValues(
  given: Readonly<Record<string, unknown>>
): Promise<{ values: Partial<PolicyValues>; unknown: readonly string[] } | null> {
  const known = Object.entries(given).filter(([key]) => POLICY_KEYS.some((name) => name === key))
  const unknown = Object.keys(given).filter((key) => !known.some(([name]) => name === key))
  const [problem, values] = await valuesValidator.tryValidate(Object.fromEntries(known))
  return problem === null ? { values: values as Partial<PolicyValues>, unknown } : null
}

/** One value of a policy as a sentence. */
export function describeValue(key: PolicyKey, { values, timeZone }: Policy): string {
  return SENTENCES[key](values, timeZone)
}

type Sentence = (values: PolicyValues, timeZone: string | null) => string
const onOff = (isOn: boolean) => (isOn ? 'on' : 'off')
const days = (count: number) => `${count} ${count === 1 ? 'day' : 'days'}`

const SENTENCES: Readonly<Record<PolicyKey, Sentence>> = {
  'screenshot.enabled': (values) => `screenshots: ${onOff(values['screenshot.enabled'])}`,
  'screenshot.interval_seconds': (values) =>
    `screenshots: ${every(values['screenshot.interval_seconds'])}`,
  'screenshot.blur': (values) => `screenshots: blur ${values['screenshot.blur']}`,
  'screenshot.live': (values) =>
    values['screenshot.live']
      ? 'your newest screenshot may stand on a wall beside those of others, for those who may see it anyway'
      : 'your newest screenshot stands on no wall',
  'recording.enabled': (values) => `recordings: ${onOff(values['recording.enabled'])}`,
  'recording.frame_rate': (values) =>
    `recordings: ${values['recording.frame_rate']} pictures a second`,
  'activity.enabled': (values) =>
    `windows in use and presence: ${onOff(values['activity.enabled'])}`,
  'activity.titles': (values) =>
    values['activity.titles']
      ? 'titles of windows leave this machine'
      : 'titles of windows stay on this machine',
  'activity.afk_seconds': (values) =>
    `away after ${values['activity.afk_seconds']} seconds without input`,
  'hours': ({ hours }, timeZone) =>
    hours === null
      ? 'hours: at any time that the site allows'
      : `hours: ${hours.days.map((day) => dayName(WEEKDAYS[day % 7] ?? 'monday')).join(', ')} ${hours.from}–${hours.until} (${timeZone ?? "the machine's time zone"})`,
  'pause.minutes_per_day': (values) =>
    values['pause.minutes_per_day'] === null
      ? 'pauses: as long as you like'
      : `pauses: ${values['pause.minutes_per_day']} minutes a day`,
  'exclusions': ({ exclusions }) =>
    `never captured, beside what is always excluded: ${exclusions.length === 0 ? 'nothing more' : exclusions.map(({ app, title }) => [app, title].filter(Boolean).join(' with ')).join('; ')}`,
  'review.minutes': (values) =>
    values['review.minutes'] === 0
      ? 'captures leave this machine at once; none can be taken back before'
      : `captures wait ${values['review.minutes']} minutes on this machine, where you can take them back`,
  'retention.recordings_days': (values) =>
    `recordings are kept ${days(values['retention.recordings_days'])}`,
  'retention.screenshots_days': (values) =>
    `screenshots are kept ${days(values['retention.screenshots_days'])}`,
  'retention.titles_days': (values) =>
    `titles of windows are kept ${days(values['retention.titles_days'])}`,
  'retention.heartbeats_days': (values) =>
    `heartbeats are kept ${days(values['retention.heartbeats_days'])}`,
}
