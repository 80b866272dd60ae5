import { BaseSchema } from '@adonisjs/lucid/schema'

/** Browsers that sign their person in without the password: the secret's SHA-256, never the secret. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('remember_me_tokens', (table) => {
      table.increments('id')
      table
        .integer('tokenable_id')
        .unsigned()
        .notNullable()
        .references('users.id')
        .onDelete('CASCADE')
        .index()
      /** The first token of the browser, where this is not it. */
      table.integer('series').unsigned().nullable()
      table.string('hash', 64).notNullable()
      /** When it was exchanged for another of its series. */
      table.bigint('exchanged_at').nullable()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
      table.timestamp('expires_at').nullable()
    })
  }

  async down() {
    this.schema.dropTable('remember_me_tokens')
  }
}
