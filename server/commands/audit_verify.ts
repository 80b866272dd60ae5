import { verifyAudit } from '#services/audit'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class AuditVerify extends BaseCommand {
  static commandName = 'audit:verify'
  static description = 'Check that no row of the audit log was changed, removed or put in'
  static help = [
    'Prints the range that is whole and the seal of its last row. Note the seal elsewhere: whoever',
    'could write the whole log anew could not make it end with that seal.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.number({ description: 'First row to check; what lies before it is believed', default: 1 })
  declare from: number

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    if (!Number.isSafeInteger(this.from) || this.from < 1) {
      this.logger.error(`--from must be a whole number from 1, got ${this.from}`)
      this.exitCode = EXIT.usage
      return
    }
    const verdict = await verifyAudit(this.from)
    this.exitCode = verdict.status === 'broken' ? EXIT.unexpected : EXIT.ok
    if (this.json) {
      process.stdout.write(`${JSON.stringify(verdict)}\n`)
    } else if (verdict.status === 'broken') {
      this.logger.error(`First bad row: ${verdict.id} (${verdict.why})`)
    } else if (verdict.status === 'empty') {
      process.stdout.write('the log is empty\n')
    } else {
      const count = (id: number) => id.toLocaleString('en')
      process.stdout.write(
        `verified ${count(verdict.first)}…${count(verdict.last)}, sealed ${verdict.hash}\n`
      )
      if (verdict.pruned) {
        const { id, last } = verdict.pruned
        this.logger.info(`Rows up to ${count(last)} were let go of; row ${count(id)} says so`)
      }
    }
  }
}
