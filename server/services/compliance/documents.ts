import { POLICY_KEYS, type PolicyKey } from '#contract/policy'
import type { ComplianceFacts } from '#services/compliance/facts'
import type { SiteFacts } from '#services/compliance/site_facts'
import { POLICY_LABELS, policyText } from '#services/policy/words'

const RETENTION: readonly PolicyKey[] = [
  'retention.recordings_days',
  'retention.screenshots_days',
  'retention.titles_days',
  'retention.heartbeats_days',
]

/** What a person has to write; a report that still has it is a draft. */
const TO_WRITE = '**[to be written by the controller]**'

/**
 * The documents that the law asks for, as Markdown, by their file name: the draft of an impact
 * assessment, the record of processing, the retention schedule, and each notice as it was read.
 */
export function documentsOf(facts: ComplianceFacts): Record<string, string> {
  return {
    'dpia.md': assessment(facts),
    'record_of_processing.md': record(facts),
    'retention.md': retention(facts),
    ...Object.fromEntries(
      facts.notices.map(({ site, language, sha256, text }) => [
        `notices/${site}-${language}-${sha256.slice(0, 12)}.txt`,
        text,
      ])
    ),
  }
}

function assessment(facts: ComplianceFacts): string {
  return page('Data protection impact assessment (draft), Article 35 GDPR', [
    ['What is done', whatIsDone(facts)],
    [
      'Why, and on which basis',
      facts.sites.map(({ name, file }) => `- Site ${name}: ${why(file)}`),
    ],
    [
      'Is it necessary, is it proportionate',
      [TO_WRITE, '', 'What the configuration itself raises:', '', ...findings(facts)],
    ],
    [
      'Risks for those who are monitored',
      [
        '- Private matters in pictures or titles; special categories (health, union, belief).',
        '- Pressure by being watched; use for another purpose; access by those who should not.',
        '- Loss or theft of pictures; keeping longer than needed.',
        TO_WRITE,
      ],
    ],
    [
      'What is done against them',
      [
        '- Nothing is captured before the notice was acknowledged, none while no indicator is alive.',
        '- Shipped lists exclude password managers, private browsing, banking, health and union.',
        '- Pauses and private time; a review window where the policy has one.',
        '- No keystrokes, clipboard, camera, microphone or place: the wire has no field for them.',
        '- Every look at a picture is written down and shown to the person; the person sees the same page.',
        '- No ranking of people, no automated decision, no deduction.',
        '- Retention by kind (retention.md); erasure reaches rows and files and gives a receipt.',
        `- In transit: ${facts.storage.isEncryptedInTransit ? 'HTTPS' : '**not encrypted: the address of this server is http://**'}.`,
      ],
    ],
    ['Views of those who are monitored, and of their representatives', [TO_WRITE]],
    ['Opinion of the data protection officer, and decision', [TO_WRITE]],
  ])
}

function record(facts: ComplianceFacts): string {
  const notice = facts.sites.map(({ file }) => file?.notice ?? {})
  const said = (key: string) => {
    const texts = [...new Set(notice.map((one) => one[key]).filter(Boolean))].map(String)
    return texts.length === 0 ? [TO_WRITE] : texts.map((text) => `- ${text}`)
  }
  return page('Record of processing activities, Article 30 GDPR', [
    ['Controller', said('organisation')],
    ['Contact', said('contact')],
    ['Data protection officer', said('protectionOfficer')],
    ['Purposes', said('purpose')],
    ['Whose data', ['People whose computers run an agent.']],
    ['Which data', whatIsDone(facts)],
    ['Recipients', said('seenBy')],
    ['Transfers to third countries', said('transfers')],
    ['Time limits for erasure', ['See retention.md.']],
    [
      'Technical and organisational measures',
      [
        `- Database: ${facts.storage.database}; access by role, every look at pictures written down.`,
        `- In transit: ${facts.storage.isEncryptedInTransit ? 'HTTPS' : '**not encrypted**'}.`,
        '- Acknowledgements in a sealed ledger; erasures with a sealed receipt.',
      ],
    ],
  ])
}

function retention(facts: ComplianceFacts): string {
  const rows = facts.policies.flatMap(({ subject, version, values }) =>
    RETENTION.filter((key) => values[key] !== undefined).map(
      (key) =>
        `| ${subject} (version ${version}) | ${POLICY_LABELS[key]} | ${policyText(key, values[key])} |`
    )
  )
  const most = facts.sites.flatMap(({ name, file }) =>
    file === null
      ? [`| site ${name} | | its file is not on this machine |`]
      : RETENTION.map(
          (key) => `| site ${name} | ${POLICY_LABELS[key]} | ${policyText(key, file.most[key])} |`
        )
  )
  const log = `| everybody | Log of looks and changes | ${facts.auditDays} days |`
  return page('Retention schedule', [
    ['How long', ['| For | What | How long |', '|---|---|---|', ...rows, ...most, log]],
    [
      'What an erasure does',
      [
        '| Table | |',
        '|---|---|',
        ...Object.entries(facts.tables).map(([table, fate]) => `| ${table} | ${fate} |`),
      ],
    ],
  ])
}

function whatIsDone({ sites, policies }: ComplianceFacts): string[] {
  const plugins = sites.flatMap(({ name, file }) =>
    file === null
      ? [`- Site ${name}: its file is not on this machine; add what it collects.`]
      : file.plugins.map(
          (plugin) =>
            `- Site ${name}, ${plugin.name}: ${plugin.collects ?? 'not declared'}${plugin.every === null ? '' : `, ${plugin.every}`}`
        )
  )
  const tuned = policies.flatMap(({ subject, version, values }) =>
    POLICY_KEYS.filter((key) => values[key] !== undefined).map(
      (key) =>
        `- Policy for ${subject}, version ${version}: ${POLICY_LABELS[key]}: ${policyText(key, values[key])}`
    )
  )
  return [...plugins, ...tuned]
}

function findings({ sites }: ComplianceFacts): string[] {
  const lines = sites.flatMap(({ name, findings: found }) =>
    found.map(({ severity, text, source }) => `- ${severity}, site ${name}: ${text} (${source})`)
  )
  return lines.length === 0 ? ['- nothing'] : lines
}

function why(file: SiteFacts | null): string {
  const purpose = file?.notice.purpose ?? TO_WRITE
  const basis = file?.notice.legalBasis ?? TO_WRITE
  return `${String(purpose)}; basis: ${String(basis)}`
}

function page(title: string, sections: readonly (readonly [string, readonly string[]])[]): string {
  return `${[
    `# ${title}`,
    '',
    'Made from the running configuration by `node ace compliance:report`; `compliance:check` says when',
    'it no longer fits.',
    ...sections.flatMap(([heading, lines]) => ['', `## ${heading}`, '', ...lines]),
  ].join('\n')}\n`
}
