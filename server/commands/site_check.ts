import { readSite, readSiteFile, siteNames } from '#services/compliance/site_facts'
import { judgeSite, type Severity } from '#services/compliance/site_rules'
import { EXIT } from '#services/exit'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import { resolve } from 'node:path'

const SIGNS: Readonly<Record<Severity, string>> = { problem: '✖', warning: '!', note: '·' }

export default class SiteCheck extends BaseCommand {
  static commandName = 'site:check'
  static description = 'Say what a regulator would say about a site'
  static help = ['{{ binaryName }} site:check default', '{{ binaryName }} site:check ./site.ts']

  @args.string({ description: 'Site of config/sites, or a file', default: 'default' })
  declare site: string

  @flags.boolean({ description: 'Warnings count as well' })
  declare strict: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const site = this.site.endsWith('.ts')
      ? await readSiteFile(resolve(this.site))
      : await readSite(this.site)
    if (site === null) {
      this.logger.error(`There is no site "${this.site}"; there are: ${siteNames().join(', ')}`)
      this.exitCode = EXIT.usage
      return
    }
    const findings = judgeSite(site)
    const counted = findings.filter(
      ({ severity }) => severity === 'problem' || (this.strict && severity === 'warning')
    )
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ site: site.name, findings })}\n`)
    } else {
      for (const { severity, text, source } of findings) {
        this.logger.log(`${SIGNS[severity]} ${severity}: ${text}\n    ${source}`)
      }
      this.logger.log(`${counted.length} to answer for, ${findings.length} in all.`)
    }
    this.exitCode = counted.length > 0 ? EXIT.degraded : EXIT.ok
  }
}
