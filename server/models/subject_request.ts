import { SubjectRequestSchema } from '#database/schema'
import User from '#models/user'
import { column, belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

export type SubjectRequestKind = 'export' | 'correction' | 'erasure'
/** `open` waits for a decision; `approved` was decided and is not done yet. */
export type SubjectRequestState = 'open' | 'approved' | 'refused' | 'done'

/** Something that a person asked for under data protection law. */
export default class SubjectRequest extends SubjectRequestSchema {
  @column()
  declare kind: SubjectRequestKind

  @column()
  declare state: SubjectRequestState

  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  @belongsTo(() => User, { foreignKey: 'decidedBy' })
  declare decider: BelongsTo<typeof User>

  /** Whether the time for an answer is over. */
  isLateAt(now: number): boolean {
    return this.state !== 'done' && this.state !== 'refused' && now > this.dueAt
  }
}
