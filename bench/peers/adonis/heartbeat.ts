import { BaseModel, column } from '@adonisjs/lucid/orm'

export default class Heartbeat extends BaseModel {
  static table = 'peer_heartbeats'

  @column({ isPrimary: true })
  declare id: string

  @column()
  declare agentId: number

  @column()
  declare seq: number

  @column()
  declare capturedAt: number

  @column()
  declare body: string
}
