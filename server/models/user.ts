import { UserSchema } from '#database/schema'
import Agent from '#models/agent'
import Team from '#models/team'
import { RememberedBrowsersProvider } from '#services/remembered_browsers_provider'
import { VerifyingTokensProvider } from '#services/verifying_tokens_provider'
import { withAuthFinder } from '@adonisjs/auth/mixins/lucid'
import { compose } from '@adonisjs/core/helpers'
import hash from '@adonisjs/core/services/hash'
import { belongsTo, column, hasMany, scope } from '@adonisjs/lucid/orm'
import type { BelongsTo, HasMany } from '@adonisjs/lucid/types/relations'

/**
 * What people may do. `owner` everything; `admin` users, agents and settings, no one else's
 * pictures; `manager` the people of the teams managed; `auditor` the records, no pictures;
 * `member` oneself. Everybody sees everything of oneself.
 */
export const ROLES = ['owner', 'admin', 'manager', 'auditor', 'member'] as const
export type Role = (typeof ROLES)[number]

/** A person: who signs in, and who is monitored. */
export default class User extends compose(
  UserSchema,
  withAuthFinder(() => hash.use('scrypt'))
) {
  static accessTokens = VerifyingTokensProvider.forModel(User, {
    table: 'user_access_tokens',
    type: 'user',
    prefix: 'wsu_',
  })

  /** Browsers that sign in without the password. */
  static rememberMeTokens = RememberedBrowsersProvider.forModel(User)

  /** People of the teams that `manager` manages; nobody for other roles. */
  static managedBy = scope((query, manager: User) => {
    query.whereIn('users.team_id', (teams) => {
      teams
        .from('team_managers')
        .where('team_managers.user_id', manager.role === 'manager' ? manager.id : 0)
        .select('team_managers.team_id')
    })
  })

  @column()
  declare role: Role

  @hasMany(() => Agent, { foreignKey: 'personId' })
  declare agents: HasMany<typeof Agent>

  @belongsTo(() => Team)
  declare team: BelongsTo<typeof Team>

  get isDisabled() {
    return this.disabledAt !== null && this.disabledAt !== undefined
  }

  get initials() {
    const [first = '', last = ''] = this.fullName.trim().split(/\s+/)
    return `${first.slice(0, 1)}${last.slice(0, 1)}`.toUpperCase()
  }
}
