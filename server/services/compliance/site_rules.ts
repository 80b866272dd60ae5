import type { SiteFacts } from '#services/compliance/site_facts'

/** `problem`: an authority has punished or the law forbids it; `warning`: it needs a reason; `note`: good to know. */
export type Severity = 'problem' | 'warning' | 'note'

export type Finding = {
  readonly id: string
  readonly severity: Severity
  readonly text: string
  /** Where it stands. */
  readonly source: string
}

type Rule = {
  readonly id: string
  readonly severity: Severity
  readonly source: string
  /** What is to be said about a site, or null. */
  readonly check: (site: SiteFacts) => string | null
}

const GDPR = (articles: string) => `GDPR, ${articles}`
const CNIL = 'CNIL, SAN-2024-021 (19 December 2024)'

const isEmpty = (value: unknown) => typeof value !== 'string' || value.trim() === ''

/** A rule for what a notice has to say. */
const said = (key: string, what: string, articles: string): Rule => ({
  id: `notice.${key}`,
  severity: 'problem',
  source: GDPR(articles),
  check: ({ notice }) => (isEmpty(notice[key]) ? `The notice does not say ${what}` : null),
})

/** A rule for how long something is kept at the most. */
const kept = (
  key: 'recordings' | 'screenshots' | 'titles' | 'heartbeats',
  part: 'recording' | 'screenshot' | 'activity' | null,
  days: number
): Rule => ({
  id: `retention.${key}`,
  severity: 'warning',
  source: GDPR('Article 5(1)(e)'),
  check: ({ most }) =>
    (part === null || most[`${part}.enabled`]) && most[`retention.${key}_days`] > days
      ? `${key} may be kept ${most[`retention.${key}_days`]} days; more than ${days} needs a reason`
      : null,
})

/** What an authority would look at, most severe first. Each says what it found and where it stands. */
export const SITE_RULES: readonly Rule[] = [
  {
    id: 'screenshot.interval',
    severity: 'problem',
    source: CNIL,
    check: ({ most }) =>
      most['screenshot.enabled'] && most['screenshot.interval_seconds'] < 180
        ? `Pictures every ${most['screenshot.interval_seconds']} seconds: the authority found pictures every 3 to 15 minutes disproportionate where no special reason was given`
        : null,
  },
  {
    id: 'screenshot.regular',
    severity: 'warning',
    source: CNIL,
    check: ({ most }) => {
      const seconds = most['screenshot.interval_seconds']
      return most['screenshot.enabled'] && seconds >= 180 && seconds < 900
        ? `Pictures every ${seconds} seconds lie within the 3 to 15 minutes that the authority found disproportionate; an impact assessment has to say why less is not enough`
        : null
    },
  },
  {
    id: 'screenshot.blur',
    severity: 'note',
    source: GDPR('Article 5(1)(c)'),
    check: ({ most }) =>
      most['screenshot.enabled'] && most['screenshot.blur'] === 'none'
        ? 'Pictures are not blurred: they show more than that work went on'
        : null,
  },
  {
    id: 'screenshot.live',
    severity: 'warning',
    source: `${CNIL}; ${GDPR('Article 5(1)(c)')}`,
    check: ({ most }) =>
      most['screenshot.live']
        ? 'The newest pictures of everybody may stand on one wall: that is watching, not looking something up'
        : null,
  },
  {
    id: 'recording',
    severity: 'problem',
    source: `${CNIL}; ${GDPR('Article 5(1)(c)')}`,
    check: ({ most }) =>
      most['recording.enabled'] ? 'Screens can be recorded without a break' : null,
  },
  {
    id: 'activity.titles',
    severity: 'warning',
    source: GDPR('Articles 5(1)(c) and 9'),
    check: ({ most }) =>
      most['activity.titles']
        ? 'Titles of windows may leave the machine: they name people, mails and illnesses'
        : null,
  },
  {
    id: 'hours',
    severity: 'problem',
    source: `${GDPR('Article 5(1)(b)')}; Article 8 ECHR (Bărbulescu v. Romania)`,
    check: ({ hours, most }) =>
      hours === 'always' && most.hours === null
        ? 'There are no hours: people are observed at any time, also in their own'
        : null,
  },
  {
    id: 'pause',
    severity: 'problem',
    source: CNIL,
    check: ({ most }) =>
      most['pause.minutes_per_day'] === 0
        ? 'Nobody may pause, not even for a private matter'
        : null,
  },
  {
    id: 'review',
    severity: 'note',
    source: GDPR('Article 25'),
    check: ({ most }) =>
      (most['screenshot.enabled'] || most['recording.enabled']) && most['review.minutes'] === 0
        ? 'Captures are sent at once: a review window lets people take back what is private'
        : null,
  },
  said('organisation', 'who is responsible', 'Article 13(1)(a)'),
  said('contact', 'whom to ask', 'Article 13(1)(a)'),
  said('purpose', 'why this is collected', 'Article 13(1)(c)'),
  said('legalBasis', 'on which legal basis', 'Article 13(1)(c)'),
  said('seenBy', 'who sees it', 'Article 13(1)(e)'),
  said('kept', 'how long it is kept', 'Article 13(2)(a)'),
  {
    id: 'notice.law',
    severity: 'warning',
    source: 'GDPR, Article 13; UK GDPR, Article 13; N.Y. Civil Rights Law § 52-c',
    check: ({ notice }) =>
      isEmpty(notice.law) ? 'The notice follows no law: set `law` to eu, uk or new-york' : null,
  },
  {
    id: 'notice.complaints',
    severity: 'warning',
    source: GDPR('Article 13(2)(d)'),
    check: ({ notice }) =>
      notice.law === 'eu' && isEmpty(notice.complaintsTo)
        ? 'The notice does not say where one can complain'
        : null,
  },
  {
    id: 'notice.officer',
    severity: 'warning',
    source: GDPR('Articles 13(1)(b) and 37'),
    check: ({ notice }) =>
      notice.law === 'eu' && isEmpty(notice.protectionOfficer)
        ? 'The notice names no data protection officer; who monitors systematically needs one'
        : null,
  },
  {
    id: 'notice.declared',
    severity: 'problem',
    source: GDPR('Articles 5(1)(a) and 13'),
    check: ({ plugins }) => {
      const silent = plugins.filter(({ collects }) => collects === null).map(({ name }) => name)
      return silent.length > 0
        ? `${silent.join(', ')}: the notice cannot say what this collects`
        : null
    },
  },
  {
    id: 'http',
    severity: 'problem',
    source: GDPR('Article 32'),
    check: ({ allowsInsecureHttp }) =>
      allowsInsecureHttp ? 'Agents may send without encryption' : null,
  },
  kept('recordings', 'recording', 7),
  kept('screenshots', 'screenshot', 30),
  kept('titles', 'activity', 30),
  kept('heartbeats', null, 90),
  {
    id: 'dpia',
    severity: 'note',
    source: GDPR('Article 35(3)(a)'),
    check: ({ most }) =>
      most['screenshot.enabled'] || most['recording.enabled'] || most['activity.enabled']
        ? 'Systematic monitoring needs an impact assessment before it begins: node ace compliance:report drafts it'
        : null,
  },
]

const ORDER: readonly Severity[] = ['problem', 'warning', 'note']

/** What an authority would say about a site, most severe first. */
export function judgeSite(site: SiteFacts): Finding[] {
  return SITE_RULES.flatMap(({ id, severity, source, check }) => {
    const text = check(site)
    return text === null ? [] : [{ id, severity, text, source }]
  }).sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity))
}
