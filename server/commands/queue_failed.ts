import { failedJobs, forgetFailedJobs, queueState } from '#services/jobs/state'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class QueueFailed extends BaseCommand {
  static commandName = 'queue:failed'
  static description =
    'List jobs that were tried as often as they may be, and how far the queue is behind'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Empty the list once it is printed' })
  declare forget: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const [state, failed] = [await queueState(), await failedJobs()]
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ ...state, failed })}\n`)
    } else {
      this.logger.info(`${state.waiting} jobs wait; the queue is ${state.lag_seconds} s behind`)
      const table = this.ui.table().head(['When', 'Job', 'Of', 'Attempts', 'Why'])
      for (const { failed_at: at, name, payload, attempts, error } of failed) {
        table.row([new Date(at).toISOString(), name, payload, String(attempts), error])
      }
      if (failed.length > 0) {
        table.render()
      }
    }
    if (this.forget) {
      await forgetFailedJobs(failed)
      return
    }
    this.exitCode = failed.length > 0 ? EXIT.degraded : EXIT.ok
  }
}
