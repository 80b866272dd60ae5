import { AuditLogSchema } from '#database/schema'
import Agent from '#models/agent'
import User from '#models/user'
import { belongsTo, scope } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'

/** One row of the audit log, for reading; `services/audit.ts` alone appends. */
export default class AuditEntry extends AuditLogSchema {
  static table = 'audit_log'

  /** Looks at a person's pictures and days. */
  static looks = scope((query) => {
    query.where('kind', 'look')
  })

  @belongsTo(() => User, { foreignKey: 'actorId' })
  declare viewer: BelongsTo<typeof User>

  /** Whom it is about. */
  @belongsTo(() => User, { foreignKey: 'personId' })
  declare person: BelongsTo<typeof User>

  @belongsTo(() => Agent)
  declare agent: BelongsTo<typeof Agent>
}
