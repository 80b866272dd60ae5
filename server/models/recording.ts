import type { RecordingMediaType } from '#contract/recording'
import { RecordingSchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One segment of a recording of one display; its bytes are in the media library under `mediaKey`. */
export default class Recording extends RecordingSchema {
  @column()
  declare mediaType: RecordingMediaType

  @column({ consume: Boolean })
  declare simulated: boolean

  @column({ consume: Boolean })
  declare complete: boolean

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
