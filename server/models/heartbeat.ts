import { HeartbeatSchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One sign of life of an agent, with everything it said in `body`. */
export default class Heartbeat extends HeartbeatSchema {
  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
