import { BaseSchema } from '@adonisjs/lucid/schema'

/** What the report of looks counts, so that the index alone is read. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('audit_log', (table) => {
      table.index(['kind', 'at', 'actor_id', 'person_id', 'action'], 'audit_log_looks')
    })
  }

  async down() {
    this.schema.alterTable('audit_log', (table) => {
      table.dropIndex([], 'audit_log_looks')
    })
  }
}
