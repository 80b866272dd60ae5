import Agent from '#models/agent'
import { BaseModel, belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** What was deleted on purpose: a hole in the sequence that is no loss. */
export default class Deletion extends BaseModel {
  @column({ isPrimary: true })
  declare id: string

  @column()
  declare agentId: number

  @column()
  declare seq: number

  @column()
  declare kind: string

  @column()
  declare capturedAt: number

  /** Minutes east of UTC on its machine; null for what was deleted before this was kept. */
  @column()
  declare utcOffsetMinutes: number | null

  @column()
  declare deletedAt: number

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
