import { testWindow } from '#services/categories/store'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class CategoryTest extends BaseCommand {
  static commandName = 'category:test'
  static description = 'Say which rule takes a window, and which category that is'
  static help = ['{{ binaryName }} category:test --app Firefox --domain github.com']
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Name of the application', flagName: 'app', default: '' })
  declare application: string

  @flags.string({ description: 'Title of the window' })
  declare title?: string

  @flags.string({ description: 'Site that a browser shows' })
  declare domain?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const { title = null, domain = null } = this
    const found = await testWindow({ app: this.application, title, domain })
    if (this.json) {
      const { rule = null, category = null } = found ?? {}
      process.stdout.write(`${JSON.stringify({ rule, category })}\n`)
    } else if (found) {
      const { rule, category } = found
      const patterns = [rule.app, rule.title, rule.domain].filter((part) => part !== null)
      this.logger.success(
        `${category.name} (${category.value}), by rule ${rule.id}: ${patterns.join(', ')}`
      )
    } else {
      this.logger.info('No rule takes this window: it is uncategorised and counts as neutral')
    }
  }
}
