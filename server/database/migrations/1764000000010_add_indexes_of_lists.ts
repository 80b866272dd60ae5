import { BaseSchema } from '@adonisjs/lucid/schema'

/** Lists over all agents go by (time, id). */
const LISTED = ['heartbeats', 'activities', 'gaps', 'evictions', 'deletions']

/** What an agent sent in a day is summed from the index alone. */
const MEDIA = ['screenshots', 'recordings']

/** Lists without a filter, and sums of a day. */
export default class extends BaseSchema {
  async up() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.index(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.index(['agent_id', 'received_at', 'bytes']))
    }
  }

  async down() {
    for (const name of LISTED) {
      this.schema.alterTable(name, (table) => table.dropIndex(['captured_at', 'id']))
    }
    for (const name of MEDIA) {
      this.schema.alterTable(name, (table) => table.dropIndex(['agent_id', 'received_at', 'bytes']))
    }
  }
}
