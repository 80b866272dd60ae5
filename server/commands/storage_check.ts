import { checkJson } from '#services/storage/check_lines'
import { EXIT } from '#services/exit'
import { DISKS, isDiskName, type DiskName } from '#services/storage/disk'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class StorageCheck extends BaseCommand {
  static commandName = 'storage:check'
  static description = 'Try the disks that media go to; each step says what to do'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: `One of ${DISKS.join(', ')}; default: those that sites use` })
  declare disk: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    if (this.disk && !isDiskName(this.disk)) {
      this.logger.error(`Expected one of ${DISKS.join(', ')}, found "${this.disk}"`)
      this.exitCode = EXIT.usage
      return
    }
    const [{ checkDisk }, { lineOf }, { waitingFor }, { usedDisks }] = await Promise.all([
      import('#services/storage/checks'),
      import('#services/storage/check_lines'),
      import('#services/storage/disk_state'),
      import('#services/storage/settings'),
    ])
    const names = this.disk ? [this.disk as DiskName] : await usedDisks()
    const disks = []
    for (const disk of names) {
      disks.push({ disk, steps: await checkDisk(disk), waiting: await waitingFor(disk) })
    }
    const isOk = disks.every(({ steps }) => steps.every((step) => step.isOk))
    this.exitCode = isOk ? EXIT.ok : EXIT.degraded
    if (this.json) {
      process.stdout.write(
        `${JSON.stringify({ disks: disks.map((one) => ({ ...one, steps: checkJson(one.steps) })) })}\n`
      )
      return
    }
    for (const { disk, steps, waiting } of disks) {
      process.stdout.write(`${disk}\n${steps.map(lineOf).join('')}`)
      process.stdout.write(
        `  ${waiting.moves} files on their way there, ${waiting.removals} to be removed\n`
      )
    }
  }
}
