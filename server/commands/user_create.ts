import User, { ROLES, type Role } from '#models/user'
import Team from '#models/team'
import { appUrl } from '#config/app'
import { createAccount, makeAccountLink } from '#services/accounts'
import { EXIT } from '#services/exit'
import { makePassword } from '#services/secrets'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import vine from '@vinejs/vine'
import { text as readAll } from 'node:stream/consumers'

const details = vine.create({
  email: vine.string().email().maxLength(254),
  name: vine.string().minLength(1).maxLength(120),
  role: vine.enum(ROLES),
  password: vine.string().minLength(12).maxLength(256),
})

export default class UserCreate extends BaseCommand {
  static commandName = 'user:create'
  static description = 'Make an account: an owner, an admin, a manager, an auditor or a member'
  static help = [
    'Without --password-stdin a password is made and printed once. With --invite there is none: the link',
    'that is printed lets its person choose one, once; hand it over yourself, nothing is mailed.',
    'A manager sees the people of the team given with --team; the team is made when it is new.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'E-mail address, the name to sign in with', required: true })
  declare email: string

  @flags.string({ description: 'Full name; default: the part before the @' })
  declare name?: string

  @flags.string({ description: `One of ${ROLES.join(', ')}`, default: 'member' })
  declare role: string

  @flags.string({ description: 'Team of the person, or that the manager manages' })
  declare team?: string

  @flags.boolean({ description: 'Read the password from the standard input' })
  declare passwordStdin: boolean

  @flags.boolean({ description: 'Print a link with which the person chooses a password, once' })
  declare invite: boolean

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    if (this.invite && this.passwordStdin) {
      return this.#refuse('--invite lets the person choose a password: leave --password-stdin out')
    }
    const given = this.passwordStdin ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : null
    const password = given ?? makePassword()
    const name = this.name ?? this.email.split('@')[0]
    const [invalid, valid] = await details.tryValidate({
      email: this.email,
      name,
      role: this.role,
      password,
    })
    if (invalid) {
      return this.#refuse(invalid.messages[0]?.message)
    }
    if (await User.findBy('email', valid.email)) {
      return this.#refuse(`There is a user ${valid.email} already`)
    }
    const user = await this.#create(valid)
    if (this.invite) {
      const key = await makeAccountLink('command', user, 'invitation')
      return this.#printInvited(user, `${appUrl}/invite/${key}`)
    }
    this.#print(user, given ? null : password)
  }

  async #create({ name, ...valid }: { name: string; email: string; role: Role; password: string }) {
    const team = this.team ? await Team.firstOrCreate({ name: this.team }) : null
    const { password, ...account } = valid
    const user = await createAccount(
      'command',
      { ...account, fullName: name, teamId: team?.id ?? null, timeZone: 'UTC' },
      this.invite ? null : password
    )
    if (team && user.role === 'manager') {
      await team.related('managers').attach([user.id])
    }
    return user
  }

  #print({ id, email, role }: User, password: string | null) {
    if (this.json) {
      return process.stdout.write(`${JSON.stringify({ id, email, role, password })}\n`)
    }
    this.logger.success(`${role} ${email} (number ${id})`)
    if (password) {
      this.logger.info(`Password, shown once: ${password}`)
    }
  }

  #printInvited({ id, email, role }: User, link: string) {
    if (this.json) {
      return process.stdout.write(`${JSON.stringify({ id, email, role, link })}\n`)
    }
    this.logger.success(`${role} ${email} (number ${id})`)
    this.logger.info(`Invitation, good once and shown once: ${link}`)
  }

  #refuse(message = 'The details are not valid') {
    this.logger.error(message)
    this.exitCode = EXIT.usage
  }
}
