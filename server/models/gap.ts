import { GapSchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** A time in which something was not observed, and why. */
export default class Gap extends GapSchema {
  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
