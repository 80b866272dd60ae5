import { BackupError } from '#services/backup/manifest'
import { onTerminal } from '#services/backup/progress'
import { restoreBackup, type RestoreReport } from '#services/backup/restore'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { resolve } from 'node:path'

export default class BackupRestore extends BaseCommand {
  static commandName = 'backup:restore'
  static description = 'Put back what backup:create wrote, into a migrated database'
  static help = [
    'Stop the server first, and run "node ace migration:run --force" on an empty database. Every file',
    'of the backup is read through before anything changes, and the rows come in one transaction.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'The folder of the backup', required: true })
  declare from: string

  @flags.boolean({ description: 'Replace everything that the database has' })
  declare yes: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    try {
      const report = await restoreBackup(resolve(this.from), {
        replace: this.yes ?? false,
        progress: onTerminal,
      })
      if (this.json) {
        process.stdout.write(`${JSON.stringify(report)}\n`)
      } else {
        this.#say(report)
      }
      this.#warn(report)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT' && !(error instanceof BackupError)) {
        throw error
      }
      this.logger.error(error instanceof BackupError ? message : `No room: ${message}`)
      this.exitCode = error instanceof BackupError ? EXIT.invalidConfig : EXIT.diskFull
    }
  }

  #say({ rows, files: { restored, kept, replaced } }: RestoreReport) {
    this.logger.success(
      `${rows} rows, ${restored} files put back, ${kept} were there, ${replaced} replaced`
    )
  }

  #warn({ missing, unnamed, is_other_app_key: isOtherKey }: RestoreReport) {
    if (missing > 0) {
      this.logger.warning(`${missing} rows have no file: the backup did not have it`)
    }
    if (unnamed.count > 0) {
      this.logger.warning(
        `${unnamed.count} files are newer than the backup or strangers, such as ${unnamed.examples[0]}. ` +
          'No row names them, and a server that starts removes them: move away what you need first'
      )
    }
    if (isOtherKey) {
      this.logger.warning(
        'This server has another APP_KEY than the one of the backup: second factors and stored secrets cannot be read'
      )
    }
  }
}
