import { checkJson } from '#services/storage/check_lines'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class DriveCheck extends BaseCommand {
  static commandName = 'drive:check'
  static description = 'Check Google Drive: credential, token, folder, room, one byte'
  static help = [
    'With --auth and --folder a key and a folder are tried before they are saved:',
    '{{ binaryName }} drive:check --auth /etc/worksight/drive.json --folder 0AB…',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Try this shared drive or folder instead of the saved one' })
  declare folder: string

  @flags.string({ description: 'Try this key file instead of the saved credential' })
  declare auth: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const [{ driveSettings }, { DriveClient }, { checkDrive, exitOf }] = await Promise.all([
      import('#services/drive/drive_settings'),
      import('#services/drive/drive_client'),
      import('#services/drive/drive_check'),
    ])
    const { lineOf } = await import('#services/storage/check_lines')
    const saved = await driveSettings()
    const client = new DriveClient({
      ...saved,
      ...(this.folder ? { folderId: this.folder } : {}),
      ...(this.auth
        ? { credential: { kind: 'service account' as const, keyFile: this.auth } }
        : {}),
    })
    const steps = []
    for await (const step of checkDrive(client)) {
      steps.push(step)
      if (!this.json) {
        process.stdout.write(lineOf(step))
      }
    }
    this.exitCode = exitOf(steps)
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ steps: checkJson(steps) })}\n`)
    } else if (this.exitCode === EXIT.ok) {
      process.stdout.write('Google Drive can be used.\n')
    }
  }
}
