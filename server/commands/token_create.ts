import User from '#models/user'
import { EXIT } from '#services/exit'
import { createToken } from '#services/user_tokens'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class TokenCreate extends BaseCommand {
  static commandName = 'token:create'
  static description = "Make a person's token for the REST API; it is printed once"
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person whose rights the token has', required: true })
  declare email: string

  @flags.string({ description: 'What it is for', default: 'API' })
  declare name: string

  @flags.string({ description: 'How long it is good for', default: '90d' })
  declare expires: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const user = await User.findBy('email', this.email)
    if (!user) {
      this.logger.error(`There is no user ${this.email}`)
      this.exitCode = EXIT.usage
      return
    }
    const token = await createToken('command', user, {
      ...{ name: this.name, abilities: ['read', 'write'], expiresIn: this.expires },
    })
    const value = token.value?.release()
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ token: value, expires_at: token.expiresAt })}\n`)
      return
    }
    this.logger.success(`Token of ${user.email}, shown once:`)
    this.logger.log(value ?? '')
  }
}
