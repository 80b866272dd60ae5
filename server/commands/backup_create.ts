import { createBackup } from '#services/backup/create'
import { BackupError } from '#services/backup/manifest'
import { onTerminal } from '#services/backup/progress'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { resolve } from 'node:path'

export default class BackupCreate extends BaseCommand {
  static commandName = 'backup:create'
  static description = 'Write the database and the media into a new folder, while the server works'
  static help = [
    'The folder has every table as it was at one moment, the files that its rows name, and a',
    'manifest with counts and SHA-256. It restores into SQLite as into MySQL or MariaDB. It holds',
    'everything about everybody: keep it as safe as the server, and APP_KEY apart from it.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'The new folder', required: true })
  declare out: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const folder = resolve(this.out)
    try {
      const { manifest, sha256 } = await createBackup(folder, onTerminal)
      const { files, file_bytes: bytes, missing, elsewhere } = manifest.media
      const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0)
      if (this.json) {
        const answer = { folder, rows, files, bytes, missing, elsewhere, sha256 }
        process.stdout.write(`${JSON.stringify(answer)}\n`)
      } else {
        this.logger.success(
          `${folder}: ${rows} rows, ${files} files, ${(bytes / 1e6).toFixed(1)} MB`
        )
        this.logger.info(`SHA-256 of its manifest: ${sha256}`)
      }
      if (missing > 0) {
        this.logger.warning(`${missing} rows have no file: see "node ace storage:verify"`)
      }
      if (elsewhere > 0) {
        this.logger.info(`${elsewhere} files are on another disk and stay there`)
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT' && !(error instanceof BackupError)) {
        throw error
      }
      this.logger.error(
        error instanceof BackupError ? message : `No room in ${folder}: nothing was left there`
      )
      this.exitCode = error instanceof BackupError ? EXIT.invalidConfig : EXIT.diskFull
    }
  }
}
