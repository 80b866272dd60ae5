import { publishedPolicies } from '#services/policy/store'
import { policySentences } from '#services/policy/words'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PolicyList extends BaseCommand {
  static commandName = 'policy:list'
  static description = 'List the policies in force, widest level first'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const policies = await publishedPolicies()
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ policies })}\n`)
      return
    }
    if (policies.length === 0) {
      this.logger.info('No policy yet: the site of each computer decides')
      return
    }
    for (const { level, subjectId, version, values } of policies) {
      this.logger.log(`${level} ${subjectId || ''} version ${version}`.replaceAll('  ', ' '))
      policySentences(values).forEach((sentence) => this.logger.log(`  ${sentence}`))
    }
  }
}
