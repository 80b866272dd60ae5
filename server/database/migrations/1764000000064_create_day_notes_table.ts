import { BaseSchema } from '@adonisjs/lucid/schema'

/** What people say about their own days, and what they contest. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('day_notes', (table) => {
      table.increments('id')
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('day', 10).notNullable()
      /** `note`, or `contest`: something on the page is wrong, and somebody has to answer. */
      table.string('kind', 16).notNullable()
      /** The moment it is about, where it is about one. */
      table.bigint('about_at').nullable()
      table.text('text').notNullable()
      table.bigint('written_at').notNullable()
      table.text('answer').nullable()
      table.integer('answered_by').unsigned().nullable().references('users.id').onDelete('SET NULL')
      table.bigint('answered_at').nullable()
      table.index(['person_id', 'day', 'id'])
      table.index(['kind', 'answered_at'])
    })
  }

  async down() {
    this.schema.dropTable('day_notes')
  }
}
