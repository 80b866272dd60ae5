import { EXIT } from '#services/exit'
import { RETENTION_KINDS, type RetentionKind } from '#services/retention/plan'
import { runRetention } from '#services/retention/run'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class RetentionRun extends BaseCommand {
  static commandName = 'retention:run'
  static description = 'Let go what is older than the policies keep; sums stay'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Count what would go, and touch nothing' })
  declare dryRun: boolean

  @flags.string({ description: `One of ${Object.keys(RETENTION_KINDS).join(', ')}` })
  declare kind: string

  @flags.string({ description: 'Count ages from this moment (RFC 3339) instead of now' })
  declare before: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const now = this.before ? Date.parse(this.before) : Date.now()
    if (Number.isNaN(now) || (this.kind && !Object.hasOwn(RETENTION_KINDS, this.kind))) {
      this.logger.error(
        Number.isNaN(now)
          ? `Expected an instant such as 2026-11-22T00:00:00Z, found "${this.before}"`
          : `Expected one of ${Object.keys(RETENTION_KINDS).join(', ')}, found "${this.kind}"`
      )
      this.exitCode = EXIT.usage
      return
    }
    const report = await runRetention({
      now: Math.min(now, Date.now()),
      dryRun: this.dryRun ?? false,
      ...(this.kind ? { kind: this.kind as RetentionKind } : {}),
    })
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ dry_run: this.dryRun ?? false, ...report })}\n`)
      return
    }
    const table = this.ui.table().head(['Kind', this.dryRun ? 'Would go' : 'Rows', 'Files', 'MB'])
    for (const [kind, { rows, files, bytes }] of Object.entries(report)) {
      table.row([kind, String(rows), String(files), (bytes / 1e6).toFixed(1)])
    }
    table.render()
  }
}
