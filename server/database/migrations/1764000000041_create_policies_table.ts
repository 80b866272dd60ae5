import { BaseSchema } from '@adonisjs/lucid/schema'

/** Policies: one for the organisation, a team, a person or an agent, each with its versions. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('policies', (table) => {
      table.increments('id')
      table.string('level', 16).notNullable()
      /** The team, person or agent; 0 for the organisation. */
      table.integer('subject_id').unsigned().notNullable()
      table.timestamp('created_at').notNullable()
      table.timestamp('updated_at').nullable()
      table.unique(['level', 'subject_id'])
    })

    /** Published versions, never changed. Their ids grow over all policies. */
    this.schema.createTable('policy_versions', (table) => {
      table.increments('id')
      table
        .integer('policy_id')
        .unsigned()
        .notNullable()
        .references('policies.id')
        .onDelete('CASCADE')
      table.json('values').notNullable()
      /** Keys that levels below may not set. */
      table.json('locked').notNullable()
      table.integer('author_id').unsigned().nullable().references('users.id').onDelete('SET NULL')
      /** Why, and under which impact assessment, where something loosened. */
      table.string('reason', 500).nullable()
      table.bigint('published_at').notNullable()
      table.index(['policy_id', 'id'])
    })
  }

  async down() {
    this.schema.dropTable('policy_versions')
    this.schema.dropTable('policies')
  }
}
