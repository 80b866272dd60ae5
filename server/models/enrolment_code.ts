import { EnrolmentCodeSchema } from '#database/schema'
import User from '#models/user'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** A code that an agent exchanges for its identity; only its hash is kept. */
export default class EnrolmentCode extends EnrolmentCodeSchema {
  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  /** Whether it can still be used, and if not, why. */
  stateAt(now: number): 'open' | 'used' | 'expired' | 'revoked' {
    if (this.revokedAt) {
      return 'revoked'
    }
    if (this.uses >= this.usesAllowed) {
      return 'used'
    }
    return this.expiresAt > now ? 'open' : 'expired'
  }
}
