import { POLICY_KEYS, type Exclusion, type PolicyKey, type PolicyValues } from '#contract/policy'

/** What a form of a policy sends: text for every control, empty where the level above decides. */
export type PolicyForm = Readonly<Record<string, unknown>>

const NUMBERS = {
  frame_rate: 'recording.frame_rate',
  afk_seconds: 'activity.afk_seconds',
  review_minutes: 'review.minutes',
  recordings_days: 'retention.recordings_days',
  screenshots_days: 'retention.screenshots_days',
  titles_days: 'retention.titles_days',
  heartbeats_days: 'retention.heartbeats_days',
} as const

const SWITCHES = {
  screenshots: 'screenshot.enabled',
  live: 'screenshot.live',
  recordings: 'recording.enabled',
  activity: 'activity.enabled',
  titles: 'activity.titles',
} as const

/** The values of a form, not yet checked: numbers that are none stay text, and are refused by name. */
export function valuesOfForm(form: PolicyForm): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const set = (key: PolicyKey, value: unknown) => {
    values[key] = value
  }
  for (const [name, key] of Object.entries(SWITCHES)) {
    if (form[name] === 'on' || form[name] === 'off') {
      set(key, form[name] === 'on')
    }
  }
  for (const [name, key] of Object.entries(NUMBERS)) {
    if (isFilled(form[name])) {
      set(key, numberOf(form[name]))
    }
  }
  if (isFilled(form.every)) {
    const every = numberOf(form.every)
    const seconds = form.every_unit === 'minutes' ? 60 : 1
    set('screenshot.interval_seconds', typeof every === 'number' ? every * seconds : every)
  }
  if (isFilled(form.blur)) {
    set('screenshot.blur', form.blur)
  }
  if (form.hours === 'always') {
    set('hours', null)
  } else if (form.hours === 'set') {
    const days = [form.days ?? []].flat().map(numberOf)
    set('hours', { days, from: form.from, until: form.until })
  }
  if (form.pause === 'unlimited') {
    set('pause.minutes_per_day', null)
  } else if (form.pause === 'set') {
    set('pause.minutes_per_day', numberOf(form.pause_minutes))
  }
  if (isFilled(form.exclusions)) {
    set('exclusions', String(form.exclusions).split('\n').flatMap(exclusionOf))
  }
  return values
}

/** The keys that a form locks. */
export function locksOfForm({ locked }: PolicyForm): PolicyKey[] {
  const chosen = [locked ?? []].flat()
  return POLICY_KEYS.filter((key) => chosen.includes(key))
}

/** The controls of a form that holds these values. */
export function formOfValues(values: Partial<PolicyValues>): PolicyForm {
  const every = values['screenshot.interval_seconds']
  const isMinutes = every !== undefined && every % 60 === 0
  const { hours } = values
  const pause = values['pause.minutes_per_day']
  return {
    ...Object.fromEntries(
      Object.entries(SWITCHES).map(([name, key]) => [name, switchOf(values[key])])
    ),
    ...Object.fromEntries(Object.entries(NUMBERS).map(([name, key]) => [name, values[key] ?? ''])),
    every: every === undefined ? '' : isMinutes ? every / 60 : every,
    every_unit: every === undefined || isMinutes ? 'minutes' : 'seconds',
    blur: values['screenshot.blur'] ?? '',
    hours: hours === undefined ? '' : hours === null ? 'always' : 'set',
    days: hours?.days ?? [1, 2, 3, 4, 5],
    from: hours?.from ?? '09:00',
    until: hours?.until ?? '17:00',
    pause: pause === undefined ? '' : pause === null ? 'unlimited' : 'set',
    pause_minutes: pause ?? 60,
    exclusions: (values.exclusions ?? [])
      .map(({ app, title }) => [app ?? '*', title].filter(Boolean).join(' | '))
      .join('\n'),
  }
}

/** The control of a form that sets a key; `path` is the part of its value that is at fault, such as `hours.from`. */
export function controlOf(key: PolicyKey, path: string): string {
  const named = Object.entries({ ...SWITCHES, ...NUMBERS }).find(([, set]) => set === key)
  if (named) {
    return named[0]
  }
  switch (key) {
    case 'screenshot.interval_seconds':
      return 'every'
    case 'pause.minutes_per_day':
      return 'pause_minutes'
    case 'hours':
      return path === 'hours.from' || path === 'hours.until' ? path.slice('hours.'.length) : key
    default:
      return key.slice(key.lastIndexOf('.') + 1)
  }
}

const isFilled = (value: unknown) => value !== undefined && value !== null && value !== ''

const switchOf = (value: boolean | undefined) => (value === undefined ? '' : value ? 'on' : 'off')

function numberOf(value: unknown): unknown {
  return isFilled(value) && Number.isFinite(Number(value)) ? Number(value) : value
}

/** `Application | title`, one a line; either may be missing. */
function exclusionOf(line: string): Exclusion[] {
  const [app = '', title = ''] = line.split('|').map((part) => part.trim())
  const isAny = (part: string) => part === '' || part === '*'
  return isAny(app) && isAny(title)
    ? []
    : [{ app: isAny(app) ? null : app, title: isAny(title) ? null : title, reason: null }]
}
