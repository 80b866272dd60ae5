import { SignInLinkSchema } from '#database/schema'
import User from '#models/user'
import { belongsTo } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** A link that signs a person in once; only the hash of its key is kept. */
export default class SignInLink extends SignInLinkSchema {
  @belongsTo(() => User)
  declare user: BelongsTo<typeof User>
}
