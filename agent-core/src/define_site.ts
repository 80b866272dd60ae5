import {
  NOTICE_LANGUAGES,
  NOTICE_LAWS,
  type NoticeLanguage,
  type NoticeLaw,
  type OrganisationFacts,
} from '../notices/facts.ts'
import { AgentError } from './errors.ts'
import type { Exclusion } from '../contract/policy.ts'
import type { Plugin } from './plugin.ts'
import type { PolicyBounds } from './policy.ts'
import type { QuotaOptions } from './spool_quota.ts'
import { workingHours, type WorkingHoursOption } from './working_hours.ts'

/** What the notice says, in which language, and which law it follows. */
export type NoticeOptions = OrganisationFacts & {
  /** Raise it when the meaning changes; default 1. A changed text asks for a new acknowledgement anyway. */
  readonly version?: number
  /** Language of the notice; default `en`. */
  readonly language?: NoticeLanguage
  /** The law whose duties to inform it follows; without it, what is always said stands alone. */
  readonly law?: NoticeLaw
}

/** What a site file hands over. It is the outer bound of what can ever be observed there. */
export type SiteConfig = {
  /** Lower case letters, digits and hyphens. */
  readonly name: string
  readonly plugins: readonly Plugin[]
  /** When a person may be observed; default always. */
  readonly workingHours?: WorkingHoursOption
  readonly notice?: NoticeOptions
  /** Windows that are never captured, beside those that WorkSight itself excludes. */
  readonly exclusions?: readonly Exclusion[]
  /** What a policy of the server can never exceed here, beside what the plugins' options say. */
  readonly bounds?: PolicyBounds
  /** How the agent asks the server for its policy. */
  readonly poll?: PollOptions
  /** How much of the disk the spool may use. */
  readonly spool?: QuotaOptions
  /** Allows http:// to another machine. Only for a network that is trusted as a whole. */
  readonly allowInsecureHttp?: boolean
}

/** How the agent asks for its policy. */
export type PollOptions = {
  /** Seconds between two questions where the server answers at once, 1 to 3600; default 60. */
  readonly seconds?: number
  /** Seconds that the server may hold a question for a change, 0 to 60; default 25. */
  readonly waitSeconds?: number
}

/** A site with its defaults filled in. */
export type Site = Required<Omit<SiteConfig, 'poll'>> & { readonly poll: Required<PollOptions> }

const POLL = { seconds: [1, 3600], waitSeconds: [0, 60] } as const

/**
 * Checks a site and fills in its defaults. Throws E_INVALID_SITE, E_DUPLICATE_PLUGIN or, for hours
 * that do not exist, E_INVALID_OPTION.
 */
export function defineSite(config: SiteConfig): Site {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(config.name)) {
    throw new AgentError(
      'E_INVALID_SITE',
      `Expected a name of lower case letters, digits and hyphens, found "${config.name}"`
    )
  }
  const names = new Set<string>()
  for (const { name } of config.plugins) {
    if (names.has(name)) {
      throw new AgentError('E_DUPLICATE_PLUGIN', `Expected each plugin once, found "${name}" twice`)
    }
    names.add(name)
  }
  const hours = config.workingHours ?? 'always'
  workingHours(hours)
  assertNotice(config.notice ?? {})
  const poll = { seconds: 60, waitSeconds: 25, ...config.poll }
  assertPoll(poll)
  return Object.freeze({
    name: config.name,
    plugins: Object.freeze([...config.plugins]),
    workingHours: hours,
    notice: config.notice ?? {},
    exclusions: config.exclusions ?? [],
    bounds: config.bounds ?? {},
    poll,
    spool: config.spool ?? {},
    allowInsecureHttp: config.allowInsecureHttp ?? false,
  })
}

function assertPoll(poll: Required<PollOptions>): void {
  for (const option of Object.keys(POLL) as (keyof PollOptions)[]) {
    const [least, most] = POLL[option]
    const value = poll[option]
    if (!(value >= least && value <= most)) {
      throw new AgentError(
        'E_INVALID_OPTION',
        `poll.${option}: expected a number from ${least} to ${most}, found ${value}`
      )
    }
  }
}

function assertNotice({ language = 'en', law }: NoticeOptions): void {
  if (!NOTICE_LANGUAGES.includes(language) || (law !== undefined && !NOTICE_LAWS.includes(law))) {
    throw new AgentError(
      'E_INVALID_SITE',
      `Expected a notice in ${NOTICE_LANGUAGES.join(' or ')}, of ${NOTICE_LAWS.join(', ')} or no law, found ${language} and ${law ?? 'none'}`
    )
  }
}
