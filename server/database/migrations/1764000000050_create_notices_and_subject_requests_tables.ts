import { BaseSchema } from '@adonisjs/lucid/schema'

/** What people read, the chain of their acknowledgements, their pauses, and what they ask for. */
export default class extends BaseSchema {
  async up() {
    /** Texts of notices as machines showed them, by their SHA-256. */
    this.schema.createTable('notices', (table) => {
      table.string('text_sha256', 64).primary()
      table.integer('version').unsigned().notNullable()
      table.string('language', 16).notNullable()
      table.string('site', 64).notNullable()
      table.text('text', 'mediumtext').notNullable()
      table.bigint('first_seen_at').notNullable()
    })

    /** Each acknowledgement seals the one before it, so that a changed or missing one is found. */
    this.schema.alterTable('acknowledgements', (table) => {
      /** Who, as it was then: the account may be gone later. */
      table.string('subject', 64).nullable()
      table.bigint('kept_at').nullable()
      table.string('previous_sha256', 64).nullable().unique()
      table.string('entry_sha256', 64).nullable()
    })

    this.schema.alterTable('agents', (table) => {
      table.bigint('paused_until').nullable()
      /** Numbers up to this one were erased: no hole in the sequence is a loss there. */
      table.bigint('erased_seq').nullable()
    })

    /** What a person asks for under data protection law, and what became of it. */
    this.schema.createTable('subject_requests', (table) => {
      table.increments('id')
      table.integer('person_id').unsigned().nullable().references('users.id').onDelete('SET NULL')
      table.string('kind', 16).notNullable()
      table.string('state', 16).notNullable()
      table.text('note').nullable()
      table.bigint('asked_at').notNullable()
      table.bigint('due_at').notNullable()
      table.integer('decided_by').unsigned().nullable().references('users.id').onDelete('SET NULL')
      table.bigint('decided_at').nullable()
      table.text('answer').nullable()
      table.bigint('done_at').nullable()
      table.text('receipt').nullable()
      table.index(['person_id', 'id'])
      table.index(['state', 'due_at'])
    })
  }

  async down() {
    this.schema.dropTable('subject_requests')
    this.schema.alterTable('agents', (table) => {
      table.dropColumns('paused_until', 'erased_seq')
    })
    this.schema.alterTable('acknowledgements', (table) => {
      table.dropUnique(['previous_sha256'])
      table.dropColumns('subject', 'kept_at', 'previous_sha256', 'entry_sha256')
    })
    this.schema.dropTable('notices')
  }
}
