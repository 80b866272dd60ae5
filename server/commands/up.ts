import { EXIT } from '#services/exit'
import { askForDatabase } from '#services/first_run/database_choice'
import { StartFailure } from '#services/first_run/failure'
import { startUp, type UpOptions } from '#services/first_run/start_up'
import { transcript } from '#services/first_run/transcript'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import { readFile, rm } from 'node:fs/promises'

export default class Up extends BaseCommand {
  static commandName = 'up'
  static description =
    'Start everything on this machine: database, dashboard, server and a local agent'
  static help = [
    'The agent captures a virtual display, never your own screen, unless you say --real-display',
    'and acknowledge the notice.',
    '',
    '{{ binaryName }} up --port 8080',
    '{{ binaryName }} up --no-agent',
    '{{ binaryName }} up --reset      (removes storage/: database, pictures, the local agent)',
  ]

  @flags.number({ description: 'Port to serve on; default: 3333, or the next free one' })
  declare port?: number

  @flags.boolean({
    description: 'Start a local agent',
    default: true,
    showNegatedVariantInHelp: true,
  })
  declare agent: boolean

  @flags.boolean({
    description: 'Capture the real screen of this machine; asks to acknowledge the notice',
  })
  declare realDisplay: boolean

  @flags.boolean({
    description: 'Say that you read the notice (with --real-display, without a terminal)',
  })
  declare acknowledgeNotice: boolean

  @flags.boolean({ description: 'Remove storage/ first, after asking' })
  declare reset: boolean

  @flags.string({ description: 'Database: sqlite, or mysql (asks for its address)' })
  declare db?: string

  @flags.boolean({ description: 'Answer yes to every question' })
  declare yes: boolean

  async run() {
    try {
      await this.#prepare()
      await this.#serve()
    } catch (error) {
      if (!(error instanceof StartFailure)) {
        throw error
      }
      transcript.fail(error.message, error.details)
      this.exitCode = error.exitCode
    }
  }

  async #prepare() {
    if (
      this.port !== undefined &&
      !(Number.isInteger(this.port) && this.port > 0 && this.port < 65536)
    ) {
      throw new StartFailure(
        `--port must be a whole number from 1 to 65535, got ${this.port}`,
        EXIT.usage
      )
    }
    if (this.reset) {
      await this.#removeStorage()
    }
    if (this.db !== undefined) {
      await askForDatabase(this.db, this.app.makePath('.env'), this.prompt)
    }
  }

  async #removeStorage() {
    const folder = this.app.makePath('storage')
    if (!this.yes && !process.stdin.isTTY) {
      throw new StartFailure(
        '--reset removes storage/; without a terminal say --yes too',
        EXIT.usage
      )
    }
    const question = `Remove ${folder}, with the database, all pictures and the local agent?`
    if (!this.yes && !(await this.prompt.confirm(question))) {
      throw new StartFailure('Nothing was removed', EXIT.refused)
    }
    await rm(folder, { recursive: true, force: true })
    transcript.done('Reset', 'storage/ removed')
  }

  async #serve() {
    const { version } = JSON.parse(await readFile(this.app.makePath('package.json'), 'utf8'))
    const options: UpOptions = {
      root: this.app.makePath(),
      version,
      port: this.port ?? null,
      withAgent: this.agent,
      realDisplay: this.realDisplay,
      acknowledge: (notice) => this.#acknowledge(notice),
    }
    const running = await startUp(options)
    this.exitCode = await running.ended
  }

  /** Shows the notice and asks whether it was read: nothing is captured of a person before that. */
  async #acknowledge(notice: string): Promise<boolean> {
    process.stderr.write(`\n${notice}\n\n`)
    if (this.acknowledgeNotice) {
      return true
    }
    if (!process.stdin.isTTY) {
      throw new StartFailure(
        'Capturing the real screen needs an acknowledgement; without a terminal say --acknowledge-notice',
        EXIT.usage
      )
    }
    const answer = await this.prompt.ask('Type "yes" if you read this and it is your own screen')
    return answer.trim().toLowerCase() === 'yes'
  }
}
