import User from '#models/user'
import { deleteAccount, deletionRefusal } from '#services/account_deletion'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class UserDelete extends BaseCommand {
  static commandName = 'user:delete'
  static description = 'Delete an account with everything that was observed of its person'
  static help = [
    'Sessions and tokens end, the computers of the person are revoked, rows and files are erased. The log',
    'and the acknowledgements stay. To shut somebody out and keep the records: {{ binaryName }} user:disable',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail of the account', required: true })
  declare email: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const user = await User.findBy('email', this.email)
    if (!user) {
      return this.#end(EXIT.usage, `There is no user ${this.email}`)
    }
    const refusal = await deletionRefusal('command', user)
    if (refusal) {
      return this.#end(EXIT.refused, refusal)
    }
    if (!this.yes && !process.stdin.isTTY) {
      return this.#end(EXIT.usage, 'Without a terminal nobody can be asked: expected --yes')
    }
    const question = `Delete ${user.email} with everything that was observed of ${user.fullName}?`
    if (!this.yes && !(await this.prompt.confirm(question))) {
      return this.#end(EXIT.refused, `${user.email} stays`)
    }
    await this.#delete(user)
  }

  async #delete({ id, email }: User) {
    const { refusal, deleted } = await deleteAccount('command', id)
    if (!deleted) {
      return this.#end(EXIT.refused, refusal ?? `${email} stays`)
    }
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ id, email, ...deleted })}\n`)
      return
    }
    const { rows, files, agents } = deleted
    this.logger.success(`${email} is deleted: ${rows} rows, ${files} files`)
    this.logger.info(`${agents} computers are revoked`)
  }

  #end(code: number, message: string) {
    this.logger.error(message)
    this.exitCode = code
  }
}
