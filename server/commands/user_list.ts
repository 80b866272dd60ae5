import User, { ROLES, type Role } from '#models/user'
import Team from '#models/team'
import { EXIT } from '#services/exit'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class UserList extends BaseCommand {
  static commandName = 'user:list'
  static description = 'List the accounts'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: `Only one role: ${ROLES.join(', ')}` })
  declare role: string

  @flags.string({ description: 'Only the people of a team' })
  declare team: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    if (this.role && !ROLES.includes(this.role as Role)) {
      this.logger.error(`Expected one of ${ROLES.join(', ')}, found "${this.role}"`)
      this.exitCode = EXIT.usage
      return
    }
    const teams = new Map((await Team.all()).map(({ id, name }) => [id, name]))
    const users = (await User.query().orderBy('email')).filter(
      ({ role, teamId }) =>
        (!this.role || role === this.role) && (!this.team || teams.get(teamId ?? 0) === this.team)
    )
    const rows = users.map((user) => ({
      id: user.id,
      email: user.email,
      name: user.fullName,
      role: user.role,
      team: teams.get(user.teamId ?? 0) ?? null,
      disabled: user.isDisabled,
    }))
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ users: rows })}\n`)
      return
    }
    const table = this.ui.table().head(['E-mail', 'Name', 'Role', 'Team', 'State'])
    for (const { email, name, role, team, disabled } of rows) {
      table.row([email, name, role, team ?? '', disabled ? 'disabled' : 'active'])
    }
    table.render()
  }
}
