import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * That something about an agent changed (its token, its person, its policy), so that every process
 * forgets what it remembered of it. Without an agent: of all of them. Lines live for an hour.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('agent_changes', (table) => {
      table.bigIncrements('id')
      table.integer('agent_id').unsigned().nullable()
      table.bigint('at').notNullable().index()
    })
  }

  async down() {
    this.schema.dropTable('agent_changes')
  }
}
