import { AccessSchema } from '#database/schema'
import Agent from '#models/agent'
import User from '#models/user'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One look at a person's picture: who, when, at what. */
export default class Access extends AccessSchema {
  @belongsTo(() => User, { foreignKey: 'viewerId' })
  declare viewer: BelongsTo<typeof User>

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
