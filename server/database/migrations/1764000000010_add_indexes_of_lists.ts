import { BaseSchema } from '@adonisjs/lucid/schema'

/** Lists over all agents go by (time, id). */
const LISTED = ['heartbeats', 'activities', 'gaps', 'evictions', 'deletions']

/** What an agent sent in a day is summed from the index alone. */
const MEDIA = ['screenshots', 'recordings']

/**
 * Lists without a filter and sums of a day. On MySQL a FLOAT of Knex holds eight digits, two of them
 * behind the point: a frame rate lost the others, and eleven days without input did not fit.
 */
export default class extends BaseSchema {
  async up() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.index(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.index(['agent_id', 'received_at', 'bytes']))
    }
    if (this.db.dialect.name === 'mysql') {
      this.schema.alterTable('recordings', (table) => {
        table.double('frame_rate').notNullable().alter()
      })
      this.schema.alterTable('heartbeats', (table) => {
        table.double('seconds_since_input').nullable().alter()
      })
    }
  }

  /** The numbers stay as exact as they are. */
  async down() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.dropIndex(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.dropIndex(['agent_id', 'received_at', 'bytes']))
    }
  }
}
