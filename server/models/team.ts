import { TeamSchema } from '#database/schema'
import User from '#models/user'
import { hasMany, manyToMany } from '@adonisjs/lucid/orm'
import type { HasMany, ManyToMany } from '@adonisjs/lucid/types/relations'

/** People who work together, and the managers who may see their captures. */
export default class Team extends TeamSchema {
  @hasMany(() => User)
  declare members: HasMany<typeof User>

  @manyToMany(() => User, { pivotTable: 'team_managers' })
  declare managers: ManyToMany<typeof User>
}
