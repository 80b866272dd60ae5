import { BaseSchema } from '@adonisjs/lucid/schema'

/** People: who signs in, and who is monitored. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('teams', (table) => {
      table.increments('id')
      table.string('name', 120).notNullable().unique()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
    })

    this.schema.createTable('users', (table) => {
      table.increments('id')
      table
        .integer('team_id')
        .unsigned()
        .nullable()
        .references('teams.id')
        .onDelete('SET NULL')
        .index()
      table.string('email', 254).notNullable().unique()
      table.string('full_name', 120).notNullable()
      table.string('password', 255).notNullable()
      table.string('role', 16).notNullable()
      table.string('time_zone', 64).notNullable().defaultTo('UTC')
      table.bigint('disabled_at').nullable()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
    })

    /** Whose captures a manager may see. */
    this.schema.createTable('team_managers', (table) => {
      table.integer('team_id').unsigned().notNullable().references('teams.id').onDelete('CASCADE')
      table.integer('user_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.primary(['team_id', 'user_id'])
      table.index('user_id')
    })

    this.schema.createTable('user_access_tokens', (table) => {
      table.increments('id')
      table
        .integer('tokenable_id')
        .unsigned()
        .notNullable()
        .references('users.id')
        .onDelete('CASCADE')
      table.string('type', 32).notNullable()
      table.string('name', 120).nullable()
      table.string('hash', 80).notNullable()
      table.text('abilities').notNullable()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
      table.timestamp('last_used_at').nullable()
      table.timestamp('expires_at').nullable()
    })

    /** Links that sign in once: the secret's SHA-256, never the secret. */
    this.schema.createTable('sign_in_links', (table) => {
      table.increments('id')
      table.integer('user_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('hash', 64).notNullable().unique()
      table.bigint('expires_at').notNullable()
      table.bigint('used_at').nullable()
      table.timestamp('created_at').notNullable()
    })
  }

  async down() {
    this.schema.dropTable('sign_in_links')
    this.schema.dropTable('user_access_tokens')
    this.schema.dropTable('team_managers')
    this.schema.dropTable('users')
    this.schema.dropTable('teams')
  }
}
