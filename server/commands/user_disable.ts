import User from '#models/user'
import { disableAccount, enableAccount, resetTwoFactor } from '#services/accounts'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class UserDisable extends BaseCommand {
  static commandName = 'user:disable'
  static description = 'Disable an account, or let it in again'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the account', required: true })
  declare email: string

  @flags.boolean({ description: 'Let it in again' })
  declare undo: boolean

  @flags.boolean({ description: 'Only take off a second factor that was lost' })
  declare secondFactor: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const user = await User.findBy('email', this.email)
    if (!user) {
      this.logger.error(`There is no user ${this.email}`)
      this.exitCode = EXIT.usage
      return
    }
    if (this.secondFactor) {
      await resetTwoFactor('command', user)
      return this.#say(user, `${user.email} signs in by password alone`)
    }
    const refusal = await (this.undo ? enableAccount : disableAccount)('command', user.id)
    if (refusal) {
      this.logger.error(refusal)
      this.exitCode = EXIT.refused
      return
    }
    await this.#say(user, `${user.email} is ${this.undo ? 'let in again' : 'disabled'}`)
  }

  async #say({ id, email }: User, sentence: string) {
    if (this.json) {
      const { isDisabled, twoFactorAt } = await User.findOrFail(id)
      const row = { id, email, disabled: isDisabled, second_factor: Boolean(twoFactorAt) }
      process.stdout.write(`${JSON.stringify(row)}\n`)
      return
    }
    this.logger.success(sentence)
  }
}
