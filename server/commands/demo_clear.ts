import { clearDemo } from '#services/demo/seed'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class DemoClear extends BaseCommand {
  static commandName = 'demo:clear'
  static description = 'Remove everybody of the demo, with computers, days and pictures'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const people = await clearDemo()
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ people })}\n`)
    } else {
      this.logger.success(`${people} people of the demo are gone`)
    }
  }
}
