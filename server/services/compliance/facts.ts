import type { PolicyValues } from '#contract/policy'
import { POLICY_LEVELS, type PolicyLevel } from '#services/policy/resolve'
import { readSite, type SiteFacts } from '#services/compliance/site_facts'
import { judgeSite, type Finding } from '#services/compliance/site_rules'
import { PERSONAL_TABLES } from '#services/subject/tables'
import { auditDays } from '#services/audit_pruning'
import env from '#start/env'
import db from '@adonisjs/lucid/services/db'

/** A policy in force: for whom, which version, what it says. */
export type PolicyFacts = {
  readonly level: PolicyLevel
  readonly subject: string
  readonly version: number
  readonly values: Partial<PolicyValues>
}

/** A text that people read: of which site, in which language. */
export type NoticeText = {
  readonly site: string
  readonly version: number
  readonly language: string
  readonly sha256: string
  readonly text: string
}

/**
 * What the installation is set up to do, from the running configuration: the same facts whenever
 * they are read, until somebody changes the configuration. Nothing in it names who did what.
 */
export type ComplianceFacts = {
  /** Sites that agents in use run; `file` is null where the site's file is not on this machine. */
  readonly sites: readonly {
    readonly name: string
    readonly file: SiteFacts | null
    readonly findings: readonly Finding[]
  }[]
  readonly policies: readonly PolicyFacts[]
  readonly notices: readonly NoticeText[]
  /** What is kept about a person, and what an erasure does with it. */
  readonly tables: Readonly<Record<string, string>>
  /** Days that the log of looks and changes is kept. */
  readonly auditDays: number
  readonly storage: { readonly database: string; readonly isEncryptedInTransit: boolean }
}

export async function readComplianceFacts(): Promise<ComplianceFacts> {
  return {
    sites: await sitesInUse(),
    policies: await policiesInForce(),
    notices: await noticesInUse(),
    tables: Object.fromEntries(
      PERSONAL_TABLES.map(({ table, erasure }) => [
        table,
        typeof erasure === 'string' ? `${erasure} by an erasure` : `kept: ${erasure.keptBecause}`,
      ])
    ),
    auditDays: auditDays(),
    storage: {
      database: env.get('DB_CONNECTION'),
      isEncryptedInTransit: env.get('APP_URL').startsWith('https:'),
    },
  }
}

/** Sites that computers report for, each with what its file says, where it is on this machine. */
export async function sitesInUse(): Promise<ComplianceFacts['sites']> {
  const rows: { site: string }[] = await db
    .from('agents')
    .whereNull('revoked_at')
    .distinct('site')
    .orderBy('site')
  const names = rows.length > 0 ? rows.map(({ site }) => site) : ['default']
  return Promise.all(
    names.map(async (name) => {
      const file = await readSite(name)
      return { name, file, findings: file === null ? [] : judgeSite(file) }
    })
  )
}

async function policiesInForce(): Promise<PolicyFacts[]> {
  const rows: {
    id: number
    level: PolicyLevel
    subject_id: number
    values: string | Partial<PolicyValues>
  }[] = await db
    .from('policy_versions')
    .join('policies', 'policies.id', 'policy_versions.policy_id')
    .whereIn('policy_versions.id', (newest) => {
      newest.from('policy_versions').max('id').groupBy('policy_id')
    })
    .select('policy_versions.id', 'level', 'subject_id', 'values')
  return rows
    .map(({ id, level, subject_id: subject, values }) => ({
      level,
      subject: level === 'organisation' ? 'everybody' : `${level} ${subject}`,
      version: Number(id),
      values: typeof values === 'string' ? JSON.parse(values) : values,
    }))
    .sort(
      (one, other) =>
        POLICY_LEVELS.indexOf(one.level) - POLICY_LEVELS.indexOf(other.level) ||
        one.subject.localeCompare(other.subject)
    )
}

/** The texts that the newest acknowledgement of an agent in use names. */
export async function noticesInUse(): Promise<NoticeText[]> {
  const rows: {
    text_sha256: string
    site: string
    version: number
    language: string
    text: string
  }[] = await db
    .from('notices')
    .whereIn('text_sha256', (named) => {
      named
        .from('acknowledgements')
        .join('agents', 'agents.id', 'acknowledgements.agent_id')
        .whereNull('agents.revoked_at')
        .whereIn('acknowledgements.id', (newest) => {
          newest.from('acknowledgements').max('id').groupBy('agent_id')
        })
        .select('acknowledgements.text_sha256')
    })
    .select('text_sha256', 'site', 'version', 'language', 'text')
  return rows
    .map(({ text_sha256: sha256, version, ...rest }) => ({
      ...rest,
      version: Number(version),
      sha256,
    }))
    .sort((one, other) => one.sha256.localeCompare(other.sha256))
}
