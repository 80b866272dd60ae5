import User from '#models/user'
import { EXIT } from '#services/exit'
import { revokeToken } from '#services/user_tokens'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class TokenList extends BaseCommand {
  static commandName = 'token:list'
  static description = "List a person's tokens for the REST API, never the tokens themselves"
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the person', required: true })
  declare email: string

  @flags.number({ description: 'Number of a token that ends now' })
  declare revoke: number

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const user = await User.findBy('email', this.email)
    if (!user) {
      this.logger.error(`There is no user ${this.email}`)
      this.exitCode = EXIT.usage
      return
    }
    const known = await User.accessTokens.all(user)
    if (this.revoke) {
      if (!known.some(({ identifier }) => Number(identifier) === this.revoke)) {
        this.logger.error(`${user.email} has no token ${this.revoke}`)
        this.exitCode = EXIT.usage
        return
      }
      await revokeToken('command', user.id, this.revoke)
    }
    const tokens = known
      .filter(({ identifier }) => Number(identifier) !== this.revoke)
      .map((token) => ({
        id: Number(token.identifier),
        name: token.name,
        abilities: token.abilities,
        last_used_at: token.lastUsedAt,
        expires_at: token.expiresAt,
      }))
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ tokens })}\n`)
      return
    }
    const table = this.ui.table().head(['Number', 'For', 'May', 'Last used', 'Until'])
    for (const { id, name, abilities, last_used_at: used, expires_at: until } of tokens) {
      table.row([
        String(id),
        name ?? '',
        abilities.join(', '),
        used?.toISOString() ?? 'never',
        until?.toISOString() ?? 'revoked',
      ])
    }
    table.render()
  }
}
