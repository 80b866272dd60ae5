import { readLedger, verifyLedger, type Ledger } from '#services/acknowledgement_ledger'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

export default class NoticeLedger extends BaseCommand {
  static commandName = 'notice:ledger'
  static description = 'Verify who acknowledged which notice, and export it'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Write the ledger into this file' })
  declare out?: string

  @flags.string({ description: 'Verify this exported ledger instead of the database' })
  declare file?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const ledger = this.file
      ? (JSON.parse(await readFile(resolve(this.file), 'utf8')) as Ledger)
      : await readLedger()
    const problems = verifyLedger(ledger)
    if (this.out) {
      await writeFile(resolve(this.out), `${JSON.stringify(ledger, null, 2)}\n`, { mode: 0o600 })
    }
    this.exitCode = problems.length > 0 ? EXIT.unexpected : EXIT.ok
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ lines: ledger.entries.length, problems })}\n`)
    } else if (problems.length > 0) {
      problems.forEach((problem) => this.logger.error(problem))
    } else {
      this.logger.success(`Verified, ${ledger.entries.length} lines`)
    }
  }
}
