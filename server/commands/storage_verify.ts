import { EXIT } from '#services/exit'
import { DISKS, isDiskName, type DiskName } from '#services/storage/disk'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class StorageVerify extends BaseCommand {
  static commandName = 'storage:verify'
  static description = 'Compare rows and files: what is missing, different or has no row'
  static help = ['{{ binaryName }} storage:verify --disk s3 --sample 1%']
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: `One of ${DISKS.join(', ')}; default: those that rows name` })
  declare disk: string

  @flags.string({
    description: 'Share of files whose bytes are compared, such as 1%; default 100%',
  })
  declare sample: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const sample = shareOf(this.sample ?? '100%')
    if (sample === null || (this.disk && !isDiskName(this.disk))) {
      this.logger.error(
        sample === null
          ? `Expected a share such as 1%, found "${this.sample}"`
          : `Expected one of ${DISKS.join(', ')}, found "${this.disk}"`
      )
      this.exitCode = EXIT.usage
      return
    }
    const [{ verifyDisk }, { disksWithFiles }, { DiskError }] = await Promise.all([
      import('#services/storage/verify'),
      import('#services/storage/settings'),
      import('#services/storage/disk'),
    ])
    const names = this.disk ? [this.disk as DiskName] : await disksWithFiles()
    const disks = []
    this.exitCode = EXIT.ok
    for (const disk of names) {
      try {
        const verified = await verifyDisk(disk, { sample })
        disks.push({ disk, ...verified })
        if (verified.problems.length > 0 && this.exitCode === EXIT.ok) {
          this.exitCode = EXIT.degraded
        }
      } catch (error) {
        if (!(error instanceof DiskError)) {
          throw error
        }
        this.logger.error(error.message)
        this.exitCode = error.code === 'E_DISK_AWAY' ? EXIT.unreachable : EXIT.refused
      }
    }
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ disks })}\n`)
      return
    }
    for (const { disk, rows, files, problems } of disks) {
      for (const { kind, key, id } of problems) {
        process.stdout.write(`${kind.padEnd(10)} ${disk} ${key}${id ? ` (${id})` : ''}\n`)
      }
      process.stdout.write(`${disk}: ${rows} rows, ${files} files, ${problems.length} problems\n`)
    }
  }
}

/** `1%` as 0.01; null for what is no share. */
function shareOf(text: string): number | null {
  const [, digits] = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text) ?? []
  const share = Number(digits) / 100
  return digits !== undefined && share >= 0 && share <= 1 ? share : null
}
