import { INITIAL_POLICY, type PolicyValues } from '#contract/policy'
import app from '@adonisjs/core/services/app'
import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** What a site file says, as far as the law asks. The file is the agents' code; here it is only read. */
export type SiteFacts = {
  readonly name: string
  readonly plugins: readonly {
    readonly name: string
    readonly collects: string | null
    readonly every: string | null
  }[]
  /** `always`, or the hours by day. */
  readonly hours: unknown
  readonly notice: Readonly<Record<string, unknown>>
  /** The most that a policy can allow there, value by value. */
  readonly most: PolicyValues
  readonly allowsInsecureHttp: boolean
}

type SiteModule = {
  readonly default?: {
    readonly name?: unknown
    readonly plugins?: readonly {
      readonly name: string
      readonly notice?: { readonly collects: string; readonly every?: string }
      readonly bounds?: Partial<PolicyValues>
    }[]
    readonly workingHours?: unknown
    readonly notice?: Record<string, unknown>
    readonly bounds?: Partial<PolicyValues>
    readonly allowInsecureHttp?: boolean
  }
}

const FOLDER = 'config/sites'

/** Names of the sites whose files are on this machine. */
export function siteNames(): string[] {
  const folder = app.makePath(FOLDER)
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^[a-z0-9][a-z0-9-]*\.ts$/.test(name))
        .map((name) => name.replace(/\.ts$/, ''))
        .sort()
    : []
}

/** What one site says, or null where its file is not on this machine. Rejects where it is no site. */
export async function readSite(name: string): Promise<SiteFacts | null> {
  if (!siteNames().includes(name)) {
    return null
  }
  return readSiteFile(app.makePath(FOLDER, `${name}.ts`))
}

export async function readSiteFile(path: string): Promise<SiteFacts> {
  const { default: site } = (await import(pathToFileURL(path).href)) as SiteModule
  if (typeof site?.name !== 'string' || !Array.isArray(site.plugins)) {
    throw new Error(`E_INVALID_SITE: expected ${path} to export a site, found something else`)
  }
  const bounds = site.plugins.map((plugin) => plugin.bounds ?? {})
  const has = (plugin: string) => site.plugins?.some(({ name }) => name === plugin) ?? false
  return {
    name: site.name,
    plugins: site.plugins.map(({ name, notice }) => ({
      name,
      collects: notice?.collects ?? null,
      every: notice?.every ?? null,
    })),
    hours: site.workingHours ?? 'always',
    notice: site.notice ?? {},
    most: Object.assign(
      {},
      INITIAL_POLICY,
      ...bounds,
      site.bounds,
      has('screenshot') ? {} : { 'screenshot.enabled': false, 'screenshot.live': false },
      has('recording') ? {} : { 'recording.enabled': false },
      has('activity') ? {} : { 'activity.enabled': false, 'activity.titles': false }
    ) as PolicyValues,
    allowsInsecureHttp: site.allowInsecureHttp ?? false,
  }
}
