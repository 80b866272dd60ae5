import { BaseSchema } from '@adonisjs/lucid/schema'

/** Exports that are made beside the requests, and jobs that were given up. */
export default class extends BaseSchema {
  async up() {
    /** One zip of everything about a person, for whoever asked for it, until it expires. */
    this.schema.createTable('exports', (table) => {
      table.increments('id')
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.integer('asked_by').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('purpose', 200).nullable()
      table.string('state', 16).notNullable()
      table.string('reason', 500).nullable()
      table.integer('files').unsigned().nullable()
      table.bigint('bytes').nullable()
      table.string('manifest_sha256', 64).nullable()
      table.bigint('asked_at').notNullable()
      table.bigint('done_at').nullable()
      table.bigint('expires_at').nullable()
      table.index(['asked_by', 'id'])
      table.index(['person_id', 'id'])
      table.index(['expires_at'])
    })

    /** Kept by whichever driver carries the queue. */
    this.schema.createTable('failed_jobs', (table) => {
      table.increments('id')
      table.string('name', 64).notNullable()
      table.text('payload').notNullable()
      table.text('error').notNullable()
      table.integer('attempts').unsigned().notNullable()
      table.bigint('failed_at').notNullable()
      table.index(['failed_at'])
    })
  }

  async down() {
    this.schema.dropTable('failed_jobs')
    this.schema.dropTable('exports')
  }
}
