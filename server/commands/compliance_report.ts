import { readComplianceFacts } from '#services/compliance/facts'
import { writePack } from '#services/compliance/pack'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { resolve } from 'node:path'

export default class ComplianceReport extends BaseCommand {
  static commandName = 'compliance:report'
  static description =
    'Write what the law asks for from the running configuration: DPIA draft, record of processing, retention, notices'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Folder of the pack', default: 'compliance' })
  declare out: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const folder = resolve(this.out)
    const files = await writePack(folder, await readComplianceFacts())
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ folder, files })}\n`)
      return
    }
    this.logger.success(`${files.length} files in ${folder}: ${files.join(', ')}`)
    this.logger.log(
      'Fill in what only you know; then node ace compliance:check says when it drifts.'
    )
  }
}
