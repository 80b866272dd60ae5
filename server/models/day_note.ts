import { DayNoteSchema } from '#database/schema'
import User from '#models/user'
import { belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

export const NOTE_KINDS = ['note', 'contest'] as const
export type NoteKind = (typeof NOTE_KINDS)[number]

/** What a person says about a day of their own; everybody who sees the day reads it. */
export default class DayNote extends DayNoteSchema {
  @column()
  declare kind: NoteKind

  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  @belongsTo(() => User, { foreignKey: 'answeredBy' })
  declare answerer: BelongsTo<typeof User>
}
