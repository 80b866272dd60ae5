import { AgentError } from './errors.ts'
import type { Exclusion } from '../contract/policy.ts'
import type { Plugin } from './plugin.ts'
import type { QuotaOptions } from './spool_quota.ts'
import { workingHours, type WorkingHoursOption } from './working_hours.ts'

/** What the notice says that only the organisation knows. */
export type NoticeOptions = {
  /** Raise it when the meaning changes; default 1. A changed text asks for a new acknowledgement anyway. */
  readonly version?: number
  /** Language of the texts, as a BCP 47 tag; default `en`. */
  readonly language?: string
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
  /** How much of the disk the spool may use. */
  readonly spool?: QuotaOptions
  /** Allows http:// to another machine. Only for a network that is trusted as a whole. */
  readonly allowInsecureHttp?: boolean
}

/** A site with its defaults filled in. */
export type Site = Required<SiteConfig>

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
  return Object.freeze({
    name: config.name,
    plugins: Object.freeze([...config.plugins]),
    workingHours: hours,
    notice: config.notice ?? {},
    exclusions: config.exclusions ?? [],
    spool: config.spool ?? {},
    allowInsecureHttp: config.allowInsecureHttp ?? false,
  })
}
