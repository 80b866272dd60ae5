import User from '#models/user'
import { setPassword } from '#services/accounts'
import { EXIT } from '#services/exit'
import { makePassword } from '#services/secrets'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { text as readAll } from 'node:stream/consumers'

/** Fewest characters of a password, as everywhere. */
const LEAST = 12

export default class UserPassword extends BaseCommand {
  static commandName = 'user:password'
  static description = 'Set the password of an account; every session of it ends'
  static help = ['Without --password-stdin a password is made and printed once.']
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the account', required: true })
  declare email: string

  @flags.boolean({ description: 'Read the password from the standard input' })
  declare passwordStdin: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const given = this.passwordStdin ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : null
    const password = given ?? makePassword()
    const user = await User.findBy('email', this.email)
    if (!user || password.length < LEAST || password.length > 256) {
      this.logger.error(
        user
          ? `Expected a password of ${LEAST} to 256 characters, found ${password.length}`
          : `There is no user ${this.email}`
      )
      this.exitCode = EXIT.usage
      return
    }
    await setPassword('command', user, password)
    const shown = given === null ? password : null
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ email: user.email, password: shown })}\n`)
      return
    }
    this.logger.success(`The password of ${user.email} is set`)
    if (shown) {
      this.logger.info(`Password, shown once: ${shown}`)
    }
  }
}
