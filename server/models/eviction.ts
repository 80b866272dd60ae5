import { EvictionSchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** The tombstone of what an agent gave up before it could be delivered. */
export default class Eviction extends EvictionSchema {
  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
