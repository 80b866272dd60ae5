import { DbAccessTokensProvider } from '@adonisjs/auth/access_tokens'
import { BaseModel, column } from '@adonisjs/lucid/orm'

export default class Agent extends BaseModel {
  static table = 'peer_agents'
  static accessTokens = DbAccessTokensProvider.forModel(Agent, { table: 'peer_tokens' })

  @column({ isPrimary: true })
  declare id: number

  @column()
  declare name: string

  @column()
  declare lastSeenAt: number
}
