import { ActivitySchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One event of activity: the window in front, or whether the person was there, over a span. */
export default class Activity extends ActivitySchema {
  @column()
  declare kind: 'window' | 'presence'

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
