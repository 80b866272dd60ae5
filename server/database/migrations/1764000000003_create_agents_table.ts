import { BaseSchema } from '@adonisjs/lucid/schema'

/** Machines that observe: their identity, their codes, their tokens, what their people acknowledged. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('agents', (table) => {
      table.increments('id')
      table.string('name', 120).notNullable()
      table.string('site', 64).notNullable()
      table.string('host', 255).notNullable()
      table.string('platform', 32).notNullable()
      table.string('agent_version', 32).notNullable()
      table
        .integer('person_id')
        .unsigned()
        .nullable()
        .references('users.id')
        .onDelete('SET NULL')
        .index()
      table.integer('enrolment_code_id').unsigned().nullable()
      table.string('state', 16).nullable()
      table.bigint('last_seen_at').nullable()
      table.integer('interval_seconds').unsigned().nullable()
      /** Its newest heartbeat, so that no list has to look for it. */
      table.string('last_heartbeat_id', 36).nullable()
      /** The largest sequence number that was stored: what lies above it cannot be here yet. */
      table.bigint('last_seq').notNullable().defaultTo(0)
      /** Before this moment retention let something go: sums of that time are never counted down. */
      table.bigint('reduced_until').notNullable().defaultTo(0)
      table.bigint('revoked_at').nullable()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
    })

    this.schema.createTable('agent_access_tokens', (table) => {
      table.increments('id')
      table
        .integer('tokenable_id')
        .unsigned()
        .notNullable()
        .references('agents.id')
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

    this.schema.createTable('enrolment_codes', (table) => {
      table.increments('id')
      table.string('hash', 64).notNullable().unique()
      table.string('site', 64).notNullable()
      table.string('name', 120).nullable()
      table.integer('person_id').unsigned().nullable().references('users.id').onDelete('CASCADE')
      table.integer('created_by').unsigned().nullable().references('users.id').onDelete('SET NULL')
      table.integer('uses_allowed').unsigned().notNullable()
      table.integer('uses').unsigned().notNullable().defaultTo(0)
      table.bigint('expires_at').notNullable()
      table.bigint('revoked_at').nullable()
      table.timestamp('created_at').notNullable()
    })

    this.schema.createTable('acknowledgements', (table) => {
      table.increments('id')
      table.integer('agent_id').unsigned().notNullable().references('agents.id').onDelete('CASCADE')
      table.integer('person_id').unsigned().nullable().references('users.id').onDelete('SET NULL')
      table.integer('version').unsigned().notNullable()
      table.string('text_sha256', 64).notNullable()
      table.string('language', 16).notNullable()
      table.bigint('acknowledged_at').notNullable()
      table.timestamp('created_at').notNullable()
    })
  }

  async down() {
    this.schema.dropTable('acknowledgements')
    this.schema.dropTable('enrolment_codes')
    this.schema.dropTable('agent_access_tokens')
    this.schema.dropTable('agents')
  }
}
