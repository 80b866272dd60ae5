import { INITIAL_POLICY } from '#contract/policy'
import { auditDays } from '#services/audit_pruning'
import { noticesInUse, sitesInUse } from '#services/compliance/facts'
import { organisation } from '#services/organisation'
import { resolvePolicy } from '#services/policy/resolve'
import { policiesOf, policyHistory } from '#services/policy/store'
import { policySentences } from '#services/policy/words'
import { RETENTION_KINDS, type RetentionKind } from '#services/retention/plan'

const EVERYBODY = { level: 'organisation', id: 0 } as const

/** Hours of a site, as its file has them. */
type Hours = { readonly zone?: string; readonly days?: Record<string, readonly [string, string][]> }

/**
 * What the posted notice says beside what each site collects: hours and contacts of the sites, the
 * policy for everybody in sentences and since when, days that each kind is kept, and the texts that
 * people have read. Nothing in it is of a person.
 */
export async function postedNotice() {
  const [whose, sites, policies, history, notices] = await Promise.all([
    organisation(),
    sitesInUse(),
    policiesOf([EVERYBODY]),
    policyHistory(EVERYBODY),
    noticesInUse(),
  ])
  const { values } = resolvePolicy(policies)
  const kept = (kind: RetentionKind) => {
    const { policy } = RETENTION_KINDS[kind]
    return values[policy] ?? INITIAL_POLICY[policy]
  }
  return {
    organisation: whose,
    sites: sites.map((site) => ({
      ...site,
      hours: site.file === null ? null : hoursText(site.file.hours),
      said: site.file === null ? [] : saidBy(site.file.notice),
    })),
    sentences: policySentences(values),
    history: history.map(({ version, publishedAt }) => ({ version, publishedAt })),
    kept: {
      screenshots: kept('screenshots'),
      recordings: kept('recordings'),
      titles: kept('titles'),
      heartbeats: kept('heartbeats'),
      audit: auditDays(),
    },
    notices: notices
      .map(({ site, version, language, sha256 }) => ({ site, version, language, sha256 }))
      .sort((one, other) => one.site.localeCompare(other.site) || other.version - one.version),
  }
}

const SAID = {
  purpose: 'Why',
  legalBasis: 'Legal basis',
  kept: 'Kept',
  contact: 'Whom to ask',
} as const

function saidBy(notice: Readonly<Record<string, unknown>>) {
  return Object.entries(SAID).flatMap(([key, label]) => {
    const text = notice[key]
    return typeof text === 'string' ? [{ label, text }] : []
  })
}

function hoursText(hours: unknown): string {
  if (hours === 'always') {
    return 'at any time the computer is in use'
  }
  const { days = {}, zone } = hours as Hours
  const lines = Object.entries(days).map(([day, spans]) => {
    const name = day.charAt(0).toUpperCase() + day.slice(1)
    return `${name} ${spans.map(([from, until]) => `${from}–${until}`).join(' and ')}`
  })
  return `${lines.join(', ') || 'never'}, ${zone ? `in ${zone}` : 'by the clock of the computer'}`
}
