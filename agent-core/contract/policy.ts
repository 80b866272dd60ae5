import vine from '@vinejs/vine'
import { closed, flag, text, whole } from './fields.ts'

/**
 * The policy that the server publishes for one agent. Its values tune what the site of the agent
 * allows and never go beyond it; what it does not name stays as the site has it.
 */

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/

/** How strongly a picture is made unreadable on the machine, weakest first. */
export const BLUR_LEVELS = ['none', 'light', 'strong'] as const
export type BlurLevel = (typeof BLUR_LEVELS)[number]

/** Days of the week, Monday is 1 and Sunday 7 (ISO 8601). */
export const hoursField = () =>
  closed({
    days: vine.array(whole(1, 7)).minLength(1).maxLength(7).distinct(),
    from: vine.string().regex(CLOCK),
    until: vine.string().regex(CLOCK),
  })

/** Hours on the wall of the person in which observation may happen; over midnight when `until` ≤ `from`. */
export type PolicyHours = {
  readonly days: readonly number[]
  readonly from: string
  readonly until: string
}

/** A window that is never captured: a pattern (`*` stands for anything, case does not count) for app, title or both. */
export const exclusion = () =>
  closed({ app: text(255).nullable(), title: text(255).nullable(), reason: text(120).nullable() })

export type Exclusion = {
  readonly app: string | null
  readonly title: string | null
  readonly reason: string | null
}

/** Every value a policy can hold. */
export type PolicyValues = {
  readonly 'screenshot.enabled': boolean
  /** Seconds between two looks. */
  readonly 'screenshot.interval_seconds': number
  readonly 'screenshot.blur': BlurLevel
  /** Whether those who may see the pictures may have the newest of everybody side by side, on the live wall. */
  readonly 'screenshot.live': boolean
  readonly 'recording.enabled': boolean
  /** Pictures a second. */
  readonly 'recording.frame_rate': number
  readonly 'activity.enabled': boolean
  /** Whether titles of windows leave the machine; without them, the application alone does. */
  readonly 'activity.titles': boolean
  /** Seconds without input after which a person counts as away. */
  readonly 'activity.afk_seconds': number
  /** `null`: at any time the site allows. */
  readonly 'hours': PolicyHours | null
  /** Minutes a day that a person may pause without asking; `null`: as many as they like. */
  readonly 'pause.minutes_per_day': number | null
  /** Added to what the site and the shipped lists exclude; never fewer. */
  readonly 'exclusions': readonly Exclusion[]
  /** Minutes a capture waits on the machine, where its person may take it back; 0: none. */
  readonly 'review.minutes': number
  readonly 'retention.recordings_days': number
  readonly 'retention.screenshots_days': number
  /** Titles of windows; after that only their category remains. */
  readonly 'retention.titles_days': number
  readonly 'retention.heartbeats_days': number
}
export type PolicyKey = keyof PolicyValues

type Description<Key extends PolicyKey> = {
  /** What holds where nobody set it. */
  readonly initial: PolicyValues[Key]
  /** Whether `next` observes more, keeps longer or protects less than `now`. */
  readonly isWider: (now: PolicyValues[Key], next: PolicyValues[Key]) => boolean
}

const switchedOn = (now: boolean, next: boolean) => next && !now
const growing = (now: number, next: number) => next > now
const shrinking = (now: number, next: number) => next < now

function isSame(one: Exclusion, other: Exclusion): boolean {
  return one.app === other.app && one.title === other.title
}

/** Whether a minute of the week lies in `next` that does not lie in `now`. */
function hasMoreHours(now: PolicyHours | null, next: PolicyHours | null): boolean {
  if (now === null) {
    return false
  }
  const before = minutesOfWeek(now)
  return minutesOfWeek(next).some((isIn, minute) => isIn && !before[minute])
}

const DAY = 24 * 60

