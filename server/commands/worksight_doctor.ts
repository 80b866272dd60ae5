import { examine } from '#services/doctor'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

const SIGNS = { ok: '✔', warn: '!', fail: '✖' } as const

export default class WorksightDoctor extends BaseCommand {
  static commandName = 'worksight:doctor'
  static description = 'Look at everything the server needs; the last line is the next command'
  static options: CommandOptions = { startApp: true }

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const findings = await examine()
    const worst =
      findings.find(({ state }) => state === 'fail') ?? findings.find(({ next }) => next)
    this.exitCode = worst?.state === 'fail' ? EXIT.invalidConfig : worst ? EXIT.degraded : EXIT.ok
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ findings, next: worst?.next ?? null })}\n`)
      return
    }
    for (const { check, state, found } of findings) {
      process.stdout.write(`${SIGNS[state]} ${check.padEnd(11)} ${found}\n`)
    }
    process.stdout.write(`${worst?.next ?? 'Nothing to do.'}\n`)
  }
}
