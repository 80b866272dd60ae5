import type { Exclusion, PolicyHours, PolicyKey, PolicyValues } from '#contract/policy'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** What each value is called, as the beginning of a sentence. */
export const POLICY_LABELS: { readonly [Key in PolicyKey]: string } = {
  'screenshot.enabled': 'Screenshots',
  'screenshot.interval_seconds': 'A screenshot every',
  'screenshot.blur': 'Screenshots are blurred',
  'screenshot.live': 'The newest screenshot on the live wall',
  'recording.enabled': 'Recordings of the screen',
  'recording.frame_rate': 'Pictures a second in recordings',
  'activity.enabled': 'Applications and presence',
  'activity.titles': 'Titles of windows',
  'activity.afk_seconds': 'Away after no input for',
  'hours': 'Hours',
  'pause.minutes_per_day': 'Pause a day',
  'exclusions': 'Never captured, beside the shipped lists',
  'review.minutes': 'Time to take a capture back',
  'retention.recordings_days': 'Recordings are kept',
  'retention.screenshots_days': 'Screenshots are kept',
  'retention.titles_days': 'Titles of windows are kept',
  'retention.heartbeats_days': 'Heartbeats are kept',
}

/** A value as a person reads it; `null` and `undefined` where the site decides. */
export function policyText<Key extends PolicyKey>(
  key: Key,
  value: PolicyValues[Key] | null | undefined
): string {
  if (value === undefined || (value === null && key !== 'hours' && !key.startsWith('pause'))) {
    return 'as the site has it'
  }
  switch (key) {
    case 'screenshot.enabled':
    case 'screenshot.live':
    case 'recording.enabled':
    case 'activity.enabled':
    case 'activity.titles':
      return value ? 'on' : 'off'
    case 'screenshot.interval_seconds':
    case 'activity.afk_seconds':
      return span(Number(value))
    case 'screenshot.blur':
      return { none: 'not at all', light: 'lightly', strong: 'strongly' }[String(value)] ?? ''
    case 'hours':
      return value === null ? 'at any time the site allows' : hoursText(value as PolicyHours)
    case 'pause.minutes_per_day':
      return value === null ? 'as long as one likes' : `${value} minutes`
    case 'exclusions':
      return (value as readonly Exclusion[]).map(exclusionText).join('; ') || 'nothing more'
    case 'review.minutes':
      return value === 0 ? 'none' : `${value} minutes`
    case 'recording.frame_rate':
      return String(value)
    default:
      return value === 1 ? '1 day' : `${value} days`
  }
}

/** What a person under this policy reads, one sentence each. What the site decides is left out. */
export function policySentences(values: Partial<PolicyValues>): string[] {
  const sentences: string[] = []
  if (values['screenshot.enabled'] === false) {
    sentences.push('No screenshots are taken.')
  } else if (values['screenshot.interval_seconds'] !== undefined || values['screenshot.blur']) {
    const every = values['screenshot.interval_seconds']
    const blur = values['screenshot.blur']
    sentences.push(
      `A screenshot of every display is taken${every ? ` every ${span(every)}` : ''}${
        blur && blur !== 'none' ? `, blurred ${policyText('screenshot.blur', blur)}` : ''
      }.`
    )
  }
  if (values['screenshot.live'] !== undefined) {
    sentences.push(
      values['screenshot.live']
        ? 'Your newest screenshot may stand beside those of others on the live wall; who looks says why, and you read it.'
        : 'Your newest screenshot is not shown on the live wall.'
    )
  }
  if (values['recording.enabled'] !== undefined) {
    const rate = values['recording.frame_rate']
    sentences.push(
      values['recording.enabled']
        ? `The screen is recorded${rate ? ` with ${rate} pictures a second` : ''}, never with sound.`
        : 'The screen is not recorded.'
    )
  }
  if (values['activity.enabled'] === false) {
    sentences.push('Applications and presence are not noted.')
  } else if (values['activity.titles'] !== undefined) {
    sentences.push(
      values['activity.titles']
        ? 'The application in front and the title of its window are noted.'
        : 'The application in front is noted, never the title of its window.'
    )
  }
  if (values.hours) {
    sentences.push(`Nothing is captured outside ${hoursText(values.hours)}, on your clock.`)
  }
  if (values['pause.minutes_per_day'] !== undefined) {
    const minutes = values['pause.minutes_per_day']
    sentences.push(
      minutes === null
        ? 'You may pause whenever you like.'
        : `You may pause ${minutes} minutes a day without asking.`
    )
  }
  if (values['review.minutes']) {
    sentences.push(
      `A capture waits ${values['review.minutes']} minutes on your computer, where you may take it back.`
    )
  }
  if (values.exclusions && values.exclusions.length > 0) {
    sentences.push(`Never captured: ${values.exclusions.map(exclusionText).join('; ')}.`)
  }
  for (const key of ['retention.screenshots_days', 'retention.recordings_days'] as const) {
    if (values[key] !== undefined) {
      sentences.push(`${POLICY_LABELS[key]} ${policyText(key, values[key])}.`)
    }
  }
  return sentences
}

/** 600 gives `10 minutes`, 90 gives `90 seconds`. */
export function span(seconds: number): string {
  const [amount, unit] =
    seconds % 3600 === 0
      ? [seconds / 3600, 'hour']
      : seconds % 60 === 0
        ? [seconds / 60, 'minute']
        : [seconds, 'second']
  return amount === 1 ? unit : `${amount} ${unit}s`
}

function hoursText({ days, from, until }: PolicyHours): string {
  return `${[...days]
    .sort((one, other) => one - other)
    .map((day) => DAYS[day - 1])
    .join(', ')} ${from}–${until}`
}

function exclusionText({ app, title, reason }: Exclusion): string {
  const what = [app, title ? `titles like “${title}”` : null].filter(Boolean).join(', ')
  return reason ? `${what} (${reason})` : what
}