/** For each minute of the week, from Monday 00:00 on, whether it lies in the hours. */
function minutesOfWeek(hours: PolicyHours | null): boolean[] {
  if (hours === null) {
    return new Array<boolean>(7 * DAY).fill(true)
  }
  const week = new Array<boolean>(7 * DAY).fill(false)
  const from = minuteOf(hours.from)
  const until = minuteOf(hours.until)
  const length = until > from ? until - from : until - from + DAY
  for (const day of hours.days) {
    const start = (day - 1) * DAY + from
    for (let minute = start; minute < start + length; minute += 1) {
      week[minute % (7 * DAY)] = true
    }
  }
  return week
}

function minuteOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  return hour * 60 + minute
}

/** Each value: what holds where nobody set it, and what makes it wider. */
export const POLICY_VALUES: { readonly [Key in PolicyKey]: Description<Key> } = {
  'screenshot.enabled': { initial: true, isWider: switchedOn },
  'screenshot.interval_seconds': { initial: 300, isWider: shrinking },
  'screenshot.blur': {
    initial: 'none',
    isWider: (now, next) => BLUR_LEVELS.indexOf(next) < BLUR_LEVELS.indexOf(now),
  },
  'screenshot.live': { initial: false, isWider: switchedOn },
  'recording.enabled': { initial: false, isWider: switchedOn },
  'recording.frame_rate': { initial: 2, isWider: growing },
  'activity.enabled': { initial: true, isWider: switchedOn },
  'activity.titles': { initial: false, isWider: switchedOn },
  'activity.afk_seconds': { initial: 180, isWider: () => false },
  'hours': { initial: null, isWider: hasMoreHours },
  'pause.minutes_per_day': {
    initial: null,
    isWider: (now, next) => next !== null && (now === null || next < now),
  },
  'exclusions': {
    initial: [],
    isWider: (now, next) => now.some((one) => !next.some((other) => isSame(one, other))),
  },
  'review.minutes': { initial: 0, isWider: shrinking },
  'retention.recordings_days': { initial: 7, isWider: growing },
  'retention.screenshots_days': { initial: 30, isWider: growing },
  'retention.titles_days': { initial: 30, isWider: growing },
  'retention.heartbeats_days': { initial: 90, isWider: growing },
}

export const POLICY_KEYS = Object.keys(POLICY_VALUES) as readonly PolicyKey[]

/** The values that hold where nobody set any. */
export const INITIAL_POLICY = Object.freeze(
  Object.fromEntries(POLICY_KEYS.map((key) => [key, POLICY_VALUES[key].initial]))
) as PolicyValues

/** The keys in which `next` is wider than `now`: what a person has to acknowledge first. */
export function widerIn(now: PolicyValues, next: PolicyValues): PolicyKey[] {
  return POLICY_KEYS.filter((key) => isWiderAt(key, now, next))
}

function isWiderAt<Key extends PolicyKey>(key: Key, now: PolicyValues, next: PolicyValues) {
  return POLICY_VALUES[key].isWider(now[key], next[key])
}

/** Some of the values, each checked, no other key: what a form or a file may set. */
export const policyValues = () =>
  closed({
    'screenshot.enabled': flag().optional(),
    'screenshot.interval_seconds': whole(5, 86_400).optional(),
    'screenshot.blur': vine.enum(BLUR_LEVELS).optional(),
    'screenshot.live': flag().optional(),
    'recording.enabled': flag().optional(),
    'recording.frame_rate': whole(1, 30).optional(),
    'activity.enabled': flag().optional(),
    'activity.titles': flag().optional(),
    'activity.afk_seconds': whole(3, 3600).optional(),
    'hours': hoursField().nullable().optional(),
    'pause.minutes_per_day': whole(0, 1440).nullable().optional(),
    'exclusions': vine.array(exclusion()).maxLength(500).optional(),
    'review.minutes': whole(0, 120).optional(),
    'retention.recordings_days': whole(1, 3650).optional(),
    'retention.screenshots_days': whole(1, 3650).optional(),
    'retention.titles_days': whole(1, 3650).optional(),
    'retention.heartbeats_days': whole(1, 3650).optional(),
  })
