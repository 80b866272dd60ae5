import { BaseSchema } from '@adonisjs/lucid/schema'

/** Whose days: when they begin and in which zone; and why somebody looks at them. */
export default class extends BaseSchema {
  async up() {
    this.schema.alterTable('users', (table) => {
      /** When a day begins, in minutes after midnight in the person's zone. */
      table.smallint('day_start_minutes').unsigned().notNullable().defaultTo(240)
    })

    /** Zones in which a person lived until a day, exclusive; the zone of today stands with the person. */
    this.schema.createTable('former_zones', (table) => {
      table.integer('user_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('until_day', 10).notNullable()
      table.string('time_zone', 64).notNullable()
      table.primary(['user_id', 'until_day'])
    })

    /** Why a viewer looks at a person's days, given once a day. */
    this.schema.createTable('purposes', (table) => {
      table.increments('id')
      table.integer('viewer_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.integer('person_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
      table.string('given_on', 10).notNullable()
      table.string('text', 200).notNullable()
      table.bigint('given_at').notNullable()
      table.index(['viewer_id', 'person_id', 'given_on'])
      table.index(['person_id', 'given_at'])
    })

    this.schema.alterTable('gaps', (table) => {
      table.index(['agent_id', 'from'])
    })

    this.schema.alterTable('evictions', (table) => {
      table.index(['agent_id', 'evicted_captured_at'])
    })
  }

  async down() {
    this.schema.alterTable('evictions', (table) => {
      table.dropIndex(['agent_id', 'evicted_captured_at'])
    })
    this.schema.alterTable('gaps', (table) => {
      table.dropIndex(['agent_id', 'from'])
    })
    this.schema.dropTable('purposes')
    this.schema.dropTable('former_zones')
    this.schema.alterTable('users', (table) => {
      table.dropColumn('day_start_minutes')
    })
  }
}
