import { ExportSchema } from '#database/schema'
import User from '#models/user'
import { belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** `waiting` for its job, being `made`, `done` with a file until it expires, or `failed` for good. */
export type ExportState = 'waiting' | 'made' | 'done' | 'failed'

/** A zip of everything that is kept about a person. */
export default class Export extends ExportSchema {
  @column()
  declare state: ExportState

  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  @belongsTo(() => User, { foreignKey: 'askedBy' })
  declare asker: BelongsTo<typeof User>

  /** Whether its file can still be taken. */
  isHereAt(now: number): boolean {
    return this.state === 'done' && this.expiresAt !== null && this.expiresAt > now
  }

  get isUnderWay(): boolean {
    return this.state === 'waiting' || this.state === 'made'
  }
}
