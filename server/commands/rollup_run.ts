import { markEverything, rebuildRollups } from '#services/rollups/rebuild'
import { settleRollups } from '#services/rollups/settle'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class RollupRun extends BaseCommand {
  static commandName = 'rollup:run'
  static description = 'Count the hours and days anew that changed, or all of them'
  static help = [
    'A server does this by itself while it runs. It may be stopped at any time: what is not counted',
    'stays marked, and the next run goes on there.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Throw every sum away first, and count from the observations' })
  declare rebuild: boolean

  @flags.boolean({ description: 'Keep the sums, and count every one of them anew' })
  declare all: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    if (this.all) {
      await markEverything()
    }
    const settled = this.rebuild ? await rebuildRollups() : await settleRollups()
    if (this.json) {
      process.stdout.write(`${JSON.stringify(settled)}\n`)
    } else {
      this.logger.success(`${settled.hours} hours and ${settled.days} days counted`)
    }
  }
}
