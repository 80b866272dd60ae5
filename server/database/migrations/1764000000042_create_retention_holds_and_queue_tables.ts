import { QueueSchemaService } from '@adonisjs/queue'
import { BaseSchema } from '@adonisjs/lucid/schema'

/** What retention must not touch, and the queue of jobs. */
export default class extends BaseSchema {
  async up() {
    /** Everything of a person that was captured within the span stays until the hold is released. */
    this.schema.createTable('retention_holds', (table) => {
      table.increments('id')
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.bigint('from').notNullable()
      table.bigint('until').notNullable()
      table.string('reason', 500).notNullable()
      table.bigint('created_at').notNullable()
      table.bigint('released_at').nullable()
      table.index(['person_id', 'released_at'])
    })
    this.defer(async (db) => {
      const queue = new QueueSchemaService(db.getWriteClient())
      await queue.createJobsTable()
      await queue.createSchedulesTable()
    })
  }

  async down() {
    this.schema.dropTable('retention_holds')
    this.defer(async (db) => {
      const queue = new QueueSchemaService(db.getWriteClient())
      await queue.dropSchedulesTable()
      await queue.dropJobsTable()
    })
  }
}
