import User, { ROLES, type Role } from '#models/user'
import { updateAccount } from '#services/accounts'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class UserRole extends BaseCommand {
  static commandName = 'user:role'
  static description = 'Change what an account may do'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the account', required: true })
  declare email: string

  @flags.string({ description: `One of ${ROLES.join(', ')}`, required: true })
  declare role: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const user = await User.findBy('email', this.email)
    if (!user || !ROLES.includes(this.role as Role)) {
      this.logger.error(
        user
          ? `Expected one of ${ROLES.join(', ')}, found "${this.role}"`
          : `There is no user ${this.email}`
      )
      this.exitCode = EXIT.usage
      return
    }
    const refusal = await updateAccount('command', user.id, { role: this.role as Role })
    if (refusal) {
      this.logger.error(refusal)
      this.exitCode = EXIT.refused
      return
    }
    if (this.json) {
      const { id, email } = user
      process.stdout.write(`${JSON.stringify({ id, email, role: this.role })}\n`)
      return
    }
    this.logger.success(`${user.email} is ${this.role} now`)
  }
}
