import { BaseSchema } from '@adonisjs/lucid/schema'

/** Lists over all agents go by (time, id). */
const LISTED = ['heartbeats', 'activities', 'gaps', 'evictions', 'deletions']

/** What an agent sent in a day is summed from the index alone. */
const MEDIA = ['screenshots', 'recordings']

/** Lists without a filter, sums of a day, and looks at what has a longer name than a UUID. */
export default class extends BaseSchema {
  async up() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.index(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.index(['agent_id', 'received_at', 'bytes']))
    }
    if (this.db.dialect.name === 'mysql') {
      this.schema.alterTable('accesses', (table) => {
        table.string('object_id', 64).notNullable().alter()
      })
    }
  }

  /** The column of `accesses` keeps its width: what is in it would not fit any more. */
  async down() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.dropIndex(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.dropIndex(['agent_id', 'received_at', 'bytes']))
    }
  }
}
