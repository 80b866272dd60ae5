import type { PolicyKey, PolicyValues } from '../contract/policy.ts'
import type { WorkingHoursOption } from '../src/working_hours.ts'

/** Languages in which a notice can be written. */
export const NOTICE_LANGUAGES = ['en', 'de'] as const
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number]

/** Laws whose duties to inform a notice can follow. */
export const NOTICE_LAWS = ['eu', 'uk', 'new-york'] as const
export type NoticeLaw = (typeof NOTICE_LAWS)[number]

/** What only the organisation knows; what it does not say is `undefined`. */
export type OrganisationFacts = {
  readonly organisation?: string
  /** Why this is collected, as a sentence. */
  readonly purpose?: string
  readonly legalBasis?: string
  /** Who sees it, as a sentence. */
  readonly seenBy?: string
  /** How long it is kept, as a sentence. */
  readonly kept?: string
  /** Whom to ask. */
  readonly contact?: string
  /** Who watches over data protection there, and how to reach them. */
  readonly protectionOfficer?: string
  /** Where one can complain: the supervisory authority. */
  readonly complaintsTo?: string
  /** Whether anything leaves for a country outside, and under which guarantees. */
  readonly transfers?: string
}

/** Everything that a notice says. */
export type NoticeFacts = OrganisationFacts & {
  readonly version: number
  readonly site: string
  readonly hours: WorkingHoursOption
  readonly collected: readonly Collected[]
  /** The policy, where one is published. */
  readonly policy: PublishedFacts | null
}

/** What one part collects, and how often, as it declares it. */
export type Collected = {
  readonly name: string
  readonly collects: string
  readonly every: string | null
}

export type PublishedFacts = {
  readonly version: number
  /** The values that it names, as they hold within the site's bounds. */
  readonly keys: readonly PolicyKey[]
  readonly values: PolicyValues
  readonly timeZone: string | null
}

/** The words of one language. */
export type NoticeWords = {
  readonly title: (facts: NoticeFacts) => string
  readonly opening: (organisation: string | undefined) => readonly string[]
  readonly why: string
  readonly legalBasis: string
  readonly collected: string
  readonly nothing: string
  readonly when: string
  readonly hours: (hours: WorkingHoursOption) => string
  readonly policy: (version: number) => string
  readonly value: (key: PolicyKey, published: PublishedFacts) => string
  readonly seenBy: string
  readonly kept: string
  readonly never: string
  readonly untilRead: string
  readonly yours: readonly string[]
  readonly contact: string
  /** What stands for the storage period where the organisation says none and the policy does. */
  readonly keptAsPolicySays: string
  /** What stands where a law asks for something that the organisation does not say. */
  readonly unsaid: string
  /** The same where a contact is named. */
  readonly unsaidAskContact: string
}
