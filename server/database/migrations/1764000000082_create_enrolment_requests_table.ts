import { BaseSchema } from '@adonisjs/lucid/schema'

/** Computers that ask to be let in, until somebody who compared their code says yes or no. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('enrolment_requests', (table) => {
      table.increments('id')
      /** What the computer shows, without its hyphen. */
      table.string('user_code', 8).notNullable().unique()
      /** Of the secret that the computer asks with; an enrolment code has it once somebody said yes. */
      table.string('hash', 64).notNullable().unique()
      table.string('host', 255).notNullable()
      table.string('platform', 32).notNullable()
      table.string('agent_version', 32).notNullable()
      table.string('site', 64).notNullable()
      /** What the computer wants to be called, and for whom it was asked. */
      table.string('name', 120).nullable()
      table.string('person', 255).nullable()
      table.string('address', 45).notNullable()
      table.string('state', 16).notNullable()
      table.integer('enrolment_code_id').unsigned().nullable()
      table.integer('interval_seconds').unsigned().notNullable()
      table.bigint('polled_at').nullable()
      table.bigint('expires_at').notNullable().index()
      table.bigint('asked_at').notNullable()
    })
  }

  async down() {
    this.schema.dropTable('enrolment_requests')
  }
}
