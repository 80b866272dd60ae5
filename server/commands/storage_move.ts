import { EXIT } from '#services/exit'
import { DISKS, isDiskName, type DiskName } from '#services/storage/disk'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class StorageMove extends BaseCommand {
  static commandName = 'storage:move'
  static description = 'Move what stands on one disk to another; it can be broken off and run again'
  static help = ['{{ binaryName }} storage:move --from local --to s3']
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: `One of ${DISKS.join(', ')}` })
  declare from: string

  @flags.string({ description: `One of ${DISKS.join(', ')}` })
  declare to: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const { from, to } = this
    if (!isDiskName(from) || !isDiskName(to) || from === to) {
      this.logger.error(`--from and --to take two of ${DISKS.join(', ')}`)
      this.exitCode = EXIT.usage
      return
    }
    const [{ sendFiles }, { moveMedia }, { removals }] = await Promise.all([
      import('#services/storage/verify'),
      import('#services/storage/moves'),
      import('#services/storage/removals'),
    ])
    const files = await sendFiles(from as DiskName, to as DiskName)
    const { moved, broken, stopped } = await moveMedia()
    const removed = await removals.drain()
    for (const error of stopped.values()) {
      this.logger.error(`${error.message}; the files that are left stay where they are`)
    }
    const isFull = [...stopped.values()].some(({ code }) => code === 'E_DISK_FULL')
    this.exitCode = isFull
      ? EXIT.diskFull
      : stopped.size > 0
        ? EXIT.unreachable
        : broken > 0
          ? EXIT.degraded
          : EXIT.ok
    process.stdout.write(
      this.json
        ? `${JSON.stringify({ files, moved, broken, removed })}\n`
        : `${moved} of ${files} files moved, ${broken} missing, ${removed} removed from where they were\n`
    )
  }
}
