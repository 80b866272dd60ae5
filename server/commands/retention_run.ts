import { pruneAudit } from '#services/audit_pruning'
import { EXIT } from '#services/exit'
import { RETENTION_KINDS, type RetentionKind } from '#services/retention/plan'
import { runRetention, type Retained } from '#services/retention/run'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

/** What can be let go of alone: of people, by the policies; the log, by RETENTION_AUDIT_DAYS. */
const KINDS: readonly string[] = [...Object.keys(RETENTION_KINDS), 'audit']

export default class RetentionRun extends BaseCommand {
  static commandName = 'retention:run'
  static description = 'Let go what is older than the policies keep; sums stay'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Count what would go, and touch nothing' })
  declare dryRun: boolean

  @flags.string({ description: `One of ${KINDS.join(', ')}` })
  declare kind: string

  @flags.string({ description: 'Count ages from this moment (RFC 3339) instead of now' })
  declare before: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const now = this.before ? Date.parse(this.before) : Date.now()
    if (Number.isNaN(now) || (this.kind && !KINDS.includes(this.kind))) {
      this.logger.error(
        Number.isNaN(now)
          ? `Expected an instant such as 2026-11-22T00:00:00Z, found "${this.before}"`
          : `Expected one of ${KINDS.join(', ')}, found "${this.kind}"`
      )
      this.exitCode = EXIT.usage
      return
    }
    const report = await this.#letGo({
      now: Math.min(now, Date.now()),
      dryRun: this.dryRun ?? false,
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

  async #letGo(options: { now: number; dryRun: boolean }): Promise<Record<string, Retained>> {
    const report: Record<string, Retained> =
      this.kind === 'audit'
        ? {}
        : await runRetention({
            ...options,
            ...(this.kind ? { kind: this.kind as RetentionKind } : {}),
          })
    if (this.kind && this.kind !== 'audit') {
      return report
    }
    const { rows, broken } = await pruneAudit(options)
    if (broken !== null) {
      this.logger.error(`The log is not whole: first bad row ${broken}. It is left as it is`)
      this.exitCode = EXIT.unexpected
    }
    return { ...report, audit: { rows, files: 0, bytes: 0 } }
  }
}
