import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * Who looked at what, who changed what, who signed in: appended, never changed. Each row seals the
 * one before it. Nothing refers to other tables, so that no deletion reaches in here.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('audit_log', (table) => {
      /** 1, 2, 3 … without a hole. */
      table.bigint('id').notNullable().primary()
      table.bigint('at').notNullable()
      /** `look`, `change` or `sign_in`, and what of it: `screenshot`, `user.update`, `password`. */
      table.string('kind', 16).notNullable()
      table.string('action', 64).notNullable()
      /** Who: a user, or a command on the server, which has no number. */
      table.string('actor', 16).notNullable()
      table.integer('actor_id').unsigned().nullable()
      /** The person and the computer that it is about. */
      table.integer('person_id').unsigned().nullable()
      table.integer('agent_id').unsigned().nullable()
      table.string('object_id', 64).nullable()
      table.string('purpose', 200).nullable()
      /** What was and what is, as JSON text. */
      table.text('details').nullable()
      table.string('address', 45).nullable()
      table.string('previous_hash', 64).notNullable().unique()
      table.string('hash', 64).notNullable()
      table.index(['person_id', 'kind', 'id'])
      table.index(['object_id', 'id'])
      table.index(['actor_id', 'id'])
    })

    /** The end of the log: one row, which is locked by whoever appends. */
    this.schema.createTable('audit_head', (table) => {
      table.integer('id').unsigned().notNullable().primary()
      table.bigint('last_id').notNullable()
      table.string('last_hash', 64).notNullable()
    })
  }

  async down() {
    this.schema.dropTable('audit_head')
    this.schema.dropTable('audit_log')
  }
}
