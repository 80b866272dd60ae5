import { hash } from 'node:crypto'
import { POLICY_KEYS } from '../contract/policy.ts'
import { german } from '../notices/de.ts'
import { english } from '../notices/en.ts'
import type {
  Collected,
  NoticeFacts,
  NoticeLanguage,
  NoticeLaw,
  NoticeWords,
  PublishedFacts,
} from '../notices/facts.ts'
import { LAWS } from '../notices/laws.ts'
import type { Site } from './define_site.ts'
import { boundsOf } from './policy_keeper.ts'
import { effectivePolicy, SITE_ALONE, type PublishedPolicy } from './policy.ts'

/** The notice of a site and its policy: what a person reads before anything but liveness is sent. */
export type Notice = {
  /** The site's and the policy's together, so that it rises with either. */
  readonly version: number
  readonly language: string
  readonly text: string
  /** SHA-256 of the text, in hexadecimal. */
  readonly sha256: string
}

/** That a person read the notice: which text, when. */
export type Acknowledgement = {
  readonly version: number
  readonly text_sha256: string
  readonly acknowledged_at: string
  readonly language: string
}

/**
 * The notice of a site, made from its plugins' own declarations, so that it cannot promise less than
 * what runs. Another plugin, interval, hour or policy is another text, and another text is not
 * acknowledged.
 */
export function noticeOf(site: Site, published: PublishedPolicy = SITE_ALONE): Notice {
  const { version: siteVersion = 1, language = 'en', law, ...said } = site.notice
  const version = siteVersion + published.version
  const facts = {
    ...said,
    version,
    site: site.name,
    hours: site.workingHours,
    collected: collectedBy(site, language),
    policy: policyFacts(site, published),
  }
  const text = textOf(facts, language, law)
  return { version, language, text, sha256: hash('sha256', text, 'hex') }
}

/** Whether `acknowledgement` stands for exactly this notice. */
export function isAcknowledged(notice: Notice, acknowledgement: Acknowledgement | null): boolean {
  return (
    acknowledgement !== null &&
    acknowledgement.version === notice.version &&
    acknowledgement.text_sha256 === notice.sha256
  )
}

/** An acknowledgement of `notice`, given at `now` (milliseconds since 1970). */
export function acknowledge(notice: Notice, now: number): Acknowledgement {
  return {
    version: notice.version,
    text_sha256: notice.sha256,
    acknowledged_at: new Date(now).toISOString(),
    language: notice.language,
  }
}

/** What each plugin collects, and how often, as it declares it; in `language` where it has that. */
export function collectedBy(site: Site, language = 'en'): readonly Collected[] {
  return site.plugins.map(({ name, notice }) => {
    const said = notice?.inLanguages?.[language] ?? notice
    return {
      name,
      collects: said?.collects ?? 'not declared by this plugin',
      every: said?.every ?? null,
    }
  })
}

const WORDS: Readonly<Record<NoticeLanguage, NoticeWords>> = { en: english, de: german }

function textOf(facts: NoticeFacts, language: NoticeLanguage, law: NoticeLaw | undefined): string {
  const words = WORDS[language]
  const said = (label: string, text: string | undefined) =>
    text === undefined ? [] : [`${label}: ${text}`]
  const collected = facts.collected.map(({ name, collects, every }) =>
    every === null ? `  - ${name}: ${collects}` : `  - ${name}: ${collects}, ${every}`
  )
  return [
    words.title(facts),
    '',
    ...words.opening(facts.organisation),
    '',
    ...said(words.why, facts.purpose),
    ...said(words.legalBasis, facts.legalBasis),
    `${words.collected}:`,
    ...(collected.length === 0 ? [`  - ${words.nothing}`] : collected),
    `${words.when}: ${words.hours(facts.hours)}.`,
    ...policyLines(facts.policy, words),
    ...said(words.seenBy, facts.seenBy),
    ...said(words.kept, facts.kept),
    words.never,
    words.untilRead,
    ...words.yours,
    ...said(words.contact, facts.contact),
    ...(law === undefined
      ? []
      : [
          '',
          ...LAWS[law][language](
            facts,
            facts.contact === undefined ? words : { ...words, unsaid: words.unsaidAskContact }
          ),
        ]),
    '',
  ].join('\n')
}

function policyLines(policy: PublishedFacts | null, words: NoticeWords): readonly string[] {
  return policy === null || policy.keys.length === 0
    ? []
    : [
        `${words.policy(policy.version)}:`,
        ...policy.keys.map((key) => `  - ${words.value(key, policy)}`),
      ]
}

function policyFacts(site: Site, published: PublishedPolicy): PublishedFacts {
  const { values, timeZone } = effectivePolicy(boundsOf(site), published)
  const keys = POLICY_KEYS.filter((key) => published.values[key] !== undefined)
  return { version: published.version, keys, values, timeZone }
}
