import { BaseSchema } from '@adonisjs/lucid/schema'

/** Settings of the organisation, invitations, second factors. */
export default class extends BaseSchema {
  async up() {
    this.schema.createTable('settings', (table) => {
      table.string('key', 64).notNullable().primary()
      /** JSON text. */
      table.text('value').notNullable()
      table.bigint('updated_at').notNullable()
    })

    this.schema.alterTable('sign_in_links', (table) => {
      /** `sign_in`, `invitation` or `reset`. */
      table.string('purpose', 16).notNullable().defaultTo('sign_in')
    })

    this.schema.alterTable('users', (table) => {
      /** Until the invitation is accepted. */
      table.bigint('invited_at').nullable()
      /** That a new password was asked for at the sign-in, until there is one. */
      table.bigint('reset_asked_at').nullable()
      /** Encrypted; it counts from `two_factor_at` on. */
      table.text('two_factor_secret').nullable()
      table.bigint('two_factor_at').nullable()
      /** The last step whose code was used: no code is good twice. */
      table.bigint('two_factor_step').nullable()
    })

    this.schema.createTable('recovery_codes', (table) => {
      table.increments('id')
      table.integer('user_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('hash', 64).notNullable()
      table.bigint('used_at').nullable()
      table.unique(['user_id', 'hash'])
    })
  }

  async down() {
    this.schema.dropTable('recovery_codes')
    this.schema.alterTable('users', (table) => {
      table.dropColumns(
        'invited_at',
        'reset_asked_at',
        'two_factor_secret',
        'two_factor_at',
        'two_factor_step'
      )
    })
    this.schema.alterTable('sign_in_links', (table) => {
      table.dropColumn('purpose')
    })
    this.schema.dropTable('settings')
  }
}
