import type { ScreenshotMediaType } from '#contract/screenshot'
import { ScreenshotSchema } from '#database/schema'
import Agent from '#models/agent'
import { belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One picture of one display; its bytes are in the media library under `mediaKey`. */
export default class Screenshot extends ScreenshotSchema {
  @column()
  declare mediaType: ScreenshotMediaType

  @column({ consume: Boolean })
  declare simulated: boolean

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
