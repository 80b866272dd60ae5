import { BaseSchema } from '@adonisjs/lucid/schema'
import { observationColumns } from '#database/observation_columns'

/** What agents observed, what was deleted of it, and who looked. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('heartbeats', (table) => {
      observationColumns(table)
      table.string('state', 16).notNullable()
      table.float('seconds_since_input').nullable()
      table.json('body').notNullable()
    })

    this.schema.createTable('screenshots', (table) => {
      observationColumns(table)
      table.string('capture_group', 36).notNullable()
      table.json('display').notNullable()
      table.integer('width').unsigned().notNullable()
      table.integer('height').unsigned().notNullable()
      table.string('media_type', 16).notNullable()
      table.integer('bytes').unsigned().notNullable()
      table.string('sha256', 64).notNullable()
      table.string('dhash', 16).notNullable()
      table.string('source', 64).notNullable()
      table.boolean('simulated').notNullable()
      table.string('degraded', 16).nullable()
      table.string('media_key', 160).notNullable()
      table.index(['captured_at', 'id'])
    })

    this.schema.createTable('unchanged_screens', (table) => {
      observationColumns(table)
      table.string('capture_group', 36).notNullable()
      table.json('display').notNullable()
      table.string('same_as', 36).notNullable()
      table.index(['agent_id', 'same_as'])
    })

    this.schema.createTable('gaps', (table) => {
      observationColumns(table)
      table.string('what', 32).notNullable()
      table.string('cause', 32).notNullable()
      table.bigint('from').notNullable()
      table.bigint('until').notNullable()
    })

    /** What was deleted on purpose: a hole in the sequence that is no loss, an id that stays taken. */
    this.schema.createTable('deletions', (table) => {
      table.string('id', 36).notNullable()
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.bigint('seq').notNullable()
      table.string('kind', 32).notNullable()
      table.bigint('captured_at').notNullable()
      table.bigint('deleted_at').notNullable()
      table.string('content_sha256', 64).notNullable()
      table.primary(['agent_id', 'seq'])
      table.unique(['id', 'agent_id'])
    })
  }

  async down() {
    for (const table of ['deletions', 'gaps', 'unchanged_screens', 'screenshots', 'heartbeats']) {
      this.schema.dropTable(table)
    }
  }
}
