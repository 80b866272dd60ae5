import { hash } from 'node:crypto'
import type { Site } from './define_site.ts'
import { boundsOf } from './policy_keeper.ts'
import { describePolicy, effectivePolicy, SITE_ALONE, type PublishedPolicy } from './policy.ts'
import { describeHours } from './working_hours.ts'

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
  const { version: siteVersion = 1, language = 'en' } = site.notice
  const version = siteVersion + published.version
  const text = textOf(site, version, published)
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

/** What each plugin collects, and how often, as it declares it. */
export function collectedBy(
  site: Site
): readonly { name: string; collects: string; every: string | null }[] {
  return site.plugins.map(({ name, notice }) => ({
    name,
    collects: notice?.collects ?? 'not declared by this plugin',
    every: notice?.every ?? null,
  }))
}

function textOf(site: Site, version: number, published: PublishedPolicy): string {
  const { organisation, purpose, legalBasis, seenBy, kept, contact } = site.notice
  const plugins = collectedBy(site).map(
    ({ name, collects, every }) => `  - ${name}: ${collects}${every === null ? '' : `, ${every}`}`
  )
  return [
    `Notice of monitoring, version ${version} (site ${site.name})`,
    '',
    `WorkSight shows ${organisation ?? 'the organisation'} how work goes on this machine. It does so openly:`,
    'you see what is collected, and the agent says so while it runs.',
    '',
    ...(purpose === undefined ? [] : [`Why: ${purpose}`]),
    ...(legalBasis === undefined ? [] : [`Legal basis: ${legalBasis}`]),
    'What is collected:',
    ...(plugins.length === 0 ? ['  - nothing'] : plugins),
    `When: ${describeHours(site.workingHours)}.`,
    ...policyLines(site, published),
    ...(seenBy === undefined ? [] : [`Who sees it: ${seenBy}`]),
    ...(kept === undefined ? [] : [`How long it is kept: ${kept}`]),
    'Never collected: keystrokes, clipboard, webcam, microphone, location.',
    'Until this notice is acknowledged, the agent only says that it is alive.',
    ...(contact === undefined ? [] : [`Contact: ${contact}`]),
    '',
  ].join('\n')
}

function policyLines(site: Site, published: PublishedPolicy): readonly string[] {
  const lines = describePolicy(effectivePolicy(boundsOf(site), published), published)
  return lines.length === 0
    ? []
    : [`Within that, policy ${published.version} says:`, ...lines.map((line) => `  - ${line}`)]
}
