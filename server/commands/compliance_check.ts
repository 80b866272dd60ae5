import { readComplianceFacts } from '#services/compliance/facts'
import { drift } from '#services/compliance/pack'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { resolve } from 'node:path'

export default class ComplianceCheck extends BaseCommand {
  static commandName = 'compliance:check'
  static description = 'Fail when the configuration is no longer as the compliance pack says'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Folder of the pack', default: 'compliance' })
  declare against: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const folder = resolve(this.against)
    const changed = await drift(folder, await readComplianceFacts())
    if (changed === null) {
      this.logger.error(`There is no pack in ${folder}; make one with "node ace compliance:report"`)
      this.exitCode = EXIT.notSetUp
      return
    }
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ drifted: changed.length > 0, changed })}\n`)
    } else if (changed.length > 0) {
      this.logger.error(`The configuration is another one than ${folder} says:`)
      changed.forEach((path) => this.logger.log(`  ${path}`))
      this.logger.log('Look at it, then write the pack anew: node ace compliance:report')
    } else {
      this.logger.success(`The configuration is as ${folder} says`)
    }
    this.exitCode = changed.length > 0 ? EXIT.degraded : EXIT.ok
  }
}
